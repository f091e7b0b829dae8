//! Which webhooks an event triggers.
//!
//! Each condition has one *match document* that lists the webhooks that wait there. An event
//! satisfies at most three conditions, so at most three documents decide about it.

use crate::condition::Condition;
use crate::dispatch_id::DispatchId;
use crate::event::Event;
use crate::id::{UserId, WebhookId};
use crate::spread::Spread;
use crate::timestamp::Timestamp;
use crate::webhook::Lifetime;

/// Names one match document: a condition of one user.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MatchKey {
    /// Whose webhooks.
    pub user: UserId,
    /// For which runs.
    pub condition: Condition,
}

/// One webhook's line in a match document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MatchEntry {
    /// The webhook.
    pub webhook: WebhookId,
    /// A bit for each event type that triggers it
    /// ([`EventType::bit`](crate::event_type::EventType::bit)).
    pub events: u16,
    /// Whether it is in force.
    pub enabled: bool,
    /// Whether it is standing or ad hoc.
    pub lifetime: Lifetime,
    /// The dispatch that an ad hoc webhook has fired.
    pub fired_by: Option<DispatchId>,
    /// An ad hoc webhook that came after a resurrection of its run does not hear of what was
    /// before, however often it is reported.
    pub hears_from: Option<Timestamp>,
    /// Whether its owner has deleted it. Only ad hoc webhooks stay in the document then.
    pub is_removed: bool,
    /// Over how many keys its dispatches are spread.
    pub spread: Spread,
}

impl Event {
    /// The match documents that decide about this event.
    pub fn match_keys(&self) -> Vec<MatchKey> {
        let key = |condition| MatchKey {
            user: self.user.clone(),
            condition,
        };
        self.subject.conditions().into_iter().map(key).collect()
    }
}

impl MatchEntry {
    /// Whether this event triggers the webhook, as far as the document tells; an ad hoc webhook
    /// still has to be claimed. One that has fired for another event is out; one that has fired for
    /// this event is not: its dispatch may not have been sent.
    pub fn is_triggered_by(&self, event: &Event) -> bool {
        let is_past = self.hears_from.is_some_and(|from| event.created_at < from);
        let is_awaited = self.enabled && self.events & event.kind.bit() != 0;
        is_awaited && !is_past && !self.has_fired_for_another(event)
    }

    /// Whether it can still fire: what counts against the ad hoc webhooks that a run may have.
    pub fn is_live_ad_hoc(&self) -> bool {
        self.lifetime.is_ad_hoc() && self.fired_by.is_none() && !self.is_removed
    }

    /// Whether this event would trigger the webhook, were it not switched off. That goes on record,
    /// so that its owner can have it delivered later. An ad hoc webhook is not: it waits for its
    /// run, switched off or not, until it has fired.
    pub fn is_skipped_by(&self, event: &Event) -> bool {
        let would_be = self.events & event.kind.bit() != 0;
        !self.enabled && would_be && !self.lifetime.is_ad_hoc()
    }

    fn has_fired_for_another(&self, event: &Event) -> bool {
        let own = self.dispatch_id(event);
        self.fired_by.as_ref().is_some_and(|fired| *fired != own)
    }

    /// The dispatch that this event makes of the webhook: derived, so that every worker that sees
    /// the event names the same one.
    pub fn dispatch_id(&self, event: &Event) -> DispatchId {
        DispatchId::derive(&self.webhook, &self.lifetime, &self.spread, event)
    }
}
