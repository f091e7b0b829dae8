//! A sweep, as far as it is about notices: count, read, lay out, send, note.

use super::Protocol;
use super::world::{Facts, World};

/// A sweep that is under way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Sweeper {
    /// What it does next.
    pub stage: Stage,
    /// The dispatches that it has found exhausted.
    found: Facts,
    /// The notices that it has found waiting.
    read: [Facts; 4],
}

/// What a sweep does: the parts of `Sweep::tell`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Stage {
    /// It looks for exhausted dispatches: `Store::count_exhausted`.
    #[default]
    Find,
    /// It writes down the notice that counts them, and takes them away: `Store::count_together`.
    Count,
    /// It takes them away, if that is a call of its own.
    TakeAway,
    /// `Store::pending_notices`.
    Read,
    /// `Store::lay_out`.
    LayOut,
    /// `NoticeQueue::send`, for the notice in this place.
    Send(usize),
    /// `Store::note_sent`, for the notice in this place.
    Note(usize),
}

impl Sweeper {
    /// The next place from this one on that has a notice.
    fn place_from(&self, first: usize) -> Option<usize> {
        (first..self.read.len()).find(|place| self.read[*place] != 0)
    }
}

/// Goes on.
pub(super) fn step(protocol: Protocol, world: &mut World, worker: usize) -> Option<()> {
    let mut sweeper = world.sweepers[worker]?;
    match sweeper.stage {
        Stage::Find => sweeper.found = world.to_count(),
        Stage::Count => count(protocol, world, sweeper.found),
        Stage::TakeAway => world.noted &= !sweeper.found,
        Stage::Read => sweeper.read = world.pending,
        Stage::LayOut => {
            for (place, facts) in sweeper.read.into_iter().enumerate() {
                if facts != 0 {
                    world.laid_out[id_of(place, facts)] = true;
                }
            }
        }
        Stage::Send(place) => {
            let facts = sweeper.read[place];
            world.tell(id_of(place, facts), facts);
        }
        Stage::Note(place) => world.pending[place] = 0,
    }
    world.sweepers[worker] = follow(protocol, &sweeper).map(|stage| Sweeper { stage, ..sweeper });
    Some(())
}

/// Counts what was found in one notice, unless another sweep has counted some of it meanwhile: what
/// is counted is taken away in the same transaction.
fn count(protocol: Protocol, world: &mut World, found: Facts) {
    let first = match protocol {
        Protocol::OneIdForTheMinute => super::Fact::First.place(),
        _ => found.trailing_zeros() as usize,
    };
    if protocol == Protocol::CountedThenTaken {
        world.pending[first] = found;
    } else if world.noted & found == found {
        world.noted &= !found;
        world.pending[first] = found;
    }
}

/// The id of a notice: that of its own change, wherever it waits.
fn id_of(place: usize, facts: Facts) -> usize {
    let is_change = |fact: super::Fact| facts == fact.bit();
    if is_change(super::Fact::NextChange) {
        super::Fact::NextChange.place()
    } else {
        place
    }
}

/// What comes after a stage; `None` if nothing does.
fn follow(protocol: Protocol, sweeper: &Sweeper) -> Option<Stage> {
    let takes_away_first = protocol == Protocol::TakenAwayFirst;
    let lays_out_last = protocol == Protocol::LaidOutLast;
    let first = sweeper.place_from(0);
    match sweeper.stage {
        Stage::Find if sweeper.found != 0 => Some(Stage::Count),
        Stage::Count if protocol == Protocol::CountedThenTaken => Some(Stage::TakeAway),
        Stage::Find | Stage::Count | Stage::TakeAway => Some(Stage::Read),
        Stage::Read if first.is_none() => None,
        Stage::Read if !lays_out_last => Some(Stage::LayOut),
        Stage::LayOut if takes_away_first => first.map(Stage::Note),
        Stage::LayOut if lays_out_last => None,
        Stage::Read | Stage::LayOut => first.map(Stage::Send),
        Stage::Send(place) => match sweeper.place_from(place + 1) {
            Some(next) => Some(Stage::Send(next)),
            None if takes_away_first => None,
            None => first.map(Stage::Note),
        },
        Stage::Note(place) => match sweeper.place_from(place + 1) {
            Some(next) => Some(Stage::Note(next)),
            None if takes_away_first => first.map(Stage::Send),
            None => lays_out_last.then_some(Stage::LayOut),
        },
    }
}
