//! How a webhook is: on, off, or in trouble with its endpoint.

use std::collections::HashMap;

use domain::endpoint::{Endpoint, Health, Scopes};
use domain::timestamp::Timestamp;
use domain::webhook::{Webhook, WebhookState};
use maud::{Markup, html};

use super::text;
use crate::Api;
use crate::error::ApiError;

/// What is known of the endpoints of some webhooks.
pub(super) struct Endpoints(HashMap<Endpoint, Health>);

/// What is wrong with a webhook's endpoint.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Trouble {
    /// Since when nothing was accepted.
    pub(super) since: Option<Timestamp>,
    /// Until when it is left alone.
    pub(super) paused_until: Option<Timestamp>,
}

impl Endpoints {
    /// Of webhooks of one user.
    pub(super) async fn of(api: &Api, webhooks: &[&Webhook]) -> Result<Self, ApiError> {
        let mut endpoints: Vec<Endpoint> =
            webhooks.iter().map(|webhook| endpoint(webhook)).collect();
        endpoints.sort_by(|one, other| one.host.cmp(&other.host));
        endpoints.dedup();
        let known = api.store.healths(&endpoints, &[]).await?;
        Ok(Self(known.endpoints))
    }

    pub(super) fn trouble(&self, webhook: &Webhook, now: Timestamp) -> Trouble {
        let definition = &webhook.definition;
        let Some(health) = self.0.get(&endpoint(webhook)) else {
            return Trouble::default();
        };
        let scopes = Scopes::of(&definition.request_url, !definition.ignore_ssl_errors);
        let outages = || scopes.all().filter_map(|scope| health.outages.get(scope));
        Trouble {
            since: outages().filter_map(|outage| outage.since).min(),
            paused_until: outages()
                .filter_map(|outage| outage.paused_until)
                .max()
                .filter(|until| *until > now),
        }
    }
}

fn endpoint(webhook: &Webhook) -> Endpoint {
    Endpoint::of(&webhook.user, &webhook.definition.request_url)
}

/// The state as a mark and a word.
pub(super) fn badge(webhook: &Webhook, trouble: Trouble) -> Markup {
    let is_failing = trouble.since.or(webhook.failing_since).is_some();
    let (class, word) = match webhook.state {
        WebhookState::Removed => ("off", "Deleted"),
        WebhookState::Disabled => ("off", "Off"),
        WebhookState::Enabled if trouble.paused_until.is_some() => ("bad", "Paused"),
        WebhookState::Enabled if is_failing => ("warn", "Failing"),
        WebhookState::Enabled => ("ok", "On"),
    };
    html! { span class={ "badge " (class) } { (word) } }
}

/// The same in a sentence, if there is something to say.
pub(super) fn explained(webhook: &Webhook, trouble: Trouble, now: Timestamp) -> Option<Markup> {
    match webhook.state {
        WebhookState::Removed => {
            Some(html! { "It was deleted. Its dispatches can still be read." })
        }
        WebhookState::Disabled => Some(match &webhook.disabled_because {
            Some(reason) => html! { (reason) },
            None => {
                html! { "Switched off by its owner " (text::when(webhook.modified_at, now)) "." }
            }
        }),
        WebhookState::Enabled => {
            let since = match (trouble.since, webhook.failing_since) {
                (Some(since), _) => Some(
                    html! { "Its endpoint has accepted nothing for " (text::how_long(since, now)) ". " },
                ),
                // Of a URL that is new, or was forgotten, nothing is known; the webhook is as it was.
                (None, Some(since)) => {
                    Some(html! { "It has been failing for " (text::how_long(since, now)) ". " })
                }
                (None, None) => None,
            };
            let paused = trouble.paused_until.map(|until| html! { "Nothing is sent until it is tried again " (text::when(until, now)) "." });
            (since.is_some() || paused.is_some())
                .then(|| html! { (since.unwrap_or_default()) (paused.unwrap_or_default()) })
        }
    }
}
