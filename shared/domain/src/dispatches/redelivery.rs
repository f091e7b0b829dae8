//! Redelivery: the owner of a webhook asks for a dispatch once more. The dispatch stays the same:
//! new calls are added to the old ones, under the same id, and the schedule of its retries begins
//! anew.

use crate::dispatch::{Dispatch, DispatchState, Redelivery};
use crate::event::Subject;
use crate::id::JobId;
use crate::timestamp::Timestamp;
use crate::webhook::{Webhook, WebhookState};

/// What the owner reads of a dispatch that is full ([`Dispatch::is_full`]).
pub const FULL: &str =
    "the dispatch was attempted so often that its record has no room for more attempts";

/// Why a dispatch cannot be redelivered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Its webhook is deleted.
    WebhookRemoved,
    /// Its webhook is switched off.
    WebhookDisabled,
}

/// What is to be done about a dispatch whose owner asks for it once more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// It has ended, and was redelivered so often that its record has no room for more ([`FULL`]).
    Refuse,
    /// It has ended: put this on record, then ask for its next attempt.
    Begin(Box<Dispatch>),
    /// Its next attempt waits for its time: put this on record, then ask for it.
    BringForward(Box<Dispatch>),
    /// Its next attempt is due: ask for it once more. Whoever asked before may have died between
    /// record and message.
    AskAgain,
    /// Its first attempt was asked for when it was made, and a worker may be at it: look after it
    /// when no worker can be any more.
    LookAfter,
}

impl Dispatch {
    /// What follows when its owner asks for it once more. An attempt that is asked for twice is
    /// made once.
    pub fn redelivery_step(&self, now: Timestamp) -> Step {
        match self.state {
            DispatchState::Succeeded | DispatchState::Failed { .. } if self.is_full() => {
                Step::Refuse
            }
            DispatchState::Succeeded | DispatchState::Failed { .. } => {
                Step::Begin(Box::new(self.redelivered(now, None)))
            }
            DispatchState::Active { next_at: Some(at) } if at > now => {
                Step::BringForward(Box::new(Self {
                    state: DispatchState::Active { next_at: Some(now) },
                    ..self.clone()
                }))
            }
            DispatchState::Active { .. } if self.calls.is_empty() && self.redelivery.is_none() => {
                Step::LookAfter
            }
            DispatchState::Active { .. } => Step::AskAgain,
        }
    }

    /// The dispatch, restarted: its next attempt is due at a time.
    #[must_use]
    pub fn redelivered(&self, at: Timestamp, job: Option<JobId>) -> Self {
        Self {
            state: DispatchState::Active { next_at: Some(at) },
            redelivery: Some(Redelivery {
                after: self.attempts(),
                job,
            }),
            ..self.clone()
        }
    }

    /// Which attempt this one is since the dispatch was made or redelivered, from 1: the retry
    /// schedule begins anew then.
    pub fn attempt_in_schedule(&self, attempt: u32) -> u32 {
        let before = self.redelivery.as_ref().map_or(0, |again| again.after);
        attempt.saturating_sub(before)
    }

    /// Whether a success of this attempt is news. It is not if the dispatch is delivered; or if it
    /// was, and its owner has asked for another delivery since that attempt.
    pub fn lacks_success(&self, attempt: u32) -> bool {
        let is_old = |again: &Redelivery| {
            let mut before = (1..=again.after).zip(&self.calls);
            attempt <= again.after && before.any(|(_, call)| call.is_success())
        };
        self.state != DispatchState::Succeeded && !self.redelivery.as_ref().is_some_and(is_old)
    }

    /// Whether its webhook, as it is now, lets it be redelivered. A test goes out whether its
    /// webhook is switched on or not.
    pub fn redelivery_refusal(&self, webhook: Option<&Webhook>) -> Option<Refusal> {
        let refusal = refusal(webhook);
        let is_trial = self.subject == Subject::Test;
        refusal.filter(|refusal| !(is_trial && *refusal == Refusal::WebhookDisabled))
    }
}

/// Why no dispatch of this webhook can be redelivered; `None` if all can.
pub fn refusal(webhook: Option<&Webhook>) -> Option<Refusal> {
    match webhook.map(|webhook| webhook.state) {
        Some(WebhookState::Enabled) => None,
        Some(WebhookState::Disabled) => Some(Refusal::WebhookDisabled),
        Some(WebhookState::Removed) | None => Some(Refusal::WebhookRemoved),
    }
}

impl Refusal {
    /// What the owner reads.
    pub fn message(self) -> &'static str {
        match self {
            Self::WebhookRemoved => {
                "the webhook was removed; its dispatches can be read, but not redelivered"
            }
            Self::WebhookDisabled => "the webhook is disabled; enable it first, then redeliver",
        }
    }
}

#[cfg(test)]
pub(crate) mod tests;
