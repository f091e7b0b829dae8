//! A webhook: what a user defined, with its identity and state.

use crate::ad_hoc::AdHocDefinition;
use crate::condition::Condition;
use crate::definition::Definition;
use crate::dispatch_id::DispatchId;
use crate::event::Event;
use crate::id::{RunId, UserId, WebhookId};
use crate::signature::SecretVersions;
use crate::spread::Spread;
use crate::timestamp::Timestamp;

pub use super::label::Label;
pub use super::lifetime::Lifetime;

/// A definition that is in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Webhook {
    /// Its id.
    pub id: WebhookId,
    /// Its owner.
    pub user: UserId,
    /// For which runs.
    pub condition: Condition,
    /// Whether it is standing or ad hoc.
    pub lifetime: Lifetime,
    /// What to send, where, and on which events.
    pub definition: Definition,
    /// What its owner says about it; never sent.
    pub label: Label,
    /// Its owner's own name for its creation: a second creation with the same key makes nothing.
    pub idempotency_key: Option<String>,
    /// Counts its changes, from 1.
    pub version: u32,
    /// What its requests are signed with.
    pub secret: SecretVersions,
    /// Whether it can be triggered, and whether its pending dispatches go on.
    pub state: WebhookState,
    /// Why it was switched off, if not by its owner.
    pub disabled_because: Option<String>,
    /// When it was found that its URL had accepted nothing for a while, if it was, and until it
    /// accepts something. Only a standing webhook that is in force is known to be failing.
    pub failing_since: Option<Timestamp>,
    /// Of an ad hoc webhook: events older than this do not fire it. That is the run's last
    /// resurrection before the webhook came, or began to wait for what it waits for.
    pub hears_from: Option<Timestamp>,
    /// Over how many keys its dispatches are spread.
    pub spread: Spread,
    /// When it was defined.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub modified_at: Timestamp,
}

/// Whether a webhook is in force.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WebhookState {
    /// In force.
    Enabled,
    /// Switched off: by its owner, or because its endpoint has failed for good.
    Disabled,
    /// Its owner has deleted it. The record stays for a while, so that its dispatches can be explained.
    Removed,
}

impl Webhook {
    /// The ad hoc webhook that came with the start of this run.
    pub fn ad_hoc(defined: &AdHocDefinition, user: &UserId, run: &RunId, at: Timestamp) -> Self {
        Self {
            id: defined.webhook_id(user, run),
            user: user.clone(),
            condition: Condition::Run(run.clone()),
            lifetime: Lifetime::AdHoc(run.clone()),
            definition: defined.definition.clone(),
            label: defined.label.clone(),
            idempotency_key: defined.idempotency_key.clone(),
            version: 1,
            secret: SecretVersions::default(),
            state: if defined.is_enabled {
                WebhookState::Enabled
            } else {
                WebhookState::Disabled
            },
            disabled_because: None,
            failing_since: None,
            hears_from: None,
            spread: Spread::default(),
            created_at: at,
            modified_at: at,
        }
    }

    /// Whether this version of an ad hoc webhook can hear of what `before` could not, so that it
    /// may be late for it.
    pub fn hears_more_than(&self, before: &Self) -> bool {
        let heard = |webhook: &Self| match webhook.state {
            WebhookState::Enabled => webhook.definition.event_types.mask(),
            WebhookState::Disabled | WebhookState::Removed => 0,
        };
        heard(self) & !heard(before) != 0
    }

    /// The dispatch that this event makes of it.
    pub fn dispatch_id(&self, event: &Event) -> DispatchId {
        DispatchId::derive(&self.id, &self.lifetime, &self.spread, event)
    }
}
