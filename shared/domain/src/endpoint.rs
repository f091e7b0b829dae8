//! How a user's receivers behave, and what follows from it: those that hang are called in a lane of their own, and those that are dead are
//! left alone for a while, with a probe now and then.
//!
//! What is scarce is the fast lane's workers: one that waits for a receiver that hangs is lost to everybody for as long as a request may
//! take, and no request that has left can be taken back. So it is bounded how many one endpoint gets before it has shown how it is:
//!
//! - an endpoint that is not known to answer at once is **on trial**: one batch may call it, and what else comes takes the slow lane until
//!   it has answered. Then it is **trusted**, for weeks, and nothing is asked or noted any more;
//! - an endpoint that has not answered within a second is **under suspicion**, whoever it is: it is trusted no more, and what comes takes
//!   the slow lane.

use std::time::Duration;

use crate::id::UserId;
use crate::outcome::{Outcome, Trouble, Verdict};
use crate::request_url::RequestUrl;
use crate::timestamp::Timestamp;

/// An endpoint that takes longer than this is under suspicion.
pub const SUSPECT_AFTER: Duration = Duration::from_secs(1);
/// For how long an endpoint under suspicion is called in the slow lane: until it is known whether it is slow.
pub const SUSPECT_FOR: Duration = Duration::from_secs(12);
/// An endpoint that takes longer than this is slow.
pub const SLOW_AFTER: Duration = Duration::from_secs(10);
/// For how long a slow endpoint is called in the slow lane.
pub const SLOW_FOR: Duration = Duration::from_secs(60 * 60);
/// After so many attempts in a row without an answer an endpoint is dead.
pub const DEAD_AFTER: u32 = 10;
/// How long a trial may take: longer than it takes to come under suspicion.
pub const TRIAL: Duration = Duration::from_secs(3);
/// For how long an endpoint that has answered at once is trusted, unless it comes under suspicion. Long, because every trial is written down.
pub const TRUST_FOR: Duration = Duration::from_secs(30 * 24 * 60 * 60);
/// Over how long what waits for an endpoint comes when its pause is over: all at once would be too much for one that has just come back.
pub const SPREAD: Duration = Duration::from_secs(60);
/// How long a probe has its endpoint for itself: longer than an invocation lasts.
pub const PROBE: Duration = Duration::from_secs(180);

/// The first pause of a dead endpoint; each further one is twice as long, up to the last. That one is too long for a queue: what waits for
/// it is parked, so that no message goes round and round between a queue and its function, which AWS stops.
const FIRST_PAUSE: Duration = Duration::from_secs(60);
const LAST_PAUSE: Duration = Duration::from_secs(16 * 60);

/// Everything of one user behind one host and port.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Endpoint {
    /// Whose webhooks call it: what one user's receiver does is no other user's business, even if both have the same.
    pub user: UserId,
    /// Host and port.
    pub authority: String,
}

/// Where a message is attempted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lane {
    /// Where every delivery begins.
    Fast,
    /// For endpoints that hang.
    Slow,
}

/// What is known of an endpoint; of one that behaves, only that it is trusted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Health {
    /// When the first of the failures was that no success has followed yet.
    pub failing_since: Option<Timestamp>,
    /// How many attempts in a row had no answer.
    pub unanswered: u32,
    /// Until when it is called in the slow lane.
    pub slow_until: Option<Timestamp>,
    /// Until when it is trusted.
    pub trusted_until: Option<Timestamp>,
    /// Until when one batch tries it.
    pub trial_until: Option<Timestamp>,
    /// Until when it is left alone. After that it is probed.
    pub paused_until: Option<Timestamp>,
    /// How often it was left alone since it last answered.
    pub pauses: u32,
}

/// What is to be done about a message for an endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// Attempt it.
    Attempt,
    /// Attempt it if no other message does.
    Probe,
    /// Attempt it if no other batch tries the endpoint; otherwise send it to the slow lane.
    Trial,
    /// Send it to the slow lane.
    SlowLane,
    /// Not now, and not before then.
    Wait(Timestamp),
}

/// What an attempt says of its endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    /// It accepted.
    Good,
    /// It answered, and did not accept.
    Alive,
    /// It gave no answer.
    Dead,
    /// Nothing: it was not called.
    None,
}

impl Endpoint {
    /// Where this URL leads.
    pub fn of(user: &UserId, url: &RequestUrl) -> Self {
        let host = url.url().host_str().unwrap_or_default();
        let port = url.url().port_or_known_default().unwrap_or_default();
        Self {
            user: user.clone(),
            authority: format!("{host}:{port}"),
        }
    }
}

impl Health {
    /// What is to be done now about a message that has come on this lane.
    pub fn way(&self, lane: Lane, now: Timestamp) -> Way {
        let holds = |until: Option<Timestamp>| until.is_some_and(|until| until > now);
        match self.paused_until {
            Some(until) if until > now => return Way::Wait(until),
            Some(_) => return Way::Probe,
            None => {}
        }
        match lane {
            Lane::Slow => Way::Attempt,
            Lane::Fast if holds(self.slow_until) => Way::SlowLane,
            Lane::Fast if holds(self.trusted_until) => Way::Attempt,
            Lane::Fast if holds(self.trial_until) => Way::SlowLane,
            Lane::Fast => Way::Trial,
        }
    }

    /// What is wrong with it: nothing, if it behaves.
    pub fn troubles(&self) -> Self {
        Self {
            trusted_until: None,
            trial_until: None,
            ..self.clone()
        }
    }

    /// How long it is to be left alone, if it is dead.
    pub fn pause(&self) -> Option<Duration> {
        let pause = FIRST_PAUSE * 2u32.pow(self.pauses.min(8));
        (self.unanswered >= DEAD_AFTER).then_some(pause.min(LAST_PAUSE))
    }

    /// Whether it has failed for so long.
    pub fn has_failed_for(&self, time: Duration, now: Timestamp) -> bool {
        self.failing_since
            .is_some_and(|since| since.after(time) <= now)
    }
}

impl Sign {
    /// What this outcome says.
    pub fn of(outcome: &Outcome) -> Self {
        match outcome {
            Outcome::Answered { .. } if outcome.verdict() == Verdict::Accepted => Self::Good,
            Outcome::Answered { .. } => Self::Alive,
            Outcome::Unanswered(Trouble::Unknown | Trouble::NotPublic) | Outcome::NotSent(_) => {
                Self::None
            }
            Outcome::Unanswered(_) => Self::Dead,
        }
    }
}

#[cfg(test)]
mod tests;
