//! A dispatch as the owner of its webhook sees it.

use std::collections::BTreeMap;
use std::net::IpAddr;

use domain::condition::Condition;
use domain::dispatch::{Call, Dispatch, DispatchState};
use domain::dispatch_filter::Status;
use domain::dispatch_id::DispatchId;
use domain::event::Subject;
use domain::id::{UserId, WebhookId};
use domain::timestamp::Timestamp;
use domain::webhook::Webhook;
use serde::Serialize;

#[cfg(test)]
mod tests;

/// Every field of the contract, and two of ours: why there will be no further call, and when the
/// next one is due.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DispatchView<'a> {
    id: &'a DispatchId,
    user_id: &'a UserId,
    webhook_id: &'a WebhookId,
    created_at: Timestamp,
    status: &'static str,
    event_type: &'static str,
    event_data: &'a Subject,
    webhook: Option<WebhookSummary<'a>>,
    calls: Vec<CallView<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    failure_reason: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_attempt_at: Option<Timestamp>,
}

/// What the webhook is now, or was when it was deleted.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct WebhookSummary<'a> {
    action_type: &'static str,
    condition: &'a Condition,
    request_url: &'a str,
    is_ad_hoc: bool,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct CallView<'a> {
    started_at: Timestamp,
    finished_at: Timestamp,
    error_message: Option<&'a str>,
    response_status: Option<u16>,
    response_body: Option<&'a str>,
    duration_ms: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    response_headers: Option<BTreeMap<String, String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    remote_address: Option<IpAddr>,
}

impl<'a> DispatchView<'a> {
    /// A dispatch and its webhook, unless that has been deleted for so long that its record has
    /// expired.
    pub(crate) fn of(dispatch: &'a Dispatch, webhook: Option<&'a Webhook>) -> Self {
        let (failure_reason, next_attempt_at) = match &dispatch.state {
            DispatchState::Active { next_at } => (None, *next_at),
            DispatchState::Succeeded => (None, None),
            DispatchState::Failed { reason } => (Some(reason.as_str()), None),
        };
        let event_type = match webhook {
            Some(webhook) => webhook
                .definition
                .event_types
                .spelling_of(dispatch.event_type),
            None => dispatch.event_type.name(),
        };
        Self {
            id: &dispatch.id,
            user_id: &dispatch.user,
            webhook_id: &dispatch.webhook,
            created_at: dispatch.event.created_at,
            status: Status::of(&dispatch.state).name(),
            event_type,
            event_data: &dispatch.subject,
            webhook: webhook.map(WebhookSummary::of),
            calls: dispatch.calls.iter().map(CallView::of).collect(),
            failure_reason,
            next_attempt_at,
        }
    }
}

/// How long a call took.
pub(crate) fn duration_ms(call: &Call) -> u64 {
    let took = call.started_at.until(call.finished_at);
    u64::try_from(took.as_millis()).unwrap_or(u64::MAX)
}

/// The headers of these lines: names in lower case, and what came more than once joined, as HTTP
/// has it.
pub(crate) fn headers(lines: &str) -> BTreeMap<String, String> {
    let mut headers: BTreeMap<String, String> = BTreeMap::new();
    for (name, value) in lines.lines().filter_map(|line| line.split_once(':')) {
        let value = value.trim();
        headers
            .entry(name.trim().to_ascii_lowercase())
            .and_modify(|known| *known = format!("{known}, {value}"))
            .or_insert_with(|| value.to_owned());
    }
    headers
}

impl<'a> WebhookSummary<'a> {
    fn of(webhook: &'a Webhook) -> Self {
        Self {
            action_type: webhook.definition.action_type.name(),
            condition: &webhook.condition,
            request_url: webhook.definition.request_url.as_str(),
            is_ad_hoc: webhook.lifetime.is_ad_hoc(),
        }
    }
}

impl<'a> CallView<'a> {
    fn of(call: &'a Call) -> Self {
        Self {
            started_at: call.started_at,
            finished_at: call.finished_at,
            error_message: call.error_message.as_deref(),
            response_status: call.response_status,
            response_body: call.response_body.as_deref(),
            duration_ms: duration_ms(call),
            response_headers: call.details.response_headers.as_deref().map(headers),
            remote_address: call.details.remote,
        }
    }
}
