//! How a user's receivers behave, and what follows from it: those that hang are called in a lane of
//! their own, and what is dead is left alone for a while, with a probe now and then.
//!
//! What is scarce is the fast lane's workers: one that waits for a receiver that hangs is lost to
//! everybody for as long as a request may take, and no request that has left can be taken back. So
//! it is bounded how many of them one user can hold, with however many hosts and ports:
//!
//! - the fast lane calls hosts that are **trusted**: they have answered within a second, on any
//!   port. Nothing is asked or noted of them;
//! - for hosts that are not known to answer, a user has one **trial** in the fast lane at a time.
//!   What else is for such hosts takes the slow lane, and earns its trust there;
//! - a host that has not answered within a second is **under suspicion**: it is trusted no more,
//!   and what is for it takes the slow lane;
//! - a user with several hosts that hung in the fast lane is **held**: for some minutes, all that
//!   is theirs takes the slow lane.
//!
//! Test deliveries always take the slow lane; `deliver` sees to that.

mod outage;

use std::collections::BTreeMap;
use std::time::Duration;

use crate::id::UserId;
use crate::request_url::RequestUrl;
use crate::timestamp::Timestamp;

pub use outage::{DEAD_AFTER, Failed, MOST_OUTAGES, Outage, ScopeId, Scopes, Sign};

/// A host that takes longer than this is under suspicion.
pub const SUSPECT_AFTER: Duration = Duration::from_secs(1);
/// For how long a host under suspicion is called in the slow lane: until it is known whether it is
/// slow.
pub const SUSPECT_FOR: Duration = Duration::from_secs(12);
/// A host that takes longer than this is slow.
pub const SLOW_AFTER: Duration = Duration::from_secs(10);
/// For how long a slow host is called in the slow lane.
pub const SLOW_FOR: Duration = Duration::from_secs(60 * 60);
/// How long a trial may take: longer than it takes to come under suspicion.
pub const TRIAL: Duration = Duration::from_secs(3);
/// For how long a host that has answered at once is trusted, unless it comes under suspicion. Long,
/// because every trial is written down.
pub const TRUST_FOR: Duration = Duration::from_secs(30 * 24 * 60 * 60);
/// A user is held once so many of their hosts have hung in the fast lane within [`HELD_FOR`].
pub const MOST_HANGS: u32 = 3;
/// For how long a hang counts, and a user is held.
pub const HELD_FOR: Duration = Duration::from_secs(10 * 60);
/// Over how long what waits for an endpoint comes when its pause is over: all at once would be too much for one that has just come back.
pub const SPREAD: Duration = Duration::from_secs(60);
/// How long a probe has its endpoint for itself: longer than an invocation lasts.
pub const PROBE: Duration = Duration::from_secs(180);

/// Everything of one user behind one host.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Endpoint {
    /// Whose webhooks call it: what one user's receiver does is no other user's business, even if both have the same.
    pub user: UserId,
    /// The host: its name or address.
    pub host: String,
}

/// Where a message is attempted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lane {
    /// For hosts that answer at once.
    Fast,
    /// For hosts that hang, or of which nothing is known.
    Slow,
}

/// What is known of an endpoint; of one that behaves, only that it is trusted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Health {
    /// Until when it is called in the slow lane.
    pub slow_until: Option<Timestamp>,
    /// Until when it is trusted.
    pub trusted_until: Option<Timestamp>,
    /// What of it fails.
    pub outages: BTreeMap<ScopeId, Outage>,
}

/// What a user may still ask of the fast lane.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Allowance {
    /// Until when a trial of theirs is under way there.
    pub trial_until: Option<Timestamp>,
    /// How many of their hosts have hung there since `hangs_since`.
    pub hangs: u32,
    /// When the first of these did.
    pub hangs_since: Option<Timestamp>,
}

/// What is to be done about a message for an endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Way {
    /// Attempt it.
    Attempt,
    /// Attempt it if no other message does, for what is to be probed.
    Probe(ScopeId),
    /// Attempt it if its user has no other trial under way; otherwise send it to the slow lane.
    Trial,
    /// Send it to the slow lane.
    SlowLane,
    /// Not now, and not before then.
    Wait(Timestamp),
}

impl Endpoint {
    /// Where this URL leads.
    pub fn of(user: &UserId, url: &RequestUrl) -> Self {
        Self {
            user: user.clone(),
            host: url.url().host_str().unwrap_or_default().to_owned(),
        }
    }
}

impl Health {
    /// What is to be done now about a message that has come on this lane, for a URL with these
    /// scopes.
    pub fn way(&self, scopes: &Scopes, allowance: &Allowance, lane: Lane, now: Timestamp) -> Way {
        let pauses = scopes.all().filter_map(|scope| {
            let until = self.outages.get(scope)?.paused_until?;
            Some((until, scope))
        });
        match pauses.max() {
            Some((until, _)) if until > now => Way::Wait(until),
            Some((_, scope)) => match self.lane(allowance, lane, now) {
                Way::Attempt => Way::Probe(scope.clone()),
                // What was dead may hang: it has no trial in the fast lane.
                _ => Way::SlowLane,
            },
            None => self.lane(allowance, lane, now),
        }
    }

    /// The same, as if nothing had failed: for whoever wants an attempt at any rate.
    pub fn lane(&self, allowance: &Allowance, lane: Lane, now: Timestamp) -> Way {
        let holds = |until: Option<Timestamp>| until.is_some_and(|until| until > now);
        match lane {
            Lane::Slow => Way::Attempt,
            Lane::Fast if allowance.is_held(now) || holds(self.slow_until) => Way::SlowLane,
            Lane::Fast if holds(self.trusted_until) => Way::Attempt,
            Lane::Fast if holds(allowance.trial_until) => Way::SlowLane,
            Lane::Fast => Way::Trial,
        }
    }
}

impl Allowance {
    /// Whether all that is this user's takes the slow lane.
    pub fn is_held(&self, now: Timestamp) -> bool {
        let is_recent = self
            .hangs_since
            .is_some_and(|since| since.after(HELD_FOR) > now);
        self.hangs >= MOST_HANGS && is_recent
    }
}

#[cfg(test)]
mod tests;
