//! What a webhook's request carries: its body, and the headers that its owner wants.

use serde::Serialize;
use serde_json::value::RawValue;

use crate::definition::Definition;
use crate::event::Event;
use crate::template::{Context, RenderError};
use crate::webhook::Webhook;

/// The part of a request that is made for an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Content {
    /// The body: JSON.
    pub body: String,
    /// Headers besides the system's: names as they are written, and values.
    pub headers: Vec<(String, String)>,
}

/// Why there is no content.
#[derive(Debug, thiserror::Error)]
pub enum ContentError {
    /// The webhook's template cannot be sent with this event: its owner's business.
    #[error(transparent)]
    Template(#[from] RenderError),
    /// What we inserted could not be written: ours.
    #[error(transparent)]
    Json(#[from] serde_json::Error),
}

/// What this webhook sends about this event. The event type is spelled as the webhook was
/// registered for it.
pub fn content(webhook: &Webhook, event: &Event) -> Result<Content, ContentError> {
    content_of(&webhook.definition, event)
}

/// What a webhook of this definition would send.
pub fn content_of(definition: &Definition, event: &Event) -> Result<Content, ContentError> {
    let event_type = definition.event_types.spelling_of(event.kind);
    let context = Context::of(event, event_type)?;
    let body = match &definition.templates.payload {
        Some(template) => template.render(&context)?,
        None => default_payload(event, event_type)?,
    };
    let headers = match &definition.templates.headers {
        Some(template) => template.render(&context)?,
        None => Vec::new(),
    };
    Ok(Content { body, headers })
}

/// The default payload: five keys, in this order; the resource as it came.
pub(crate) fn default_payload(
    event: &Event,
    event_type: &str,
) -> Result<String, serde_json::Error> {
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Payload<'a, D> {
        user_id: &'a str,
        created_at: String,
        event_type: &'a str,
        event_data: D,
        resource: &'a RawValue,
    }
    serde_json::to_string(&Payload {
        user_id: event.user.as_str(),
        created_at: event.created_at.to_string(),
        event_type,
        event_data: event.data(),
        resource: &event.resource,
    })
}
