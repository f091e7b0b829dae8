//! `sweep`: retries that wait longer than a queue can hold them are parked in the bucket of their
//! minute, and taken out shortly before it.
//!
//! Two retries, whose times are in their records. Two workers of `deliver` see to it that each will
//! come, through the queue or a bucket; at any time there are up to two sweepers, or none for long.
//! A retry is where it should be when its message is on the delivery queue: what follows is the
//! model [`deliver`](crate::deliver).
//!
//! Time goes in steps, which stand for minutes. The numbers are smaller than the real ones, in the
//! same proportions.

mod action;
mod parker;
mod properties;
mod sweeper;
mod world;

pub use action::Action;
pub use parker::{Parker, Way};
pub use sweeper::{Stage, Sweeper};
pub use world::{Retry, World};

use stateright::{Model, Property};

use crate::queue::Queue;

/// The longest that the queue holds a message back: `retry::LONGEST_DELAY`, 15 minutes.
pub const LONGEST_DELAY: u8 = 3;
/// How long before its time a bucket may be taken: `due::AHEAD`, 10 minutes.
pub const AHEAD: u8 = 2;
/// How long a worker may take from reading the clock until its retry is parked: at most the
/// difference of the two.
pub const PARKING: u8 = LONGEST_DELAY - AHEAD;
/// The last moment.
const END: u8 = 5;

/// What is checked: the protocol, right or with a mistake in it.
#[derive(Clone, Debug)]
pub struct Sweep {
    /// The protocol.
    pub protocol: Protocol,
    /// How many faults there may be in all: crashes and lapsed visibility timeouts.
    pub faults: u8,
}

/// The protocol, right or with one mistake in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// As it is to be.
    Right,
    /// The cursor moves before what was read is sent.
    CursorBeforeSend,
    /// The cursor moves to the end of the sweep as soon as the first bucket was sent.
    CursorAtOnce,
    /// A worker may take longer to park than the sweeper leaves it.
    SlowParking,
    /// The first sweep begins with the minute in which it runs.
    BeginsNow,
    /// The sweeper looks further ahead than the queue can hold a message back.
    LooksTooFarAhead,
    /// The message is acknowledged before its retry is parked.
    AcknowledgeThenPark,
}

impl Model for Sweep {
    type State = World;
    type Action = Action;

    fn init_states(&self) -> Vec<World> {
        let world = |due: [u8; 2]| World {
            faults_left: self.faults,
            now: 0,
            due,
            messages: Queue::of([Retry::First]),
            parkers: [None, None],
            parked: [false, true],
            sweepers: [None, None],
            taken: None,
            sent: [false; 2],
        };
        let first = LONGEST_DELAY + 1;
        let dues = [[first, first], [first, first + 1], [first + 1, first]];
        dues.map(world).to_vec()
    }

    fn actions(&self, world: &World, actions: &mut Vec<Action>) {
        action::beginnings(self, world, actions);
        for (worker, parker) in world.parkers.iter().enumerate() {
            parker
                .iter()
                .for_each(|parker| parker.actions(worker, world.faults_left, actions));
        }
        for (worker, sweeper) in world.sweepers.iter().enumerate() {
            sweeper
                .iter()
                .for_each(|sweeper| sweeper.actions(worker, world.faults_left, actions));
        }
    }

    fn next_state(&self, world: &World, action: Action) -> Option<World> {
        let mut world = world.clone();
        world.faults_left -= u8::from(action.is_fault());
        match action {
            Action::Tick => world.tick(self),
            Action::Receive { worker, message } => {
                parker::receive(self, &mut world, worker, message)?
            }
            Action::Schedule { worker, .. } => parker::schedule(&mut world, worker)?,
            Action::Finish { worker, deletes } => parker::finish(&mut world, worker, deletes)?,
            Action::CrashParker { worker } => world.parkers[worker]
                .take()?
                .held
                .give_back(&mut world.messages),
            Action::Lapse { worker } => world.parkers[worker]
                .as_mut()?
                .held
                .lapse(&mut world.messages, 1 + world.faults_left),
            Action::Begin { worker } => sweeper::begin(self, &mut world, worker)?,
            Action::Sweep { worker, stage, .. } => sweeper::step(self, &mut world, worker, stage)?,
            Action::CrashSweeper { worker } => world.sweepers[worker] = None,
        }
        Some(world)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        properties::all()
    }
}
