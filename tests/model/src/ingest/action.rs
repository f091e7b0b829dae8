//! What can happen next.

use std::fmt;

use super::handler::{Call, Stage};
use super::registrar;
use super::world::{Arrival, Dispatch, Webhook, World};
use crate::queue::Message;

/// One step of somebody, or one fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// A free worker receives a message.
    Receive {
        /// Which worker.
        worker: usize,
        /// What.
        message: Message<Arrival>,
    },
    /// A worker does what comes next for its message.
    Do {
        /// Which worker.
        worker: usize,
        /// What.
        stage: Stage,
    },
    /// A worker makes a call for one of its dispatches. It makes those for all of them at the same
    /// time, so they proceed in any order.
    Call {
        /// Which worker.
        worker: usize,
        /// What.
        call: Call,
        /// Which dispatch.
        dispatch: Dispatch,
        /// How the call ends.
        answer: Answer,
    },
    /// What goes wrong with a call that a worker makes for several dispatches at once: a batch of
    /// statements or messages. Fault. What becomes of its parts if nothing does is as many
    /// [`Action::Call`].
    CallAll {
        /// Which worker.
        worker: usize,
        /// What.
        call: Call,
        /// How the call ends, not as it should.
        answer: Answer,
    },
    /// A worker is through: it acknowledges the message, or reports that it has failed.
    Finish {
        /// Which worker.
        worker: usize,
        /// Whether SQS deletes a message of which others have a newer receipt.
        deletes: bool,
    },
    /// A worker dies. Fault.
    Crash {
        /// Which worker.
        worker: usize,
    },
    /// A worker takes longer than the visibility timeout. Fault.
    Lapse {
        /// Which worker.
        worker: usize,
    },
    /// A delivery message arrives.
    Deliver(Dispatch),
    /// The API, or its client, takes a step.
    Register(registrar::Move),
}

/// How a call to a table or queue ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// As it should.
    Comes,
    /// The write is there, the answer is lost, and the SDK makes the call again. Fault.
    Lost,
    /// Nothing is written, and the function gets an error. Fault.
    Refused,
    /// The write is there, but the function gets an error. Fault.
    Misleads,
}

impl Answer {
    /// All ways, for somebody with so many faults left.
    pub fn possible(faults_left: u8) -> &'static [Self] {
        if faults_left > 0 {
            &[Self::Comes, Self::Lost, Self::Refused, Self::Misleads]
        } else {
            &[Self::Comes]
        }
    }
}

impl Action {
    /// Whether it counts as a fault.
    pub fn is_fault(self) -> bool {
        match self {
            Self::Call { answer, .. } => answer != Answer::Comes,
            Self::CallAll { .. } | Self::Crash { .. } | Self::Lapse { .. } => true,
            Self::Register(step) => step.is_fault(),
            Self::Receive { .. } | Self::Do { .. } | Self::Finish { .. } | Self::Deliver(_) => {
                false
            }
        }
    }
}

/// The first free worker receives any visible message. Workers are alike, so one stands for all
/// that are free.
pub(super) fn receptions(world: &World, actions: &mut Vec<Action>) {
    if let Some(worker) = world.workers.iter().position(Option::is_none) {
        actions.extend(
            world
                .event_queue
                .visible()
                .map(|message| Action::Receive { worker, message }),
        );
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Receive { worker, message } => {
                write!(f, "{} receives {}", name(worker), message.body)
            }
            Self::Do { worker, stage } => write!(f, "{} {stage}", name(worker)),
            Self::Call {
                worker,
                call,
                dispatch,
                answer,
            } => write!(f, "{} {call} {dispatch}{answer}", name(worker)),
            Self::CallAll {
                worker,
                call,
                answer,
            } => write!(f, "{} {call} all of its dispatches{answer}", name(worker)),
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
            Self::Deliver(dispatch) => write!(f, "{dispatch} arrives at deliver"),
            Self::Register(step) => write!(f, "{step}"),
        }
    }
}

fn name(worker: usize) -> char {
    if worker == 0 { 'A' } else { 'B' }
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Comes => "",
            Self::Lost => " (answer lost, call repeated)",
            Self::Refused => " (call fails)",
            Self::Misleads => " (call fails after its write)",
        })
    }
}

impl fmt::Display for Arrival {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let with = if self.brings_ad_hoc {
            " with the ad hoc webhook"
        } else {
            ""
        };
        write!(f, "event {}{with}", self.event.place() + 1)
    }
}

impl fmt::Display for Dispatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let webhook = match self.webhook {
            Webhook::Standing => "the standing webhook",
            Webhook::AdHoc => "the ad hoc webhook",
        };
        write!(
            f,
            "the dispatch of {webhook} by event {}",
            self.event.place() + 1
        )
    }
}
