//! A worker of `deliver` with one message.

use std::fmt;

use super::action::Action;
use super::world::{Request, World};
use crate::queue::{Held, Message};

/// A worker with its message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Handler {
    /// The message.
    pub held: Held<Request>,
    /// What it does next.
    pub step: Step,
}

/// What a worker does next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Step {
    /// Read the record and the webhook, and decide: `Store::load`, `next_step::next_step`,
    /// `attempt::what_to_send`, `Endpoints::way`.
    Load,
    /// Ask for an attempt: `Deliver::permission`, `Store::lease`.
    Lease {
        /// Which.
        attempt: u8,
    },
    /// Make an attempt: `Deliver::attempt`, `Sender::send`.
    Post {
        /// Which.
        attempt: u8,
        /// Whether it was already known by then that the receiver had accepted. No worker reads it.
        too_late: bool,
    },
    /// Record an attempt: `Deliver::settle`, `Recorder::record`, `Store::record`. It may wait for
    /// others first. If AWS refuses its statement alone, that is a worker that dies here: its
    /// message comes again.
    Record {
        /// Which.
        attempt: u8,
        /// How it has ended.
        outcome: Outcome,
    },
    /// Read the record again, because it already has the attempt: `Deliver::settle`,
    /// `Deliver::catch_up`.
    Reload {
        /// Which attempt.
        attempt: u8,
        /// How this worker's own has ended.
        outcome: Outcome,
    },
    /// Make sure that a message comes: `Deliver::schedule`.
    Schedule(Request),
    /// Acknowledge the message: `batch::handle` does not name it as failed.
    Acknowledge,
    /// Schedule a message after the own one was acknowledged: a mistake.
    ScheduleLast(Request),
}

/// How an attempt ends: `Outcome::verdict`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// The receiver has accepted, and the worker knows it.
    Accepted,
    /// Worth another attempt, if the webhook is to be retried. The receiver may still have
    /// accepted: an answer can be lost.
    Refused,
    /// Not worth another: the webhook was removed, or an attempt that must not be repeated may have
    /// been made.
    GivenUp,
}

impl Handler {
    pub(super) fn actions(&self, worker: usize, faults_left: u8, actions: &mut Vec<Action>) {
        let step = self.step;
        match step {
            Step::Acknowledge => {
                actions.push(Action::Finish {
                    worker,
                    deletes: true,
                });
                if self.held.has_lapsed {
                    actions.push(Action::Finish {
                        worker,
                        deletes: false,
                    });
                }
            }
            Step::Post { attempt, .. } => {
                let outcomes = [Outcome::Accepted, Outcome::Refused];
                actions.extend(outcomes.map(|outcome| Action::Post {
                    worker,
                    attempt,
                    outcome,
                }));
            }
            _ => actions.push(Action::Do {
                worker,
                step,
                answer_lost: false,
            }),
        }
        if faults_left == 0 {
            return;
        }
        if matches!(
            step,
            Step::Lease { .. } | Step::Record { .. } | Step::Schedule(_)
        ) {
            actions.push(Action::Do {
                worker,
                step,
                answer_lost: true,
            });
        }
        if step == Step::Load {
            actions.push(Action::PutOff { worker });
        }
        actions.push(Action::Crash { worker });
        if !self.held.has_lapsed {
            actions.push(Action::Lapse { worker });
        }
    }
}

/// Takes a message from the queue.
pub(super) fn receive(world: &mut World, worker: usize, message: Message<Request>) -> Option<()> {
    let held = world.queue.receive(message)?;
    world.workers[worker] = Some(Handler {
        held,
        step: Step::Load,
    });
    Some(())
}

/// Acknowledges the message.
pub(super) fn finish(world: &mut World, worker: usize, deletes: bool) -> Option<()> {
    let handler = world.take(worker)?;
    if deletes {
        let others = world
            .workers
            .iter_mut()
            .flatten()
            .map(|other| &mut other.held);
        handler.held.delete(&mut world.queue, others);
    }
    Some(())
}

impl Step {
    /// The attempt that the worker knows to be accepted, and still has to do something about.
    pub(super) fn success(self) -> Option<u8> {
        match self {
            Self::Record {
                attempt,
                outcome: Outcome::Accepted,
            }
            | Self::Reload {
                attempt,
                outcome: Outcome::Accepted,
            } => Some(attempt),
            _ => None,
        }
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Load => write!(f, "reads the record"),
            Self::Lease { attempt } => write!(f, "asks for the lease of attempt {attempt}"),
            Self::Post { attempt, .. } => write!(f, "makes attempt {attempt}"),
            Self::Record { attempt, outcome } => write!(f, "records attempt {attempt}: {outcome}"),
            Self::Reload { attempt, .. } => {
                write!(f, "finds attempt {attempt} on record and reads it again")
            }
            Self::Schedule(request) | Self::ScheduleLast(request) => {
                write!(f, "schedules message {}", request.attempt)
            }
            Self::Acknowledge => write!(f, "acknowledges"),
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Accepted => "accepted",
            Self::Refused => "failed",
            Self::GivenUp => "given up",
        })
    }
}
