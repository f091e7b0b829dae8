//! A webhook in the list, and how it is called everywhere.

use domain::dispatch::Dispatch;
use domain::event_type::EventType;
use domain::timestamp::Timestamp;
use domain::webhook::{Webhook, WebhookState};
use maud::{Markup, html};
use store::Activity;

use crate::console::state::{Trouble, badge, explained};
use crate::console::{chart, text};

/// A webhook as the list shows it.
pub(super) struct Row {
    pub(super) webhook: Webhook,
    pub(super) activity: Activity,
    pub(super) recent: Vec<Dispatch>,
}

pub(super) fn item(row: &Row, trouble: Trouble, names_condition: bool, now: Timestamp) -> Markup {
    let webhook = &row.webhook;
    let (kind, id) = text::condition(&webhook.condition);
    html! {
        li.row {
            div.row-main {
                div.row-title {
                    (badge(webhook, trouble))
                    a.title href={ "/console/webhooks/" (webhook.id) } { (name(webhook)) }
                    @if webhook.lifetime.is_ad_hoc() { span.badge.plain { "Once" } }
                }
                p.url { (shown_url(webhook)) }
                @if let Some(why) = explained(webhook, trouble, now) { p class={ "why " (class_of(webhook)) } { (why) } }
                p.meta {
                    @if names_condition { span { (kind) " " span.id { (id) } } }
                    span { (events(webhook)) }
                }
            }
            div.row-side {
                @if !row.recent.is_empty() { (chart::spark(&row.recent)) }
                p.muted {
                    @match &row.activity.last {
                        Some(last) => { "Last dispatch " (text::when(last.event.created_at, now)) },
                        None if webhook.lifetime.is_ad_hoc() => { "Waiting for its run" },
                        None => { "Not triggered yet" },
                    }
                }
            }
        }
    }
}

/// How bad it is: what its owner wants is not bad at all.
fn class_of(webhook: &Webhook) -> &'static str {
    match (webhook.state, &webhook.disabled_because) {
        (WebhookState::Enabled, _) => "warn",
        (WebhookState::Disabled, Some(_)) => "bad",
        (WebhookState::Disabled, None) | (WebhookState::Removed, _) => "off",
    }
}

/// What a webhook is called: its title, or where it leads.
pub(in crate::console) fn name(webhook: &Webhook) -> String {
    let title = webhook
        .label
        .title
        .clone()
        .filter(|title| !title.trim().is_empty());
    title.unwrap_or_else(|| webhook.definition.request_url.redacted())
}

/// A webhook's URL without a password.
pub(in crate::console) fn shown_url(webhook: &Webhook) -> String {
    let url = &webhook.definition.request_url;
    match url.url().password() {
        None => url.as_str().to_owned(),
        Some(_) => {
            let mut shown = url.url().clone();
            // It has a host, so it can have a password.
            let _ = shown.set_password(Some("••••"));
            shown.to_string()
        }
    }
}

pub(in crate::console) fn events(webhook: &Webhook) -> String {
    let names = webhook.definition.event_types.names();
    let words = names.filter_map(|name| EventType::parse(name).ok());
    let words: Vec<_> = words.map(text::event).collect();
    words.join(", ")
}
