//! What the messages of a batch for one endpoint have in common: what one of them has found out,
//! the others do not ask again.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use domain::endpoint::{DEAD_AFTER, Health, ScopeId};
use domain::id::WebhookId;
use domain::timestamp::Timestamp;
use domain::webhook::Webhook;

#[derive(Debug)]
pub(crate) struct Peers(Mutex<Found>);

#[derive(Debug, Default)]
struct Found {
    /// Until when the endpoint is known as slow.
    slow_until: Option<Timestamp>,
    is_trusted: bool,
    scopes: HashMap<ScopeId, OfScope>,
    /// The webhooks of which it was found that they are failing, or are not any more.
    failing: HashMap<WebhookId, Failing>,
}

/// Whether a webhook was found to be failing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Failing {
    Yes,
    No,
}

#[derive(Debug, Default)]
struct OfScope {
    /// The pause that it probes after, once one has asked to.
    probe_until: Option<Timestamp>,
    /// How many attempts were not answered.
    unanswered: u32,
}

impl Peers {
    pub(crate) fn of(health: &Health) -> Self {
        Self(Mutex::new(Found {
            slow_until: health.slow_until,
            ..Found::default()
        }))
    }

    /// Whether this is the first message that wants to probe.
    pub(crate) fn begin_probe(&self, scope: &ScopeId, until: Timestamp) -> bool {
        let mut found = self.found();
        let of_scope = found.scopes.entry(scope.clone()).or_default();
        let is_first = of_scope.probe_until.is_none();
        of_scope.probe_until.get_or_insert(until);
        is_first
    }

    /// The pause that one of them probes after.
    pub(crate) fn probe_until(&self, scope: &ScopeId) -> Option<Timestamp> {
        self.found().scopes.get(scope)?.probe_until
    }

    /// Whether it is worth noting that the endpoint is slow until then: not if that is known of
    /// most of the time.
    pub(crate) fn is_news_of_slowness(&self, most: Timestamp, until: Timestamp) -> bool {
        let mut found = self.found();
        let is_news = found.slow_until.is_none_or(|known| known <= most);
        if is_news {
            found.slow_until = Some(until);
        }
        is_news
    }

    /// Whether this is the first message that found the endpoint to be trusted.
    pub(crate) fn is_news_of_trust(&self) -> bool {
        !std::mem::replace(&mut self.found().is_trusted, true)
    }

    /// Whether it is worth noting that there was no answer: of a batch no more than what makes a
    /// scope dead.
    pub(crate) fn is_news_of_silence(&self, scope: &ScopeId) -> bool {
        let mut found = self.found();
        let of_scope = found.scopes.entry(scope.clone()).or_default();
        of_scope.unanswered += 1;
        of_scope.unanswered <= DEAD_AFTER
    }

    /// Whether this is the first message that found this of a webhook.
    pub(crate) fn is_news_of(&self, webhook: &Webhook, failing: Failing) -> bool {
        let mut found = self.found();
        let known = found.failing.insert(webhook.id.clone(), failing);
        known != Some(failing)
    }

    fn found(&self) -> MutexGuard<'_, Found> {
        // Whoever panicked left nothing half done.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
