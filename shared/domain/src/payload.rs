//! The body of a webhook's request.

use serde::Serialize;
use serde_json::value::RawValue;

use crate::event::{Event, Subject};
use crate::webhook::Webhook;

/// The default payload (contract §3.1): five keys, in this order; the resource as it came. The event type is spelled as the webhook was
/// registered for it.
pub fn render(webhook: &Webhook, event: &Event) -> Result<String, serde_json::Error> {
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Payload<'a> {
        user_id: &'a str,
        created_at: String,
        event_type: &'a str,
        event_data: &'a Subject,
        resource: &'a RawValue,
    }
    serde_json::to_string(&Payload {
        user_id: event.user.as_str(),
        created_at: event.created_at.to_string(),
        event_type: webhook.definition.event_types.spelling_of(event.kind),
        event_data: &event.subject,
        resource: &event.resource,
    })
}
