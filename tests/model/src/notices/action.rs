//! What can happen next.

use std::fmt;

use super::sweeper::Stage;
use super::world::{Fact, World};

/// One step of somebody, or one fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// The minute is over.
    Tick,
    /// Something happens that the owner is to be told of.
    Change {
        /// What.
        fact: Fact,
    },
    /// Whoever did it makes a second call.
    ChangeOn {
        /// What it is about.
        fact: Fact,
    },
    /// It dies before that. Fault.
    CrashWriter {
        /// What it was about.
        fact: Fact,
    },
    /// A sweep begins.
    Begin {
        /// Which sweeper.
        worker: usize,
    },
    /// It goes on.
    Sweep {
        /// Which sweeper.
        worker: usize,
        /// What it does.
        stage: Stage,
    },
    /// It dies, or a call fails, which ends it, too. Fault.
    CrashSweeper {
        /// Which sweeper.
        worker: usize,
    },
}

impl Action {
    /// Whether it counts as a fault.
    pub fn is_fault(self) -> bool {
        matches!(self, Self::CrashWriter { .. } | Self::CrashSweeper { .. })
    }
}

/// What begins, and the clock. Sweepers are alike, so the first that is free stands for all that
/// are.
pub(super) fn beginnings(world: &World, actions: &mut Vec<Action>) {
    if !world.minute_is_over {
        actions.push(Action::Tick);
    }
    for fact in Fact::ALL {
        if world.can_happen(fact) {
            actions.push(Action::Change { fact });
        }
        if world.half[fact.place()] {
            actions.push(Action::ChangeOn { fact });
            if world.faults_left > 0 {
                actions.push(Action::CrashWriter { fact });
            }
        }
    }
    if let Some(worker) = world.sweepers.iter().position(Option::is_none)
        && world.has_work()
    {
        actions.push(Action::Begin { worker });
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = |worker: &usize| if *worker == 0 { 'A' } else { 'B' };
        match self {
            Self::Tick => write!(f, "the minute is over"),
            Self::Change { fact } => write!(f, "{fact}"),
            Self::ChangeOn { fact } => write!(f, "the second call follows: {fact}"),
            Self::CrashWriter { fact } => write!(f, "who was about to dies: {fact}"),
            Self::Begin { worker } => write!(f, "sweeper {} begins", name(worker)),
            Self::Sweep { worker, stage } => write!(f, "sweeper {} {stage}", name(worker)),
            Self::CrashSweeper { worker } => write!(f, "sweeper {} dies", name(worker)),
        }
    }
}

impl fmt::Display for Fact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Change => "the webhook changes",
            Self::NextChange => "the webhook changes again",
            Self::First => "dispatch 1 is exhausted",
            Self::Second => "dispatch 2 is exhausted",
        })
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Find => write!(f, "looks for exhausted dispatches"),
            Self::Count => write!(f, "counts them"),
            Self::TakeAway => write!(f, "takes away what it has counted"),
            Self::Read => write!(f, "reads the notices that wait"),
            Self::LayOut => write!(f, "lays them out for the owner"),
            Self::Send(place) => write!(f, "sends notice {}", place + 1),
            Self::Note(place) => write!(f, "takes away notice {}", place + 1),
        }
    }
}
