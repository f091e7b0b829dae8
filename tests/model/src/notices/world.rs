//! What there is at one moment: facts, notices that wait, what was told, and sweepers.

use super::Protocol;
use super::sweeper::Sweeper;

/// What an owner is to be told of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Fact {
    /// The webhook has changed.
    Change,
    /// It has changed once more.
    NextChange,
    /// A dispatch is exhausted.
    First,
    /// Another is.
    Second,
}

/// Some facts, each by its bit.
pub(super) type Facts = u8;

/// What was written down, sent, and so on, at one moment. A notice has the place of the first fact
/// that it tells of: that is its id.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct World {
    /// How many more faults there may be.
    pub faults_left: u8,
    /// Whether the minute of the dispatches is over, and what is recorded now is late:
    /// `notice::not_counted_yet`.
    pub minute_is_over: bool,
    /// What has happened.
    pub made: Facts,
    /// Who is between change and notice, if these are two calls.
    pub half: [bool; 4],
    /// The exhausted dispatches that no notice tells of yet: `Store::put_exhausted`.
    pub noted: Facts,
    /// The notices that wait, by what each tells: `Store::put_notice`.
    pub pending: [Facts; 4],
    /// The notices that the owner can read.
    pub laid_out: [bool; 4],
    /// What the platform was told first under each id.
    pub told: [Facts; 4],
    /// Whether it was told something else under the same id later.
    pub is_contradicted: bool,
    /// The sandboxes of `sweep`, with what they are doing.
    pub sweepers: [Option<Sweeper>; 2],
}

impl Fact {
    /// All facts.
    pub const ALL: [Self; 4] = [Self::Change, Self::NextChange, Self::First, Self::Second];

    /// Its place in a list.
    pub fn place(self) -> usize {
        self as usize
    }

    pub(super) fn bit(self) -> Facts {
        1 << self.place()
    }
}

impl World {
    /// Whether it can happen now: a webhook's changes come one after the other.
    pub(super) fn can_happen(&self, fact: Fact) -> bool {
        let is_over = self.made & fact.bit() != 0 || self.half[fact.place()];
        let comes_after = fact == Fact::NextChange && self.made & Fact::Change.bit() == 0;
        !is_over && !comes_after
    }

    /// It happens, and is written down: `Store::disable_webhook`, `Store::note_failing` and the
    /// like; of a dispatch, `Store::record_exhausted`. Whoever comes second is refused by the
    /// condition of the change.
    pub(super) fn change(&mut self, protocol: Protocol, fact: Fact) {
        self.half[fact.place()] = protocol.writes_apart();
        if protocol != Protocol::NoticeBeforeChange {
            self.made |= fact.bit();
        }
        if protocol != Protocol::NoticeAfterChange {
            self.write_down(protocol, fact);
        }
    }

    /// The second call, where there are two.
    pub(super) fn change_on(&mut self, protocol: Protocol, fact: Fact) {
        self.half[fact.place()] = false;
        if protocol == Protocol::NoticeBeforeChange {
            self.made |= fact.bit();
        } else {
            self.write_down(protocol, fact);
        }
    }

    fn write_down(&mut self, protocol: Protocol, fact: Fact) {
        let place = match fact {
            Fact::First | Fact::Second => {
                self.noted |= fact.bit();
                return;
            }
            Fact::NextChange if protocol == Protocol::OneRoom => Fact::Change.place(),
            Fact::Change | Fact::NextChange => fact.place(),
        };
        self.pending[place] = fact.bit();
    }

    /// Whether a sweep would find anything to do.
    pub(super) fn has_work(&self) -> bool {
        self.to_count() != 0 || self.pending.iter().any(|facts| *facts != 0)
    }

    /// The dispatches that can be counted now.
    pub(super) fn to_count(&self) -> Facts {
        if self.minute_is_over { self.noted } else { 0 }
    }

    /// The platform gets a notice under this id.
    pub(super) fn tell(&mut self, id: usize, facts: Facts) {
        let known = &mut self.told[id];
        match *known {
            0 => *known = facts,
            known => self.is_contradicted |= known != facts,
        }
    }

    /// Under how many ids it was told of this.
    pub(super) fn times_told(&self, fact: Fact) -> usize {
        let told = self.told.iter();
        told.filter(|facts| **facts & fact.bit() != 0).count()
    }
}
