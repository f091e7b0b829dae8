//! The owner, who has the dispatch redelivered: a request to `api`.

use std::fmt;

use super::action::Action;
use super::world::{Redelivered, Request, State, World};
use super::{Deliver, Protocol};

/// How far a request of the owner is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Owner {
    /// Perhaps it never comes.
    NotYet,
    /// `api` is at it.
    Asking(Ask),
    /// It has its answer, or died.
    Done,
}

/// What `api` does next for a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Ask {
    /// Read the record and decide: `Dispatch::redelivery_refusal`, `Dispatch::redelivery_step`.
    Read,
    /// Have the sweeper ask for the next attempt when this request is long over: `Api::remind`.
    Remind(Read),
    /// Put it on record: `Store::revive`.
    Revive(Read),
    /// Ask for an attempt: `Api::ask_for`.
    Send {
        /// Which.
        attempt: u8,
    },
    /// Have the sweeper ask, when it is on record: a mistake.
    RemindLast {
        /// For which attempt.
        attempt: u8,
    },
}

/// What the record said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Read {
    attempts: u8,
    state: State,
}

impl Owner {
    /// What can happen about request `number`.
    pub(super) fn actions(self, number: usize, faults_left: u8, actions: &mut Vec<Action>) {
        match self {
            Self::NotYet => actions.push(Action::OwnerAsks { number }),
            Self::Asking(step) => {
                let ask = |answer_lost| Action::Ask {
                    number,
                    step,
                    answer_lost,
                };
                actions.push(ask(false));
                if faults_left > 0 {
                    if step != Ask::Read {
                        actions.push(ask(true));
                    }
                    actions.push(Action::RequestDies { number });
                }
            }
            Self::Done => {}
        }
    }

    /// Whether `api` is at it.
    pub(super) fn is_asking(self) -> bool {
        matches!(self, Self::Asking(_))
    }
}

/// Takes the next step of a request.
pub(super) fn take(
    model: &Deliver,
    world: &mut World,
    number: usize,
    step: Ask,
    answer_lost: bool,
) -> Option<()> {
    let next = match step {
        Ask::Read => read(model, world),
        Ask::Remind(read) => {
            world.queue.send(reminder(read.attempts + 1, number));
            Owner::Asking(Ask::Revive(read))
        }
        Ask::Revive(read) => Owner::Asking(revive(model, world, read)),
        Ask::Send { attempt } => {
            world.queue.send(Request::of(attempt));
            Owner::Done
        }
        Ask::RemindLast { attempt } => {
            world.queue.send(reminder(attempt, number));
            Owner::Asking(Ask::Send { attempt })
        }
    };
    if !answer_lost {
        *world.owners.get_mut(number)? = next;
    }
    Some(())
}

fn reminder(attempt: u8, number: usize) -> Request {
    Request {
        after_request: Some(number),
        ..Request::of(attempt)
    }
}

fn read(model: &Deliver, world: &World) -> Owner {
    if world.webhook_removed {
        return Owner::Done;
    }
    let record = &world.record;
    let read = Read {
        attempts: record.attempts,
        state: record.state,
    };
    Owner::Asking(match record.state {
        State::Succeeded | State::Failed => match model.protocol {
            Protocol::ReminderLast => Ask::Revive(read),
            _ => Ask::Remind(read),
        },
        State::Active { is_due: false } => Ask::Revive(read),
        // A first attempt that may be under way is asked for with a delay. That is left out,
        // because any message may come late.
        State::Active { is_due: true } => Ask::Send {
            attempt: record.attempts + 1,
        },
    })
}

fn revive(model: &Deliver, world: &mut World, read: Read) -> Ask {
    let record = &mut world.record;
    let attempt = read.attempts + 1;
    // The time of a waiting attempt is compared, too, but reaching it changes nothing on the
    // record.
    let is_same = match (read.state, record.state) {
        (State::Active { .. }, State::Active { .. }) => true,
        (read, now) => read == now,
    };
    if record.attempts != read.attempts || !is_same {
        return Ask::Read;
    }
    record.state = State::Active { is_due: true };
    if read.state.is_active() {
        return Ask::Send { attempt };
    }
    let was_delivered = record
        .redelivered
        .is_some_and(|before| before.was_delivered);
    record.redelivered = Some(Redelivered {
        after: read.attempts,
        was_delivered: was_delivered || read.state == State::Succeeded,
    });
    world.known_accepted = false;
    world.owes_post = read.state == State::Succeeded;
    world.begun += 1;
    match model.protocol {
        Protocol::ReminderLast => Ask::RemindLast { attempt },
        _ => Ask::Send { attempt },
    }
}

impl fmt::Display for Ask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Read => write!(f, "reads the record"),
            Self::Remind(Read { attempts, .. }) => {
                write!(f, "parks a reminder of attempt {}", attempts + 1)
            }
            Self::RemindLast { attempt } => write!(f, "parks a reminder of attempt {attempt}"),
            Self::Revive(_) => write!(f, "puts on record that an attempt is due"),
            Self::Send { attempt } => write!(f, "sends message {attempt}"),
        }
    }
}
