//! Notices: what a webhook's owner is told of is written down with the change that it tells of, and
//! `sweep` sends it.
//!
//! One webhook. It changes twice, one after the other; meanwhile two of its dispatches are
//! exhausted, within the same minute, and each may be recorded late. At any time there are up to
//! two sweepers, or none for long. A sweep counts exhausted dispatches, then takes what was written
//! down: it lays that out where the owner can read it, sends it, and notes that it did.
//!
//! The platform may get a notice more than once. It knows it by its id, and believes the first.

mod action;
mod properties;
mod sweeper;
mod world;

pub use action::Action;
pub use sweeper::{Stage, Sweeper};
pub use world::{Fact, World};

use stateright::{Model, Property};

/// What is checked: the protocol, right or with a mistake in it.
#[derive(Clone, Debug)]
pub struct Notices {
    /// The protocol.
    pub protocol: Protocol,
    /// How many faults there may be in all: crashes, and sends that fail, which end a sweep as
    /// well.
    pub faults: u8,
}

/// The protocol, right or with one mistake in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// As it is to be.
    Right,
    /// The notice is written down after its change, in a call of its own.
    NoticeAfterChange,
    /// The notice is written down before its change, in a call of its own.
    NoticeBeforeChange,
    /// What is to be sent is taken away before it is sent.
    TakenAwayFirst,
    /// A webhook has room for one notice that waits.
    OneRoom,
    /// What is told is laid out for the owner last.
    LaidOutLast,
    /// What is counted is taken away after its notice was written down, in a call of its own.
    CountedThenTaken,
    /// All that is counted of a minute is told under one id.
    OneIdForTheMinute,
}

impl Protocol {
    /// Whether change and notice are two calls.
    fn writes_apart(self) -> bool {
        matches!(self, Self::NoticeAfterChange | Self::NoticeBeforeChange)
    }
}

impl Model for Notices {
    type State = World;
    type Action = Action;

    fn init_states(&self) -> Vec<World> {
        vec![World {
            faults_left: self.faults,
            ..World::default()
        }]
    }

    fn actions(&self, world: &World, actions: &mut Vec<Action>) {
        action::beginnings(world, actions);
        for (worker, sweeper) in world.sweepers.iter().enumerate() {
            if let Some(sweeper) = sweeper {
                let stage = sweeper.stage;
                actions.push(Action::Sweep { worker, stage });
                if world.faults_left > 0 {
                    actions.push(Action::CrashSweeper { worker });
                }
            }
        }
    }

    fn next_state(&self, world: &World, action: Action) -> Option<World> {
        let mut world = world.clone();
        world.faults_left -= u8::from(action.is_fault());
        match action {
            Action::Tick => world.minute_is_over = true,
            Action::Change { fact } => world.change(self.protocol, fact),
            Action::ChangeOn { fact } => world.change_on(self.protocol, fact),
            Action::CrashWriter { fact } => world.half[fact.place()] = false,
            Action::Begin { worker } => world.sweepers[worker] = Some(Sweeper::default()),
            Action::Sweep { worker, .. } => sweeper::step(self.protocol, &mut world, worker)?,
            Action::CrashSweeper { worker } => world.sweepers[worker] = None,
        }
        Some(world)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        properties::all()
    }
}
