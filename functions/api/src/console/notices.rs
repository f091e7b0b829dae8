//! The last notices of a webhook, in words: what has changed about it, when, and why.

use domain::counted::counted;
use domain::id::WebhookId;
use domain::notice::{Change, MOST_DISPATCHES, Notice};
use domain::timestamp::Timestamp;
use domain::webhook::Webhook;
use maud::{Markup, html};

use super::text;
use crate::Api;
use crate::error::ApiError;

/// How many of them are shown. The API lists more.
const SHOWN: usize = 50;

/// The tab, the newest first.
pub(super) async fn tab(api: &Api, webhook: &Webhook) -> Result<Markup, ApiError> {
    let last = api.store.notices(&webhook.user, &webhook.id, SHOWN).await?;
    Ok(list(&webhook.id, &last, runtime::clock::now()))
}

/// These notices of a webhook.
pub(super) fn list(webhook: &WebhookId, notices: &[Notice], now: Timestamp) -> Markup {
    html! {
        @if notices.is_empty() {
            div.empty {
                h2 { "No notices" }
                p { "There is one when the webhook fails, recovers or is switched off, and when a last retry has failed. Each is kept for 30 days." }
            }
        } @else {
            ul.rows.dense { @for notice in notices { (row(webhook, notice, now)) } }
        }
        @if notices.len() == SHOWN { p.muted.below { "These are the last " (SHOWN) "." } }
    }
}

fn row(webhook: &WebhookId, notice: &Notice, now: Timestamp) -> Markup {
    let (class, word) = badge(&notice.change);
    html! {
        li.row {
            div.row-main {
                div.row-title {
                    span class={ "badge " (class) } { (word) }
                    strong { (words(&notice.change)) }
                    span.muted { (text::when(notice.created_at, now)) }
                }
                p { (notice.reason) }
                (more(webhook, &notice.change))
            }
        }
    }
}

/// How good or bad it is, as a mark and a word.
fn badge(change: &Change) -> (&'static str, &'static str) {
    match change {
        Change::WebhookFailing { .. } => ("warn", "Failing"),
        Change::WebhookRecovered { .. } => ("ok", "Recovered"),
        Change::WebhookDisabled => ("bad", "Off"),
        Change::WebhookEnabled => ("ok", "On"),
        Change::DispatchExhausted { .. } => ("bad", "Given up"),
        Change::RedeliveryFinished { .. } => ("waits", "Redelivered"),
        Change::EndpointPaused { .. } => ("warn", "Paused"),
        Change::EndpointResumed { .. } => ("ok", "Resumed"),
        Change::AdHocWebhookRejected { .. } => ("bad", "Refused"),
    }
}

/// What has changed.
fn words(change: &Change) -> String {
    match change {
        Change::WebhookFailing { .. } => "The webhook is failing".to_owned(),
        Change::WebhookRecovered { .. } => "The webhook delivers again".to_owned(),
        Change::WebhookDisabled => "The webhook was switched off".to_owned(),
        Change::WebhookEnabled => "The webhook was switched on".to_owned(),
        Change::DispatchExhausted { count, .. } => {
            format!("No more retries for {}", many(*count, "dispatch"))
        }
        Change::RedeliveryFinished { .. } => "The redelivery has ended".to_owned(),
        Change::EndpointPaused { paused, .. } => format!("Requests to {} are paused", paused.host),
        Change::EndpointResumed { paused } => {
            format!("Requests to {} are paused no longer", paused.host)
        }
        Change::AdHocWebhookRejected { count, .. } => {
            format!("{} not used", many(*count, "ad hoc definition"))
        }
    }
}

fn many(count: usize, thing: &str) -> String {
    counted(count as u64, thing)
}

/// What else there is to see of it.
fn more(webhook: &WebhookId, change: &Change) -> Markup {
    let address = format!("/console/webhooks/{webhook}");
    html! {
        @match change {
            Change::DispatchExhausted { count, dispatch_ids } => p.meta {
                @for id in dispatch_ids.iter().take(MOST_DISPATCHES) {
                    a.id href={ "/console/dispatches/" (id) } { (id) }
                }
                @if *count > dispatch_ids.len() { a href={ (address) "?status=FAILED" } { "All that failed" } }
            },
            Change::RedeliveryFinished { job_id, .. } => p.meta { a href={ (address) "/jobs/" (job_id) } { "The redelivery" } },
            Change::EndpointPaused { until, .. } => p.meta { "At first until " (text::moment(*until)) "." },
            Change::WebhookFailing { .. } | Change::WebhookRecovered { .. } | Change::WebhookDisabled
                | Change::WebhookEnabled | Change::EndpointResumed { .. } | Change::AdHocWebhookRejected { .. } => {},
        }
    }
}
