//! What a webhook's owner decides about it, as it is written on the wire: shown in answers, and the
//! ground that an update is laid over.

use domain::condition::Condition;
use domain::template::{HeadersTemplate, PayloadTemplate};
use domain::webhook::{Webhook, WebhookState};
use serde::Serialize;

/// Every field that a creation takes, but for the idempotency key, which is never shown. Reading
/// them makes the same webhook again.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Settings<'a> {
    is_ad_hoc: bool,
    should_interpolate_strings: bool,
    event_types: Vec<&'static str>,
    condition: &'a Condition,
    ignore_ssl_errors: bool,
    do_not_retry: bool,
    should_sign_with_ed25519: bool,
    request_url: &'a str,
    payload_template: Option<&'a str>,
    headers_template: Option<&'a str>,
    description: Option<&'a str>,
    title: Option<&'a str>,
    is_apify_integration: bool,
    is_enabled: bool,
    action_type: &'static str,
}

impl<'a> Settings<'a> {
    pub(crate) fn of(webhook: &'a Webhook) -> Self {
        let (definition, label) = (&webhook.definition, &webhook.label);
        let templates = &definition.templates;
        Self {
            is_ad_hoc: webhook.lifetime.is_ad_hoc(),
            should_interpolate_strings: templates.interpolate_strings,
            event_types: definition.event_types.names().collect(),
            condition: &webhook.condition,
            ignore_ssl_errors: definition.ignore_ssl_errors,
            do_not_retry: definition.do_not_retry,
            should_sign_with_ed25519: definition.sign_with_ed25519,
            request_url: definition.request_url.as_str(),
            payload_template: templates.payload.as_ref().map(PayloadTemplate::source),
            headers_template: templates.headers.as_ref().map(HeadersTemplate::source),
            description: label.description.as_deref(),
            title: label.title.as_deref(),
            is_apify_integration: label.is_apify_integration,
            is_enabled: webhook.state == WebhookState::Enabled,
            action_type: definition.action_type.name(),
        }
    }
}
