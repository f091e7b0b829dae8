//! Redelivery of all failed dispatches of a webhook, as a job in the background: a part of the
//! failed dispatches each minute, until the last of its range. Only one job of a webhook runs at a
//! time.

use crate::dispatch::{Dispatch, DispatchState};
use crate::due::Minute;
use crate::event::Subject;
use crate::id::{JobId, UserId, WebhookId};
use crate::redelivery::Refusal;
use crate::timestamp::Timestamp;

/// A job, and how far it has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Job {
    /// Its id.
    pub id: JobId,
    /// Owner of the webhook.
    pub user: UserId,
    /// The webhook, a standing one.
    pub webhook: WebhookId,
    /// Dispatches of events from then on; `None` for all that are on record.
    pub since: Option<Timestamp>,
    /// Dispatches of events before then.
    pub until: Timestamp,
    /// When it was asked for.
    pub started_at: Timestamp,
    /// How far it has come.
    pub progress: Progress,
    /// Whether it goes on.
    pub state: JobState,
}

/// How far a job has come.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Counts the parts that were dealt with.
    pub parts: u32,
    /// Where in the webhook's dispatches the last part ended. What it says is the store's business.
    pub cursor: Option<String>,
    /// How many dispatches were redelivered.
    pub redelivered: u32,
    /// In which minute it went on last.
    pub last_in: Option<Minute>,
}

/// Whether a job goes on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum JobState {
    /// There may be more to redeliver.
    Running,
    /// All of the range was dealt with.
    Finished {
        /// When.
        at: Timestamp,
    },
    /// It was given up, because the webhook cannot be delivered to any more.
    Stopped {
        /// When.
        at: Timestamp,
        /// Why.
        refusal: Refusal,
    },
}

/// What a job does about a dispatch of its range.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum JobStep {
    /// Redelivers it.
    Redeliver,
    /// Asks for its attempt once more: the job put that on record before, and may have died before
    /// it sent anything.
    AskAgain,
    /// Counts it: the job has redelivered it, and it was attempted since.
    Count,
    /// Nothing: it has not failed, or was redelivered so often that its record has no room for
    /// more.
    Pass,
}

impl Job {
    /// Whether this range is what the job was asked for: a repeated request means the job that
    /// runs.
    pub fn is_for(&self, since: Option<Timestamp>, until: Option<Timestamp>) -> bool {
        self.since == since && self.until == until.unwrap_or(self.started_at)
    }

    /// Whether it may go on now: it has its share once in a minute.
    pub fn may_go_on(&self, now: Timestamp) -> bool {
        self.state == JobState::Running && self.progress.last_in < Some(Minute::of(now))
    }

    /// What it does about a dispatch. However often a part is repeated, a dispatch is redelivered
    /// once by a job.
    pub fn step(&self, dispatch: &Dispatch) -> JobStep {
        let again = dispatch.redelivery.as_ref();
        match (again, &dispatch.state) {
            (Some(again), state) if again.job.as_ref() == Some(&self.id) => {
                let waits = matches!(state, DispatchState::Active { .. });
                if waits && again.after == dispatch.attempts() {
                    JobStep::AskAgain
                } else {
                    JobStep::Count
                }
            }
            (_, DispatchState::Failed { .. })
                if dispatch.subject != Subject::Test && !dispatch.is_full() =>
            {
                JobStep::Redeliver
            }
            _ => JobStep::Pass,
        }
    }

    /// The job after one more part, which ended there; without a place it was the last.
    #[must_use]
    pub fn after_part(&self, redelivered: u32, cursor: Option<String>, now: Timestamp) -> Self {
        let state = match cursor {
            Some(_) => JobState::Running,
            None => JobState::Finished { at: now },
        };
        Self {
            progress: Progress {
                parts: self.progress.parts + 1,
                cursor,
                redelivered: self.progress.redelivered + redelivered,
                last_in: Some(Minute::of(now)),
            },
            state,
            ..self.clone()
        }
    }

    /// The job, given up.
    #[must_use]
    pub fn stopped(&self, refusal: Refusal, now: Timestamp) -> Self {
        Self {
            state: JobState::Stopped { at: now, refusal },
            ..self.clone()
        }
    }
}

#[cfg(test)]
mod tests;
