//! A worker of `deliver` whose attempt has failed and is on record: it sees to it that the retry
//! will come.

use super::action::Action;
use super::world::{Retry, World};
use super::{LONGEST_DELAY, Protocol, Sweep};
use crate::queue::{Held, Message};

/// A worker with its message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Parker {
    /// The message.
    pub held: Held<Retry>,
    /// How many minutes ago it looked at the clock.
    pub age: u8,
    /// What it does next.
    way: Way,
}

/// How a retry is to come: the choice of `Deliver::schedule`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Way {
    /// The queue holds it back: `DeliveryQueue::send`.
    Delay,
    /// It lies in the bucket of its minute: `Store::park`.
    Park,
    /// That is done.
    Done,
}

impl Parker {
    pub(super) fn actions(&self, worker: usize, faults_left: u8, actions: &mut Vec<Action>) {
        if self.way == Way::Done {
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
        } else {
            actions.push(Action::Schedule {
                worker,
                way: self.way,
            });
        }
        if faults_left > 0 {
            actions.push(Action::CrashParker { worker });
            if !self.held.has_lapsed {
                actions.push(Action::Lapse { worker });
            }
        }
    }
}

/// Takes a message from the queue, and compares the record with the clock.
pub(super) fn receive(
    model: &Sweep,
    world: &mut World,
    worker: usize,
    message: Message<Retry>,
) -> Option<()> {
    let mut held = world.messages.receive(message)?;
    let wait = world.due[message.body.place()].saturating_sub(world.now);
    let way = if wait > LONGEST_DELAY {
        Way::Park
    } else {
        Way::Delay
    };
    // Deleted at once: it does not come back.
    held.has_lapsed = model.protocol == Protocol::AcknowledgeThenPark;
    world.parkers[worker] = Some(Parker { held, age: 0, way });
    Some(())
}

/// `Deliver::schedule`.
pub(super) fn schedule(world: &mut World, worker: usize) -> Option<()> {
    let parker = world.parkers[worker].as_mut()?;
    let retry = parker.held.message.body.place();
    match parker.way {
        Way::Delay => world.sent[retry] = true,
        Way::Park => world.parked[retry] = true,
        Way::Done => return None,
    }
    parker.way = Way::Done;
    parker.age = 0;
    Some(())
}

/// Acknowledges the message.
pub(super) fn finish(world: &mut World, worker: usize, deletes: bool) -> Option<()> {
    let parker = world.parkers[worker].take()?;
    if deletes {
        let others = world
            .parkers
            .iter_mut()
            .flatten()
            .map(|other| &mut other.held);
        parker.held.delete(&mut world.messages, others);
    }
    Some(())
}
