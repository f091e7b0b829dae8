//! Dispatches as they are stored.

use std::net::IpAddr;

use domain::dispatch::{Call, CallDetails, Dispatch, DispatchState, Redelivery};
use domain::dispatch_id::DispatchId;
use domain::event::{EventKey, Subject};
use domain::event_type::EventType;
use domain::id::{ActorId, BuildId, JobId, RunId, TaskId, UserId, WebhookId};
use domain::timestamp::Timestamp;
use domain::webhook::Lifetime;
use serde::{Deserialize, Serialize};

use crate::error::StoreError;
use crate::table::batch::Item;
use crate::table::key::Key;

/// A dispatch waits for an attempt.
pub(crate) const ACTIVE: &str = "ACTIVE";
/// A dispatch was delivered.
pub(crate) const SUCCEEDED: &str = "SUCCEEDED";
/// A dispatch was given up.
pub(crate) const FAILED: &str = "FAILED";

#[derive(Serialize, Deserialize)]
struct DispatchItem {
    pk: String,
    sk: String,
    id: DispatchId,
    user: UserId,
    webhook: WebhookId,
    ad_hoc: bool,
    /// Not of a test delivery.
    #[serde(skip_serializing_if = "Option::is_none")]
    actor: Option<ActorId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    task: Option<TaskId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    run: Option<RunId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    build: Option<BuildId>,
    event: String,
    event_type: String,
    status: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_at: Option<Timestamp>,
    attempts: u32,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    calls: Vec<CallItem>,
    /// How many attempts there were when it was redelivered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    redelivered_after: Option<u32>,
    /// The job that has redelivered it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    redelivered_by: Option<JobId>,
    ttl: i64,
}

#[derive(Serialize, Deserialize)]
struct CallItem {
    started: Timestamp,
    finished: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    version: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    signed: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    remote: Option<IpAddr>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    headers: Option<String>,
}

/// The item of a dispatch whose record is kept until a time.
pub(crate) fn write(dispatch: &Dispatch, until: Timestamp) -> Result<Item, StoreError> {
    let Key { pk, sk } = Key::dispatch(&dispatch.user, &dispatch.id);
    let (actor, task, run, build) = match dispatch.subject.clone() {
        Subject::Run {
            actor_id,
            actor_task_id,
            actor_run_id,
        } => (Some(actor_id), actor_task_id, Some(actor_run_id), None),
        Subject::Build {
            actor_id,
            actor_build_id,
        } => (Some(actor_id), None, None, Some(actor_build_id)),
        Subject::Test => (None, None, dispatch.lifetime.run().cloned(), None),
    };
    let (status, reason, next_at) = match &dispatch.state {
        DispatchState::Active { next_at } => (ACTIVE, None, *next_at),
        DispatchState::Succeeded => (SUCCEEDED, None, None),
        DispatchState::Failed { reason } => (FAILED, Some(reason.clone()), None),
    };
    let again = dispatch.redelivery.as_ref();
    let item = DispatchItem {
        pk,
        sk,
        id: dispatch.id.clone(),
        user: dispatch.user.clone(),
        webhook: dispatch.webhook.clone(),
        ad_hoc: dispatch.lifetime.is_ad_hoc(),
        actor,
        task,
        run,
        build,
        event: dispatch.event.hash.clone(),
        event_type: dispatch.event_type.name().to_owned(),
        status: status.to_owned(),
        reason,
        next_at,
        attempts: dispatch.attempts(),
        calls: dispatch.calls.iter().map(CallItem::from).collect(),
        redelivered_after: again.map(|again| again.after),
        redelivered_by: again.and_then(|again| again.job.clone()),
        ttl: until.as_seconds(),
    };
    serde_dynamo::to_item(item).map_err(StoreError::item("dispatch"))
}

/// The dispatch of an item.
pub(crate) fn read(item: Item) -> Result<Dispatch, StoreError> {
    let item: DispatchItem = serde_dynamo::from_item(item).map_err(StoreError::item("dispatch"))?;
    let error = StoreError::item("dispatch");
    let lifetime = Lifetime::of(item.ad_hoc, item.run.as_ref())
        .ok_or_else(|| error("it is of an ad hoc webhook and names no run".to_owned()))?;
    let subject = match (item.actor, item.run, item.build) {
        (Some(actor_id), Some(actor_run_id), None) => Subject::Run {
            actor_id,
            actor_task_id: item.task,
            actor_run_id,
        },
        (Some(actor_id), None, Some(actor_build_id)) => Subject::Build {
            actor_id,
            actor_build_id,
        },
        (None, _, None) => Subject::Test,
        _ => return Err(error("it names no run and no build, or both".to_owned())),
    };
    let state = match item.status.as_str() {
        ACTIVE => DispatchState::Active {
            next_at: item.next_at,
        },
        SUCCEEDED => DispatchState::Succeeded,
        FAILED => DispatchState::Failed {
            reason: item.reason.unwrap_or_default(),
        },
        unknown => return Err(error(format!("its status is {unknown:?}"))),
    };
    Ok(Dispatch {
        event: EventKey {
            created_at: item.id.created_at(),
            hash: item.event,
        },
        id: item.id,
        user: item.user,
        webhook: item.webhook,
        lifetime,
        subject,
        event_type: EventType::parse(&item.event_type).map_err(StoreError::item("dispatch"))?,
        state,
        calls: item.calls.into_iter().map(Call::from).collect(),
        redelivery: item.redelivered_after.map(|after| Redelivery {
            after,
            job: item.redelivered_by,
        }),
    })
}

/// The attribute of one call.
pub(crate) fn write_call(call: &Call) -> Result<Item, StoreError> {
    serde_dynamo::to_item(CallItem::from(call)).map_err(StoreError::item("call"))
}

impl From<&Call> for CallItem {
    fn from(call: &Call) -> Self {
        Self {
            started: call.started_at,
            finished: call.finished_at,
            error: call.error_message.clone(),
            status: call.response_status,
            body: call.response_body.clone(),
            version: call.details.version,
            signed: call.details.signed_at,
            remote: call.details.remote,
            headers: call.details.response_headers.clone(),
        }
    }
}

impl From<CallItem> for Call {
    fn from(item: CallItem) -> Self {
        Self {
            started_at: item.started,
            finished_at: item.finished,
            error_message: item.error,
            response_status: item.status,
            response_body: item.body,
            details: CallDetails {
                version: item.version,
                signed_at: item.signed,
                remote: item.remote,
                response_headers: item.headers,
            },
        }
    }
}
