//! What can happen next.

use std::fmt;

use super::handler::{Outcome, Step};
use super::owner::Ask;
use super::world::{Request, State, World};
use crate::queue::Message;

/// One step of somebody, or one disturbance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// A free worker receives a message.
    Receive {
        /// Which worker.
        worker: usize,
        /// What.
        message: Message<Request>,
        /// Whether it comes before its time, by the clock of the worker. Disturbance.
        early: bool,
    },
    /// A worker takes its next step.
    Do {
        /// Which worker.
        worker: usize,
        /// What.
        step: Step,
        /// Whether the write is made but its answer is lost, and the SDK calls again. Disturbance.
        answer_lost: bool,
    },
    /// A worker makes an attempt.
    Post {
        /// Which worker.
        worker: usize,
        /// Which attempt.
        attempt: u8,
        /// How it ends.
        outcome: Outcome,
    },
    /// A worker finds that the endpoint is slow or paused, and sends its message on: to the slow
    /// lane, or to come again. Disturbance.
    PutOff {
        /// Which worker.
        worker: usize,
    },
    /// The owner asks for a redelivery.
    OwnerAsks {
        /// Which request.
        number: usize,
    },
    /// `api` takes the next step of a request.
    Ask {
        /// Which request.
        number: usize,
        /// What.
        step: Ask,
        /// Whether the write is made but its answer is lost, and the SDK calls again. Disturbance.
        answer_lost: bool,
    },
    /// `api` dies. Disturbance.
    RequestDies {
        /// At which request.
        number: usize,
    },
    /// A worker acknowledges its message.
    Finish {
        /// Which worker.
        worker: usize,
        /// Whether SQS deletes a message of which others have a newer receipt.
        deletes: bool,
    },
    /// A worker dies. Disturbance.
    Crash {
        /// Which worker.
        worker: usize,
    },
    /// A worker takes longer than the visibility timeout. Disturbance.
    Lapse {
        /// Which worker.
        worker: usize,
    },
    /// The time of the next attempt comes.
    TimePasses,
    /// The time of the lease is over.
    LeaseEnds {
        /// Whether its holder lives: then a clock is wrong, or the holder was frozen. Disturbance.
        holder_lives: bool,
    },
    /// The owner removes the webhook. Disturbance.
    WebhookIsRemoved,
}

impl Action {
    /// Whether it counts as a disturbance.
    pub fn is_fault(self) -> bool {
        match self {
            Self::Crash { .. }
            | Self::Lapse { .. }
            | Self::WebhookIsRemoved
            | Self::PutOff { .. }
            | Self::RequestDies { .. } => true,
            Self::Receive {
                early: disturbed, ..
            }
            | Self::Do {
                answer_lost: disturbed,
                ..
            }
            | Self::Ask {
                answer_lost: disturbed,
                ..
            }
            | Self::LeaseEnds {
                holder_lives: disturbed,
            } => disturbed,
            Self::Post { .. } | Self::Finish { .. } | Self::TimePasses | Self::OwnerAsks { .. } => {
                false
            }
        }
    }
}

/// The first free worker receives any visible message and, if its clock differs, perhaps one that
/// should not be visible yet.
pub(super) fn receptions(world: &World, actions: &mut Vec<Action>) {
    let Some(worker) = world.workers.iter().position(Option::is_none) else {
        return;
    };
    for message in world.queue.visible() {
        // The sweeper sends it a quarter of an hour later: no clock is so wrong.
        let request = message.body.after_request;
        if request.is_some_and(|number| world.owners[number].is_asking()) {
            continue;
        }
        let early = world.is_held_back(message.body);
        if !early || world.faults_left > 0 {
            actions.push(Action::Receive {
                worker,
                message,
                early,
            });
        }
    }
}

/// What nobody in particular does.
pub(super) fn surroundings(world: &World, actions: &mut Vec<Action>) {
    if world.record.state == (State::Active { is_due: false }) {
        actions.push(Action::TimePasses);
    }
    if let Some(lease) = world
        .record
        .lease
        .filter(|lease| !lease.is_over && world.record.state.is_active())
    {
        let holder_lives = lease.holder.is_some();
        if !holder_lives || world.faults_left > 0 {
            actions.push(Action::LeaseEnds { holder_lives });
        }
    }
    if !world.webhook_removed && world.faults_left > 0 && world.record.state.is_active() {
        actions.push(Action::WebhookIsRemoved);
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = |worker: &usize| if *worker == 0 { 'A' } else { 'B' };
        match self {
            Self::Receive {
                worker,
                message,
                early,
            } => {
                let early = if *early { " before its time" } else { "" };
                write!(
                    f,
                    "{} receives message {}{early}",
                    name(worker),
                    message.body.attempt
                )
            }
            Self::Post {
                worker,
                attempt,
                outcome,
            } => write!(f, "{} makes attempt {attempt}: {outcome}", name(worker)),
            Self::Do {
                worker,
                step,
                answer_lost,
            } => {
                let lost = lost(*answer_lost);
                write!(f, "{} {step}{lost}", name(worker))
            }
            Self::PutOff { worker } => {
                write!(f, "{} finds the endpoint slow or paused", name(worker))
            }
            Self::OwnerAsks { number } => write!(f, "request {number} for a redelivery comes"),
            Self::Ask {
                number,
                step,
                answer_lost,
            } => {
                let lost = lost(*answer_lost);
                write!(f, "request {number} {step}{lost}")
            }
            Self::RequestDies { number } => write!(f, "request {number} dies"),
            Self::Finish {
                worker,
                deletes: true,
            } => write!(f, "{} is through", name(worker)),
            Self::Finish {
                worker,
                deletes: false,
            } => write!(f, "{} is through, too late to delete", name(worker)),
            Self::Crash { worker } => write!(f, "{} dies", name(worker)),
            Self::Lapse { worker } => write!(f, "{} outlasts the visibility timeout", name(worker)),
            Self::TimePasses => write!(f, "the retry falls due"),
            Self::LeaseEnds { .. } => write!(f, "the lease ends"),
            Self::WebhookIsRemoved => write!(f, "the webhook is removed"),
        }
    }
}

fn lost(answer: bool) -> &'static str {
    if answer {
        " (answer lost, call repeated)"
    } else {
        ""
    }
}
