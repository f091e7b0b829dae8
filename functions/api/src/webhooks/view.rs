//! A webhook as its owner sees it (contract §1.4).

use domain::condition::Condition;
use domain::id::{UserId, WebhookId};
use domain::template::{HeadersTemplate, PayloadTemplate};
use domain::timestamp::Timestamp;
use domain::webhook::{Lifetime, Webhook, WebhookState};
use serde::Serialize;

use super::ACTION_TYPE;

/// Every field of the contract, in single answers and in lists alike.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct WebhookView<'a> {
    id: &'a WebhookId,
    created_at: Timestamp,
    modified_at: Timestamp,
    user_id: &'a UserId,
    is_ad_hoc: bool,
    should_interpolate_strings: bool,
    event_types: Vec<&'static str>,
    condition: &'a Condition,
    ignore_ssl_errors: bool,
    do_not_retry: bool,
    request_url: &'a str,
    payload_template: Option<&'a str>,
    headers_template: Option<&'a str>,
    description: Option<&'a str>,
    title: Option<&'a str>,
    is_apify_integration: bool,
    is_enabled: bool,
    action_type: &'static str,
}

impl<'a> WebhookView<'a> {
    pub(crate) fn of(webhook: &'a Webhook) -> Self {
        let (definition, label) = (&webhook.definition, &webhook.label);
        let templates = &definition.templates;
        Self {
            id: &webhook.id,
            created_at: webhook.created_at,
            modified_at: webhook.modified_at,
            user_id: &webhook.user,
            is_ad_hoc: webhook.lifetime == Lifetime::AdHoc,
            should_interpolate_strings: templates.interpolate_strings,
            event_types: definition.event_types.names().collect(),
            condition: &webhook.condition,
            ignore_ssl_errors: definition.ignore_ssl_errors,
            do_not_retry: definition.do_not_retry,
            request_url: definition.request_url.as_str(),
            payload_template: templates.payload.as_ref().map(PayloadTemplate::source),
            headers_template: templates.headers.as_ref().map(HeadersTemplate::source),
            description: label.description.as_deref(),
            title: label.title.as_deref(),
            is_apify_integration: label.is_apify_integration,
            is_enabled: webhook.state == WebhookState::Enabled,
            action_type: ACTION_TYPE,
        }
    }
}
