//! What can happen next.

use std::fmt;

use super::parker::Way;
use super::sweeper::Stage;
use super::world::{Retry, World};
use super::{Sweep, sweeper};
use crate::queue::Message;

/// One step of somebody, or one fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// A minute goes by.
    Tick,
    /// A free worker of `deliver` receives a message, and looks at record and clock.
    Receive {
        /// Which worker.
        worker: usize,
        /// What.
        message: Message<Retry>,
    },
    /// It sees to it that the retry will come.
    Schedule {
        /// Which worker.
        worker: usize,
        /// How.
        way: Way,
    },
    /// It acknowledges the message.
    Finish {
        /// Which worker.
        worker: usize,
        /// Whether SQS deletes a message of which others have a newer receipt.
        deletes: bool,
    },
    /// It dies. Fault.
    CrashParker {
        /// Which worker.
        worker: usize,
    },
    /// It takes longer than the visibility timeout, or SQS hands its message out twice. Fault.
    Lapse {
        /// Which worker.
        worker: usize,
    },
    /// A sweep begins: `Sweep::run`.
    Begin {
        /// Which sweeper.
        worker: usize,
    },
    /// It goes on.
    Sweep {
        /// Which sweeper.
        worker: usize,
        /// The minute that it is at.
        minute: u8,
        /// What it does.
        stage: Stage,
    },
    /// It dies, or a send fails, which ends it, too. Fault.
    CrashSweeper {
        /// Which sweeper.
        worker: usize,
    },
}

impl Action {
    /// Whether it counts as a fault.
    pub fn is_fault(self) -> bool {
        matches!(
            self,
            Self::CrashParker { .. } | Self::Lapse { .. } | Self::CrashSweeper { .. }
        )
    }
}

/// What begins, and the clock. Workers are alike, so the first that is free stands for all that
/// are.
pub(super) fn beginnings(model: &Sweep, world: &World, actions: &mut Vec<Action>) {
    if world.has_time() {
        actions.push(Action::Tick);
    }
    if let Some(worker) = world.parkers.iter().position(Option::is_none) {
        actions.extend(
            world
                .messages
                .visible()
                .map(|message| Action::Receive { worker, message }),
        );
    }
    if let Some(worker) = world.sweepers.iter().position(Option::is_none)
        && !sweeper::to_take(model, world).is_empty()
    {
        actions.push(Action::Begin { worker });
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = |worker: &usize| if *worker == 0 { 'A' } else { 'B' };
        match self {
            Self::Tick => write!(f, "a minute goes by"),
            Self::Receive { worker, message } => write!(
                f,
                "{} receives the message of retry {}",
                name(worker),
                message.body.place() + 1
            ),
            Self::Schedule {
                worker,
                way: Way::Park,
            } => write!(f, "{} parks the retry", name(worker)),
            Self::Schedule { worker, .. } => write!(f, "{} sends the retry", name(worker)),
            Self::Finish {
                worker,
                deletes: true,
            } => write!(f, "{} is through", name(worker)),
            Self::Finish {
                worker,
                deletes: false,
            } => write!(f, "{} is through, too late to delete", name(worker)),
            Self::CrashParker { worker } => write!(f, "{} dies", name(worker)),
            Self::Lapse { worker } => write!(f, "{} outlasts the visibility timeout", name(worker)),
            Self::Begin { worker } => write!(f, "sweeper {} begins", name(worker)),
            Self::Sweep {
                worker,
                minute,
                stage,
            } => write!(f, "sweeper {} {stage} minute {minute}", name(worker)),
            Self::CrashSweeper { worker } => write!(f, "sweeper {} dies", name(worker)),
        }
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Read => write!(f, "reads the bucket of"),
            Self::Send(retry) => write!(f, "sends retry {} of", retry.place() + 1),
            Self::Note => write!(f, "moves the cursor to"),
        }
    }
}
