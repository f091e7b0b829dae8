//! What there is at one moment: clock, records, buckets, queue, workers and sweepers.

use super::parker::Parker;
use super::sweeper::Sweeper;
use super::{END, PARKING, Protocol, Sweep};
use crate::queue::Queue;

/// Clock, records, buckets, queue, workers and sweepers at one moment.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct World {
    /// How many more faults there may be.
    pub faults_left: u8,
    /// The minute.
    pub now: u8,
    /// When each retry falls due, by its dispatch's record.
    pub due: [u8; 2],
    /// The messages of the attempts that have failed: each is acknowledged when the retry that
    /// follows is scheduled.
    pub messages: Queue<Retry>,
    /// The sandboxes of `deliver`, with what they are doing.
    pub parkers: [Option<Parker>; 2],
    /// Which retries lie in the buckets of their minutes.
    pub parked: [bool; 2],
    /// The sandboxes of `sweep`, with what they are doing.
    pub sweepers: [Option<Sweeper>; 2],
    /// The cursor: the last minute whose retries were all sent.
    pub taken: Option<u8>,
    /// Which retries have a message on the delivery queue, held back until they are due.
    pub sent: [bool; 2],
}

/// A retry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Retry {
    /// That of one dispatch.
    First,
    /// That of another.
    Second,
}

impl Retry {
    /// Both retries.
    pub const BOTH: [Self; 2] = [Self::First, Self::Second];

    /// Its place in a list.
    pub fn place(self) -> usize {
        usize::from(self == Self::Second)
    }
}

impl World {
    /// Whether the clock goes on.
    pub fn has_time(&self) -> bool {
        self.now < END
    }

    /// A minute goes by. A worker whose time is over is ended by force.
    pub fn tick(&mut self, model: &Sweep) {
        self.now += 1;
        let limit = if model.protocol == Protocol::SlowParking {
            PARKING + 1
        } else {
            PARKING
        };
        for worker in &mut self.parkers {
            let Some(parker) = worker else { continue };
            parker.age += 1;
            if parker.age > limit {
                parker.held.give_back(&mut self.messages);
                *worker = None;
            }
        }
    }
}
