//! A dispatch: one webhook triggered by one event, from its claim to its end.

mod call;

use crate::dispatch_id::DispatchId;
use crate::event::{Event, EventKey, Subject};
use crate::event_type::EventType;
use crate::id::{JobId, UserId, WebhookId};
use crate::matching::MatchEntry;
use crate::outcome::{Obstacle, Outcome, Verdict};
use crate::retry::Schedule;
use crate::spread::Spread;
use crate::timestamp::Timestamp;
use crate::webhook::{Lifetime, Webhook};

pub use call::{Call, CallDetails};

/// Why a webhook is switched off whose receiver answers 410, and why the dispatch ends.
pub const GONE: &str =
    "The endpoint answered 410: it no longer exists, so the webhook was disabled";

/// Why the dispatch of a webhook that is not to be retried ends: it was not delivered, or nobody
/// can know whether it was.
const NOT_RETRIED: &str = "Retries are turned off for this webhook";
const UNKNOWN: &str = "The request may have been sent, and the receiver may have acted on it; retries are turned off for this webhook";

/// After so many attempts a dispatch is not redelivered: they, and those of one more schedule, find
/// room in a record.
pub const ROOM: u32 = 300;

/// The unit that is delivered, retried and recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dispatch {
    /// Its id; receivers see it on every attempt.
    pub id: DispatchId,
    /// Owner of webhook and run.
    pub user: UserId,
    /// The webhook that was triggered.
    pub webhook: WebhookId,
    /// Whether that webhook is standing or ad hoc.
    pub lifetime: Lifetime,
    /// The run or build whose event it was.
    pub subject: Subject,
    /// The event.
    pub event: EventKey,
    /// Its type.
    pub event_type: EventType,
    /// How far it has come.
    pub state: DispatchState,
    /// What was tried, in order.
    pub calls: Vec<Call>,
    /// That its owner has asked for it once more, the last time that was so.
    pub redelivery: Option<Redelivery>,
}

/// How far a dispatch has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DispatchState {
    /// To be attempted: now, or not before a time.
    Active {
        /// When the next attempt is due; `None` before the first.
        next_at: Option<Timestamp>,
    },
    /// Delivered.
    Succeeded,
    /// Given up.
    Failed {
        /// Why there will be no further attempt, for its owner.
        reason: String,
    },
}

/// That a dispatch was restarted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redelivery {
    /// After how many attempts.
    pub after: u32,
    /// By which job, if not by name.
    pub job: Option<JobId>,
}

/// What follows an attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// Nothing: delivered.
    Succeeded,
    /// Nothing: given up, because another attempt would end the same or is not wanted.
    Failed {
        /// Why, for its owner.
        reason: String,
    },
    /// Nothing: given up, because it was tried, or waited, as often and as long as that is done.
    Exhausted {
        /// Why, for its owner.
        reason: String,
    },
    /// Another attempt.
    Retry {
        /// Not before then.
        at: Timestamp,
    },
}

impl Dispatch {
    /// The dispatch that this event makes of the webhook of this entry.
    pub fn new(entry: &MatchEntry, event: &Event) -> Self {
        Self::of(&entry.webhook, &entry.lifetime, &entry.spread, event)
    }

    /// The dispatch that this event would have made of the webhook of this entry, which is switched
    /// off.
    pub fn skipped(entry: &MatchEntry, event: &Event) -> Self {
        let reason = Obstacle::WebhookDisabled.message();
        Self {
            state: DispatchState::Failed { reason },
            ..Self::new(entry, event)
        }
    }

    /// A test delivery of this webhook: the same that its next event would get, but for its
    /// content.
    pub fn test(webhook: &Webhook, event: &Event) -> Self {
        Self::of(&webhook.id, &webhook.lifetime, &Spread::default(), event)
    }

    fn of(webhook: &WebhookId, lifetime: &Lifetime, spread: &Spread, event: &Event) -> Self {
        Self {
            id: DispatchId::derive(webhook, lifetime, spread, event),
            user: event.user.clone(),
            webhook: webhook.clone(),
            lifetime: lifetime.clone(),
            subject: event.subject.clone(),
            event: event.key(),
            event_type: event.kind,
            state: DispatchState::Active { next_at: None },
            calls: Vec::new(),
            redelivery: None,
        }
    }

    /// How many attempts are recorded.
    pub fn attempts(&self) -> u32 {
        u32::try_from(self.calls.len()).unwrap_or(u32::MAX)
    }

    /// How much memory its record takes, in bytes, about.
    pub fn length(&self) -> usize {
        let text = |text: &Option<String>| text.as_ref().map_or(0, String::len);
        let call = |call: &Call| {
            size_of::<Call>()
                + text(&call.error_message)
                + text(&call.response_body)
                + text(&call.details.response_headers)
        };
        self.calls.iter().map(call).sum()
    }

    /// Whether its record has no room for the attempts of another redelivery.
    pub fn is_full(&self) -> bool {
        self.attempts() >= ROOM
    }
}

/// Decides what follows attempt number `attempt` of the schedule
/// ([`Dispatch::attempt_in_schedule`]) that ended so at `now`. `jitter` is a number between 0 and
/// 1, by chance.
pub fn after(
    attempt: u32,
    outcome: &Outcome,
    do_not_retry: bool,
    schedule: &Schedule,
    now: Timestamp,
    jitter: f64,
) -> Next {
    let failed = |reason: String| Next::Failed { reason };
    match outcome.verdict() {
        Verdict::Accepted => return Next::Succeeded,
        Verdict::GiveUp if matches!(outcome, Outcome::NotSent(Obstacle::EndpointDead(_))) => {
            let reason = outcome.error_message().unwrap_or_default();
            return Next::Exhausted { reason };
        }
        Verdict::GiveUp => return failed(outcome.error_message().unwrap_or_default()),
        Verdict::Gone => return failed(GONE.to_owned()),
        Verdict::RetryLater if do_not_retry => return failed(NOT_RETRIED.to_owned()),
        Verdict::Unknown if do_not_retry => return failed(UNKNOWN.to_owned()),
        Verdict::RetryLater | Verdict::Unknown => {}
    }
    match schedule.wait(attempt, jitter) {
        None => Next::Exhausted {
            reason: match schedule.retries() {
                1 => "The only retry failed".to_owned(),
                retries => format!("All {retries} retries failed"),
            },
        },
        Some(wait) => Next::Retry {
            // A receiver can only ask for more time than it has anyway.
            at: now.after(wait.max(outcome.retry_after(now).unwrap_or_default())),
        },
    }
}

#[cfg(test)]
mod tests;
