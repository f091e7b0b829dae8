//! What a definition would send about something that has happened. Nothing is sent, and nothing is
//! stored.

use axum::extract::State;
use axum::response::Response;
use domain::condition::Condition;
use domain::definition::Definition;
use domain::event::Event;
use domain::event_type::EventType;
use domain::fields::{FieldError, Fields};
use domain::grant::Grant;
use domain::id::{RunId, UserId, WebhookId};
use domain::rate::Counted;
use domain::signature::SecretVersions;
use domain::spread::Spread;
use domain::timestamp::Timestamp;
use domain::webhook::{Label, Lifetime, Webhook, WebhookState};
use serde::Serialize;
use serde_json::{Map, Value};

use super::resource::Resource;
use crate::body::JsonObject;
use crate::caller::LimitedCaller;
use crate::dispatches::Shown;
use crate::error::ApiError;
use crate::{Api, answer};

/// No secret has signed it.
const SIGNATURE: &str = "webhook-signature";

/// What would be sent, and about what.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Preview {
    pub(crate) event_type: &'static str,
    pub(crate) created_at: Timestamp,
    #[serde(flatten)]
    pub(crate) request: Shown,
}

/// `POST /v2/webhooks/preview`: a definition's fields, and of which run or build it is to be shown;
/// without one, as a test delivery.
pub(crate) async fn preview(
    State(api): State<Api>,
    LimitedCaller(user, grant): LimitedCaller,
    JsonObject(body): JsonObject,
) -> Result<Response, ApiError> {
    answer::data(&previewed(&api, (&user, &grant), body).await?)
}

pub(crate) async fn previewed(
    api: &Api,
    (user, grant): (&UserId, &Grant),
    body: Map<String, Value>,
) -> Result<Preview, ApiError> {
    let mut fields = Fields::new(body);
    let resource = Resource::take(&mut fields)?.map(|named| named.for_token(grant));
    let resource = resource.transpose()?;
    let definition = Definition::take(&mut fields)?;
    let kind = fields.take_text("eventType", 0..=usize::MAX)?;
    let kind = kind.map(|kind| EventType::parse(&kind)).transpose();
    let kind = kind.map_err(|error| FieldError::new("eventType", error))?;
    api.count(user, Counted::HeavyReads).await?;
    let now = runtime::clock::now();
    let event = match resource {
        None => Event::test(user, now).map_err(ApiError::internal)?,
        Some(resource) => {
            let events = resource.events(api, user).await?;
            chosen(events, kind, &definition)
                .ok_or_else(|| FieldError::new("eventType", "has not happened to it"))?
        }
    };
    let webhook = webhook_of(definition, user, now)?;
    let id = webhook.dispatch_id(&event);
    let mut request = Shown::of(api, &id, 1, &webhook, &event, now).await?;
    request.headers.retain(|header| header.name != SIGNATURE);
    Ok(Preview {
        event_type: webhook.definition.event_types.spelling_of(event.kind),
        created_at: event.created_at,
        request,
    })
}

/// The event of this type; else the last that the webhook would have heard of, or the last of all.
fn chosen(
    mut events: Vec<Event>,
    kind: Option<EventType>,
    definition: &Definition,
) -> Option<Event> {
    let awaited = definition.event_types.mask();
    let place = match kind {
        Some(kind) => events.iter().rposition(|event| event.kind == kind)?,
        None => events
            .iter()
            .rposition(|event| event.kind.bit() & awaited != 0)
            .unwrap_or(events.len().checked_sub(1)?),
    };
    Some(events.swap_remove(place))
}

/// A webhook that there is only now.
fn webhook_of(definition: Definition, user: &UserId, now: Timestamp) -> Result<Webhook, ApiError> {
    let id = WebhookId::from_bytes(runtime::chance::bytes()?);
    let run = RunId::parse("preview").map_err(ApiError::internal)?;
    Ok(Webhook {
        id,
        user: user.clone(),
        condition: Condition::Run(run),
        lifetime: Lifetime::Standing,
        definition,
        label: Label::default(),
        idempotency_key: None,
        version: 1,
        secret: SecretVersions::default(),
        state: WebhookState::Disabled,
        disabled_because: None,
        failing_since: None,
        hears_from: None,
        spread: Spread::default(),
        created_at: now,
        modified_at: now,
    })
}
