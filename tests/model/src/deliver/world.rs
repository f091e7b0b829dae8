//! What there is at one moment: the dispatch's record, the queue and the workers.

use super::handler::Handler;
use super::owner::Owner;
use crate::queue::Queue;

/// Record, queue and workers at one moment.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct World {
    /// How many more disturbances there may be.
    pub faults_left: u8,
    /// The delivery queue.
    pub queue: Queue<Request>,
    /// The sandboxes of `deliver`, with what they are doing.
    pub workers: [Option<Handler>; 2],
    /// The dispatch's record.
    pub record: Record,
    /// Whether the webhook was removed.
    pub webhook_removed: bool,
    /// Whether a worker has learned that the receiver accepted, and lived to act on it. No worker
    /// reads it: it is for the properties.
    pub known_accepted: bool,
    /// How many POSTs were made, as far as that matters. Nobody reads this, either.
    pub posts: u8,
    /// The requests of the owner, who may want it redelivered.
    pub owners: [Owner; 2],
    /// How many redeliveries have begun. Nobody reads this.
    pub begun: u8,
    /// Whether it was delivered, its owner wants it delivered once more, and no attempt has begun
    /// since. No worker reads it.
    pub owes_post: bool,
}

/// What a delivery message asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Request {
    /// Which attempt, from 1.
    pub attempt: u8,
    /// Whether the queue holds it back until the lease of that attempt is over.
    pub after_lease: bool,
    /// It is a reminder: the sweeper sends it when this request of the owner is long over.
    pub after_request: Option<usize>,
}

/// The dispatch's record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Record {
    /// How many attempts are on it.
    pub attempts: u8,
    /// How far the dispatch has come.
    pub state: State,
    /// The lease of the next attempt.
    pub lease: Option<Lease>,
    /// That its owner had it redelivered.
    pub redelivered: Option<Redelivered>,
}

/// The last redelivery: `domain::redelivery::Redelivery`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Redelivered {
    /// After how many attempts.
    pub after: u8,
    /// Whether one of those was a success.
    pub was_delivered: bool,
}

/// How far a dispatch has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum State {
    /// To be attempted.
    Active {
        /// Whether the time of the next attempt has come.
        is_due: bool,
    },
    /// Delivered.
    Succeeded,
    /// Given up.
    Failed,
}

/// Who makes the next attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Lease {
    /// The worker that took it. `None` when that worker is gone: nobody else ever has its name.
    pub holder: Option<usize>,
    /// Whether another worker had the lease of this attempt before.
    pub from_another: bool,
    /// Whether its time is over.
    pub is_over: bool,
}

impl State {
    /// Whether attempts may follow.
    pub fn is_active(self) -> bool {
        matches!(self, Self::Active { .. })
    }
}

impl Request {
    /// A request that comes when its attempt is due.
    pub fn of(attempt: u8) -> Self {
        Self {
            attempt,
            after_lease: false,
            after_request: None,
        }
    }
}

impl Record {
    /// After how many attempts the schedule of retries has begun: `Dispatch::attempt_in_schedule`.
    pub fn begun_after(&self) -> u8 {
        self.redelivered.map_or(0, |again| again.after)
    }

    /// Whether a success of this attempt is news: not if it was delivered before its owner asked
    /// for more.
    pub fn lacks_success(&self, attempt: u8) -> bool {
        let is_old = |again: Redelivered| again.was_delivered && attempt <= again.after;
        self.state != State::Succeeded && !self.redelivered.is_some_and(is_old)
    }
}

impl World {
    /// The workers that are busy.
    pub fn handlers(&self) -> impl Iterator<Item = (usize, &Handler)> {
        self.workers
            .iter()
            .enumerate()
            .filter_map(|(worker, handler)| Some((worker, handler.as_ref()?)))
    }

    /// Ends what a worker is doing.
    pub fn take(&mut self, worker: usize) -> Option<Handler> {
        let holder = self.record.lease.as_mut().map(|lease| &mut lease.holder);
        if let Some(holder) = holder.filter(|holder| **holder == Some(worker)) {
            *holder = None;
        }
        self.workers[worker].take()
    }

    /// Whether the queue still holds this request back.
    pub fn is_held_back(&self, request: Request) -> bool {
        let asks_for_next = request.attempt > self.record.attempts && self.record.state.is_active();
        let waits_for_lease =
            request.after_lease && self.record.lease.is_some_and(|lease| !lease.is_over);
        asks_for_next && (self.record.state == State::Active { is_due: false } || waits_for_lease)
    }
}
