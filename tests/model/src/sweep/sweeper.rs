//! A sweep: for each minute that may be taken, read its bucket, send what is in it, note the
//! minute.

use std::ops::RangeInclusive;

use super::action::Action;
use super::world::{Retry, World};
use super::{AHEAD, LONGEST_DELAY, Protocol, Sweep};

/// A sweep that is under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Sweeper {
    /// The minute that it is at.
    minute: u8,
    /// The last that it takes.
    last: u8,
    /// What it does next.
    stage: Stage,
    /// What else of this minute it has to send.
    unsent: [bool; 2],
}

/// What a sweep does: the parts of `Sweep::take_all`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Stage {
    /// `Store::due_in`.
    Read,
    /// `DeliveryQueue::send`, for one retry.
    Send(Retry),
    /// `Store::note_taken`.
    Note,
}

impl Sweeper {
    pub(super) fn actions(&self, worker: usize, faults_left: u8, actions: &mut Vec<Action>) {
        let sweep = |stage| Action::Sweep {
            worker,
            minute: self.minute,
            stage,
        };
        match self.stage {
            // In any order.
            Stage::Send(_) => {
                let unsent = Retry::BOTH
                    .into_iter()
                    .filter(|retry| self.unsent[retry.place()]);
                actions.extend(unsent.map(|retry| sweep(Stage::Send(retry))));
            }
            stage => actions.push(sweep(stage)),
        }
        if faults_left > 0 {
            actions.push(Action::CrashSweeper { worker });
        }
    }

    /// Goes on to the next minute in which anything can fall due, or to the last: what it sees of
    /// the others changes nothing.
    fn pass_empty_minutes(&mut self, due: &[u8; 2]) {
        while self.stage == Stage::Read && self.minute < self.last && !due.contains(&self.minute) {
            self.minute += 1;
        }
    }

    fn next_unsent(&self) -> Option<Retry> {
        Retry::BOTH
            .into_iter()
            .find(|retry| self.unsent[retry.place()])
    }
}

/// The minutes that can be taken: `Minute::to_take`.
pub(super) fn to_take(model: &Sweep, world: &World) -> RangeInclusive<u8> {
    let first = match world.taken {
        Some(taken) => taken + 1,
        None if model.protocol == Protocol::BeginsNow => world.now,
        // Whoever parks the first retry notes where to begin: `Store::park`. Nothing is parked
        // before that.
        None => 0,
    };
    let ahead = if model.protocol == Protocol::LooksTooFarAhead {
        LONGEST_DELAY + 1
    } else {
        AHEAD
    };
    first..=world.now + ahead
}

/// Begins: reads cursor and clock.
pub(super) fn begin(model: &Sweep, world: &mut World, worker: usize) -> Option<()> {
    let minutes = to_take(model, world);
    let mut sweeper = Sweeper {
        minute: *minutes.start(),
        last: *minutes.end(),
        stage: Stage::Read,
        unsent: [false; 2],
    };
    sweeper.pass_empty_minutes(&world.due);
    world.sweepers[worker] = Some(sweeper);
    Some(())
}

/// Goes on.
pub(super) fn step(model: &Sweep, world: &mut World, worker: usize, stage: Stage) -> Option<()> {
    let mut sweeper = world.sweepers[worker]?;
    match stage {
        Stage::Read => {
            sweeper.unsent =
                [0, 1].map(|retry| world.parked[retry] && world.due[retry] == sweeper.minute)
        }
        Stage::Send(retry) => {
            sweeper.unsent[retry.place()] = false;
            world.sent[retry.place()] = true;
        }
        Stage::Note => world.taken = world.taken.max(Some(noted(model, &sweeper))),
    }
    world.sweepers[worker] = follow(model, sweeper, stage);
    let World { sweepers, due, .. } = world;
    if let Some(sweeper) = &mut sweepers[worker] {
        sweeper.pass_empty_minutes(due);
    }
    Some(())
}

fn noted(model: &Sweep, sweeper: &Sweeper) -> u8 {
    if model.protocol == Protocol::CursorAtOnce {
        sweeper.last
    } else {
        sweeper.minute
    }
}

/// What comes after a stage. Nothing is noted for an empty minute, unless it is the last.
fn follow(model: &Sweep, sweeper: Sweeper, done: Stage) -> Option<Sweeper> {
    let notes_first = model.protocol == Protocol::CursorBeforeSend;
    let is_last = sweeper.minute == sweeper.last;
    let next = match (done, sweeper.next_unsent()) {
        (Stage::Read, Some(_)) if notes_first => Stage::Note,
        (_, Some(retry)) => Stage::Send(retry),
        (Stage::Send(_), None) if !notes_first => Stage::Note,
        (Stage::Read, None) if is_last => Stage::Note,
        (_, None) if is_last => return None,
        (_, None) => {
            return Some(Sweeper {
                minute: sweeper.minute + 1,
                stage: Stage::Read,
                ..sweeper
            });
        }
    };
    Some(Sweeper {
        stage: next,
        ..sweeper
    })
}
