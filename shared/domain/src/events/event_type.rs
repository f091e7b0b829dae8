//! What can happen to a run or build, in every spelling that was ever in use.

mod set;

use std::fmt;

use SubjectKind::{Build, Run};

use crate::excerpt::excerpt;

pub use set::{EventTypes, EventTypesError};

/// The closed list. Each type is one entry, and nothing else in this crate says what a type is; the
/// README says who beside this crate has to know of it. A macro, because an enum and a table beside
/// it would be two lists.
macro_rules! closed_list {
    ($(
        $(#[$doc:meta])*
        $kind:ident: $subject:expr, $place:ident, $names:expr, $statuses:expr;
    )*) => {
        /// A transition that webhooks can wait for.
        ///
        /// The five of the original documentation page are the first five.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum EventType {
            $($(#[$doc])* $kind,)*
        }

        /// Every type, in the order of their bits.
        const KNOWN: &[Known] = &[$(Known {
            kind: EventType::$kind,
            subject: $subject,
            place: Place::$place,
            names: &$names,
            statuses: &$statuses,
        },)*];
    };
}

// New ones are appended: the position of a type is stored, as a bit.
//
// What it is about, its place in the life of that, its names, of which the first is today's, and
// the statuses with which a run or build is seen that it has just happened to.
closed_list! {
    /// A run was created.
    RunCreated: Some(Run), Creation, ["ACTOR.RUN.CREATED"], ["READY"];
    /// A run finished with status SUCCEEDED.
    RunSucceeded: Some(Run), End, ["ACTOR.RUN.SUCCEEDED"], ["SUCCEEDED"];
    /// A run finished with status FAILED.
    RunFailed: Some(Run), End, ["ACTOR.RUN.FAILED"], ["FAILED"];
    /// A run finished with status ABORTED.
    RunAborted: Some(Run), End, ["ACTOR.RUN.ABORTED"], ["ABORTED"];
    /// A run finished with status TIMED-OUT.
    RunTimedOut: Some(Run), End,
        ["ACTOR.RUN.TIMED_OUT", "ACTOR.RUN.TIMEDOUT", "ACTOR.RUN.TIMED-OUT"], TIMED_OUT;
    /// A finished run was started again.
    RunResurrected: Some(Run), Between, ["ACTOR.RUN.RESURRECTED"], [];
    /// A build was created.
    BuildCreated: Some(Build), Creation, ["ACTOR.BUILD.CREATED"], ["READY"];
    /// A build finished with status SUCCEEDED.
    BuildSucceeded: Some(Build), End, ["ACTOR.BUILD.SUCCEEDED"], ["SUCCEEDED"];
    /// A build finished with status FAILED.
    BuildFailed: Some(Build), End, ["ACTOR.BUILD.FAILED"], ["FAILED"];
    /// A build finished with status ABORTED.
    BuildAborted: Some(Build), End, ["ACTOR.BUILD.ABORTED"], ["ABORTED"];
    /// A build finished with status TIMED-OUT.
    BuildTimedOut: Some(Build), End,
        ["ACTOR.BUILD.TIMED_OUT", "ACTOR.BUILD.TIMEDOUT", "ACTOR.BUILD.TIMED-OUT"], TIMED_OUT;
    /// A user asked for a test delivery; no run or build is behind it.
    Test: None, Between, ["TEST"], [];
}

const TIMED_OUT: [&str; 3] = ["TIMED-OUT", "TIMED_OUT", "TIMEDOUT"];

/// What is known of a type.
struct Known {
    kind: EventType,
    subject: Option<SubjectKind>,
    place: Place,
    names: &'static [&'static str],
    statuses: &'static [&'static str],
}

/// Where in the life of a run or build an event has its place.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Creation,
    Between,
    End,
}

/// Whether an event is about a run or a build.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SubjectKind {
    /// About a run.
    Run,
    /// About a build.
    Build,
}

// One bit for each.
const _: () = assert!(KNOWN.len() <= u16::BITS as usize);

impl EventType {
    /// Every type.
    pub fn all() -> impl Iterator<Item = Self> {
        KNOWN.iter().map(|known| known.kind)
    }

    /// The type that this name stands for, in any of its spellings.
    pub fn parse(name: &str) -> Result<Self, UnknownEventType> {
        SpelledEventType::parse(name).map(|spelled| spelled.kind)
    }

    /// Today's name.
    pub fn name(self) -> &'static str {
        self.names().first().copied().unwrap_or_default()
    }

    /// Every name that it was ever known by, today's first.
    pub fn names(self) -> &'static [&'static str] {
        self.known().names
    }

    /// What it is about; a test is about nothing.
    pub fn subject(self) -> Option<SubjectKind> {
        self.known().subject
    }

    /// The event of a run or build that was just seen with this status, in any spelling. `None` for
    /// the statuses that are [on the way](is_transitional) and for unknown ones.
    pub fn of_status(subject: SubjectKind, status: &str) -> Option<Self> {
        let is_it =
            |known: &&Known| known.subject == Some(subject) && known.statuses.contains(&status);
        KNOWN.iter().find(is_it).map(|known| known.kind)
    }

    /// Whether it is the creation of a run or build: there is one of each.
    pub fn is_creation(self) -> bool {
        self.known().place == Place::Creation
    }

    /// Whether a run or build has ended with it.
    pub fn is_end(self) -> bool {
        self.known().place == Place::End
    }

    /// This type's bit in a match document's event mask. The values are stored: they never change.
    pub fn bit(self) -> u16 {
        1 << self as u16
    }

    /// The type with this bit.
    pub fn of_bit(bit: u16) -> Option<Self> {
        Self::all().find(|kind| kind.bit() == bit)
    }

    /// Both lists come from one: the type's position in the enum is that of its entry.
    fn known(self) -> &'static Known {
        &KNOWN[self as usize]
    }
}

/// Whether a run or build with this status is on its way from one event to the next.
pub fn is_transitional(status: &str) -> bool {
    matches!(
        status,
        "RUNNING" | "ABORTING" | "TIMING-OUT" | "TIMING_OUT" | "TIMINGOUT"
    )
}

/// An event type together with the spelling in which a webhook was registered for it. The payload
/// and the API show that spelling.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SpelledEventType {
    /// The type.
    pub kind: EventType,
    /// Its name, as the user wrote it.
    pub name: &'static str,
}

impl SpelledEventType {
    /// Reads a name in any of its spellings.
    pub fn parse(name: &str) -> Result<Self, UnknownEventType> {
        let of = |known: &Known| {
            let name = known.names.iter().find(|known| **known == name)?;
            Some(Self {
                kind: known.kind,
                name,
            })
        };
        KNOWN.iter().find_map(of).ok_or_else(|| UnknownEventType {
            name: excerpt(name),
        })
    }
}

/// A name that is no event type's.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{name:?} is not an event type; known are {known}", known = known_names())]
pub struct UnknownEventType {
    name: String,
}

fn known_names() -> String {
    let names = KNOWN.iter().flat_map(|known| known.names).copied();
    names.collect::<Vec<_>>().join(", ")
}

impl fmt::Display for EventType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests;
