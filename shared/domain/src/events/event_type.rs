//! What can happen to a run or build, in every spelling that was ever in use.

use std::fmt;

use crate::excerpt::excerpt;

/// A transition that webhooks can wait for.
///
/// The five of the original documentation page are the first five.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum EventType {
    /// A run was created.
    RunCreated,
    /// A run finished with status SUCCEEDED.
    RunSucceeded,
    /// A run finished with status FAILED.
    RunFailed,
    /// A run finished with status ABORTED.
    RunAborted,
    /// A run finished with status TIMED-OUT.
    RunTimedOut,
    /// A finished run was started again.
    RunResurrected,
    /// A build was created.
    BuildCreated,
    /// A build finished with status SUCCEEDED.
    BuildSucceeded,
    /// A build finished with status FAILED.
    BuildFailed,
    /// A build finished with status ABORTED.
    BuildAborted,
    /// A build finished with status TIMED-OUT.
    BuildTimedOut,
    /// A user asked for a test delivery; no run or build is behind it.
    Test,
}

/// Whether an event is about a run or a build.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SubjectKind {
    /// About a run.
    Run,
    /// About a build.
    Build,
}

/// Every accepted name; the first of each type is today's.
const NAMES: [(EventType, &str); 16] = [
    (EventType::RunCreated, "ACTOR.RUN.CREATED"),
    (EventType::RunSucceeded, "ACTOR.RUN.SUCCEEDED"),
    (EventType::RunFailed, "ACTOR.RUN.FAILED"),
    (EventType::RunAborted, "ACTOR.RUN.ABORTED"),
    (EventType::RunTimedOut, "ACTOR.RUN.TIMED_OUT"),
    (EventType::RunTimedOut, "ACTOR.RUN.TIMEDOUT"),
    (EventType::RunTimedOut, "ACTOR.RUN.TIMED-OUT"),
    (EventType::RunResurrected, "ACTOR.RUN.RESURRECTED"),
    (EventType::BuildCreated, "ACTOR.BUILD.CREATED"),
    (EventType::BuildSucceeded, "ACTOR.BUILD.SUCCEEDED"),
    (EventType::BuildFailed, "ACTOR.BUILD.FAILED"),
    (EventType::BuildAborted, "ACTOR.BUILD.ABORTED"),
    (EventType::BuildTimedOut, "ACTOR.BUILD.TIMED_OUT"),
    (EventType::BuildTimedOut, "ACTOR.BUILD.TIMEDOUT"),
    (EventType::BuildTimedOut, "ACTOR.BUILD.TIMED-OUT"),
    (EventType::Test, "TEST"),
];

impl EventType {
    /// The type that this name stands for, in any of its spellings.
    pub fn parse(name: &str) -> Result<Self, UnknownEventType> {
        SpelledEventType::parse(name).map(|spelled| spelled.kind)
    }

    /// Today's name.
    pub fn name(self) -> &'static str {
        NAMES
            .iter()
            .find(|(kind, _)| *kind == self)
            .map_or("", |(_, name)| name)
    }

    /// What it is about; a test is about nothing.
    pub fn subject(self) -> Option<SubjectKind> {
        use EventType::*;
        match self {
            RunCreated | RunSucceeded | RunFailed | RunAborted | RunTimedOut | RunResurrected => {
                Some(SubjectKind::Run)
            }
            BuildCreated | BuildSucceeded | BuildFailed | BuildAborted | BuildTimedOut => {
                Some(SubjectKind::Build)
            }
            Test => None,
        }
    }

    /// The event of a run or build that was just seen with this status, in any spelling. `None` for
    /// the statuses that are [on the way](is_transitional) and for unknown ones.
    pub fn of_status(subject: SubjectKind, status: &str) -> Option<Self> {
        use EventType::*;
        let (run, build) = match status {
            "READY" => (RunCreated, BuildCreated),
            "SUCCEEDED" => (RunSucceeded, BuildSucceeded),
            "FAILED" => (RunFailed, BuildFailed),
            "ABORTED" => (RunAborted, BuildAborted),
            "TIMED-OUT" | "TIMED_OUT" | "TIMEDOUT" => (RunTimedOut, BuildTimedOut),
            _ => return None,
        };
        Some(match subject {
            SubjectKind::Run => run,
            SubjectKind::Build => build,
        })
    }

    /// Whether it is the creation of a run or build: there is one of each.
    pub fn is_creation(self) -> bool {
        matches!(self, Self::RunCreated | Self::BuildCreated)
    }

    /// Whether a run or build has ended with it.
    pub fn is_end(self) -> bool {
        use EventType::*;
        match self {
            RunSucceeded | RunFailed | RunAborted | RunTimedOut => true,
            BuildSucceeded | BuildFailed | BuildAborted | BuildTimedOut => true,
            RunCreated | RunResurrected | BuildCreated | Test => false,
        }
    }

    /// This type's bit in a match document's event mask. The values are stored: they never change.
    pub fn bit(self) -> u16 {
        1 << self as u16
    }

    /// The type with this bit.
    pub fn of_bit(bit: u16) -> Option<Self> {
        let known = NAMES.iter().find(|(kind, _)| kind.bit() == bit);
        known.map(|(kind, _)| *kind)
    }
}

/// Whether a run or build with this status is on its way from one event to the next.
pub fn is_transitional(status: &str) -> bool {
    matches!(
        status,
        "RUNNING" | "ABORTING" | "TIMING-OUT" | "TIMING_OUT" | "TIMINGOUT"
    )
}

/// An event type together with the spelling in which a webhook was registered for it. The payload and the API show that spelling.
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
        let known = NAMES.iter().find(|(_, known)| *known == name);
        let (kind, name) = known.ok_or_else(|| UnknownEventType {
            name: excerpt(name),
        })?;
        Ok(Self { kind: *kind, name })
    }
}

/// A name that is no event type's.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{name:?} is not an event type; known are {known}", known = known_names())]
pub struct UnknownEventType {
    name: String,
}

fn known_names() -> String {
    NAMES.map(|(_, name)| name).join(", ")
}

impl fmt::Display for EventType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The event types that a webhook waits for: at least one, each once, in the order in which they were given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventTypes(Vec<SpelledEventType>);

impl EventTypes {
    /// Reads the names; a repeated type keeps its first spelling.
    pub fn parse<'a>(names: impl IntoIterator<Item = &'a str>) -> Result<Self, EventTypesError> {
        let mut kept: Vec<SpelledEventType> = Vec::new();
        for name in names {
            let spelled = SpelledEventType::parse(name)?;
            if kept.iter().all(|known| known.kind != spelled.kind) {
                kept.push(spelled);
            }
        }
        if kept.is_empty() {
            return Err(EventTypesError::Empty);
        }
        Ok(Self(kept))
    }

    /// One bit for each type, for the match document.
    pub fn mask(&self) -> u16 {
        self.0
            .iter()
            .fold(0, |mask, spelled| mask | spelled.kind.bit())
    }

    /// The name in which this type was registered, or today's name if it was not.
    pub fn spelling_of(&self, kind: EventType) -> &'static str {
        self.0
            .iter()
            .find(|spelled| spelled.kind == kind)
            .map_or(kind.name(), |spelled| spelled.name)
    }

    /// The names, as they were registered.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        self.0.iter().map(|spelled| spelled.name)
    }
}

/// A list that names no set of event types.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EventTypesError {
    /// The list is empty.
    #[error("at least one event type is needed")]
    Empty,
    /// One of the names is unknown.
    #[error(transparent)]
    Unknown(#[from] UnknownEventType),
}

#[cfg(test)]
mod tests;
