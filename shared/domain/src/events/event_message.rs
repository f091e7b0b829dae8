//! The event message: what the platform puts on the event queue.
//!
//! A message is bare, or wrapped in an SNS notification or an EventBridge event. Whatever is wrong
//! with it is permanent: the error is the reason that a human reads on the rejected queue, so it
//! names the field and the value.

mod envelope;
mod error;
mod field;

use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use crate::ad_hoc::AdHoc;
use crate::event::{Event, Subject};
use crate::event_type::{EventType, SubjectKind, is_transitional};
use crate::excerpt::{excerpt, kind_of_json};
use crate::id::{ActorId, BuildId, RunId, TaskId, UserId};
use crate::timestamp::Timestamp;
use crate::trace_context::TraceContext;

use envelope::{Opened, check_depth, check_object, open};
use field::{agreed, id, number, object, required, text};

pub use error::MessageError;

/// What one message of the event queue brings.
#[derive(Clone, Debug)]
pub struct Arrival {
    /// The transition.
    pub event: Event,
    /// The ad hoc webhooks of the request that started the run.
    pub ad_hoc: AdHoc,
}

/// Reads one message. [`MessageError::NoEvent`] says that nothing is wrong and nothing is to be
/// done. `ad_hoc_limit` is the highest number of ad hoc webhooks that one run may have.
pub fn parse(body: &str, ad_hoc_limit: usize) -> Result<Arrival, MessageError> {
    let message = read(body)?;
    match open(&message)? {
        Opened::Bare => arrival(message, ad_hoc_limit),
        Opened::Inner(inner) => arrival(read(&inner)?, ad_hoc_limit),
    }
}

/// Reads an event from the message that [`Event::to_message`] has made of it: what was checked when
/// it came is not checked again.
pub fn parse_kept(message: &str) -> Result<Event, MessageError> {
    let message: Message = serde_json::from_str(message)?;
    if text("eventType", message.event_type)?.as_deref() == Some(EventType::Test.name()) {
        return trial(message);
    }
    Ok(arrival(message, 0)?.event)
}

/// The event of a test delivery with a resource. Only we keep such.
fn trial(message: Message<'_>) -> Result<Event, MessageError> {
    let created_at = required("createdAt", text("createdAt", message.created_at)?)?;
    let user = required("userId", text("userId", message.user_id)?)?;
    Ok(Event::test_with(
        &id("userId", user, UserId::parse)?,
        Timestamp::parse(&created_at)?,
        &text("eventId", message.event_id)?.unwrap_or_default(),
        required("resource", message.resource)?.to_owned(),
    ))
}

/// Each field is taken raw first and read on its own, so that an error can name it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Message<'a> {
    #[serde(borrow)]
    event_type: Option<&'a RawValue>,
    #[serde(borrow)]
    created_at: Option<&'a RawValue>,
    #[serde(borrow)]
    user_id: Option<&'a RawValue>,
    #[serde(borrow)]
    event_data: Option<&'a RawValue>,
    #[serde(borrow)]
    resource: Option<&'a RawValue>,
    #[serde(borrow)]
    webhooks: Option<&'a RawValue>,
    #[serde(borrow)]
    event_id: Option<&'a RawValue>,
    #[serde(borrow)]
    traceparent: Option<&'a RawValue>,
    #[serde(borrow)]
    chain_depth: Option<&'a RawValue>,
    /// What only a wrapping has.
    #[serde(rename = "Type", borrow)]
    sns_type: Option<&'a RawValue>,
    #[serde(rename = "Message", borrow)]
    sns_message: Option<&'a RawValue>,
    #[serde(rename = "detail-type", borrow)]
    detail_type: Option<&'a RawValue>,
    #[serde(borrow)]
    detail: Option<&'a RawValue>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct EventData<'a> {
    #[serde(borrow)]
    actor_id: Option<&'a RawValue>,
    #[serde(borrow, deserialize_with = "present")]
    actor_task_id: Option<&'a RawValue>,
    #[serde(borrow)]
    actor_run_id: Option<&'a RawValue>,
    #[serde(borrow)]
    actor_build_id: Option<&'a RawValue>,
}

/// A field that is there, be it `null`.
fn present<'de: 'a, 'a, D: Deserializer<'de>>(field: D) -> Result<Option<&'a RawValue>, D::Error> {
    <&RawValue>::deserialize(field).map(Some)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Resource<'a> {
    #[serde(borrow)]
    id: Option<&'a RawValue>,
    #[serde(borrow)]
    act_id: Option<&'a RawValue>,
    #[serde(borrow)]
    actor_task_id: Option<&'a RawValue>,
    #[serde(borrow)]
    user_id: Option<&'a RawValue>,
    #[serde(borrow)]
    status: Option<&'a RawValue>,
}

fn read(body: &str) -> Result<Message<'_>, MessageError> {
    check_depth(body)?;
    check_object(body)?;
    Ok(serde_json::from_str(body)?)
}

fn arrival(message: Message<'_>, ad_hoc_limit: usize) -> Result<Arrival, MessageError> {
    let raw_resource = required("resource", message.resource)?;
    let resource: Resource = object("resource", raw_resource)?;
    let data: EventData = message
        .event_data
        .map_or(Ok(EventData::default()), |raw| object("eventData", raw))?;
    let kind = kind(&message, &data, &resource)?;

    let user = agreed(
        ("userId", message.user_id),
        ("resource.userId", resource.user_id),
    )?;
    let user = id("userId", required("userId", user)?, UserId::parse)?;
    let created_at = required("createdAt", text("createdAt", message.created_at)?)?;
    Ok(Arrival {
        ad_hoc: ad_hoc_webhooks(kind, message.webhooks, ad_hoc_limit),
        event: Event {
            user,
            kind,
            created_at: Timestamp::parse(&created_at)?,
            subject: subject(kind, &data, &resource)?,
            platform_id: text("eventId", message.event_id)?,
            trace: trace(message.traceparent),
            chain_depth: number("chainDepth", message.chain_depth)?.unwrap_or_default(),
            has_null_task: data.actor_task_id.is_some_and(|task| task.get() == "null"),
            resource: raw_resource.to_owned(),
        },
    })
}

/// The trace that it belongs to. One that cannot be read is none, as the recommendation demands: no
/// event is bad because of it.
fn trace(raw: Option<&RawValue>) -> Option<TraceContext> {
    let text = text("traceparent", raw).ok()??;
    TraceContext::parse(&text)
}

/// The ad hoc webhooks that came along. Whatever is wrong with them is wrong with them alone. Only
/// a run can have any.
fn ad_hoc_webhooks(kind: EventType, raw: Option<&RawValue>, limit: usize) -> AdHoc {
    let Ok(parameter) = text("webhooks", raw) else {
        let found = raw.map_or("nothing", |raw| kind_of_json(raw.get()));
        return AdHoc::unreadable(format!("expected a base64 string, found {found}"));
    };
    let ad_hoc = AdHoc::decode(&parameter.unwrap_or_default(), limit);
    if kind.subject() == Some(SubjectKind::Run) {
        return ad_hoc;
    }
    let mut rejected = ad_hoc.rejected;
    for definition in ad_hoc.definitions {
        let reason = format!("only a run can have ad hoc webhooks, and {kind} is about a build");
        rejected.add(Some(definition.position), reason);
    }
    AdHoc {
        definitions: Vec::new(),
        rejected,
    }
}

/// The event type: named, or else the one that the resource's status stands for.
fn kind(
    message: &Message,
    data: &EventData,
    resource: &Resource,
) -> Result<EventType, MessageError> {
    if let Some(name) = text("eventType", message.event_type)? {
        let kind = EventType::parse(&name)?;
        return if kind.subject().is_some() {
            Ok(kind)
        } else {
            Err(MessageError::NotFromPlatform(kind))
        };
    }
    let subject = if data.actor_build_id.is_some() {
        SubjectKind::Build
    } else {
        SubjectKind::Run
    };
    let status = required("eventType", text("resource.status", resource.status)?)?;
    let status = excerpt(&status);
    match EventType::of_status(subject, &status) {
        Some(kind) => Ok(kind),
        None if is_transitional(&status) => Err(MessageError::NoEvent(status)),
        None => Err(MessageError::NoEventOfStatus(status)),
    }
}

/// The run or build, from `eventData` and `resource`, which must not contradict each other.
fn subject(
    kind: EventType,
    data: &EventData,
    resource: &Resource,
) -> Result<Subject, MessageError> {
    let actor = agreed(
        ("eventData.actorId", data.actor_id),
        ("resource.actId", resource.act_id),
    )?;
    let actor_id = id(
        "eventData.actorId",
        required("eventData.actorId", actor)?,
        ActorId::parse,
    )?;
    if kind.subject() == Some(SubjectKind::Build) {
        if data.actor_run_id.is_some() {
            return Err(MessageError::WrongSubject(
                kind,
                "actorBuildId, not actorRunId",
            ));
        }
        let build = agreed(
            ("eventData.actorBuildId", data.actor_build_id),
            ("resource.id", resource.id),
        )?;
        let actor_build_id = id(
            "eventData.actorBuildId",
            required("eventData.actorBuildId", build)?,
            BuildId::parse,
        )?;
        return Ok(Subject::Build {
            actor_id,
            actor_build_id,
        });
    }
    if data.actor_build_id.is_some() {
        return Err(MessageError::WrongSubject(
            kind,
            "actorRunId, not actorBuildId",
        ));
    }
    let run = agreed(
        ("eventData.actorRunId", data.actor_run_id),
        ("resource.id", resource.id),
    )?;
    let task = agreed(
        ("eventData.actorTaskId", data.actor_task_id),
        ("resource.actorTaskId", resource.actor_task_id),
    )?;
    Ok(Subject::Run {
        actor_id,
        actor_task_id: task
            .map(|task| id("eventData.actorTaskId", task, TaskId::parse))
            .transpose()?,
        actor_run_id: id(
            "eventData.actorRunId",
            required("eventData.actorRunId", run)?,
            RunId::parse,
        )?,
    })
}

#[cfg(test)]
mod tests;
