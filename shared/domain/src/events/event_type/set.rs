//! Several event types.

use super::{EventType, SpelledEventType, UnknownEventType};

/// The event types that a webhook waits for: at least one, each once, in the order in which they
/// were given.
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
