//! What a webhook does when it is triggered.
//!
//! To add an action: a variant, which the compiler then asks for where actions part ways, in
//! `deliver`; its name; and its own fields in a [`definition`](crate::definition).

use std::fmt;

use crate::excerpt::excerpt;

/// The closed list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ActionType {
    /// An HTTP request to a URL.
    #[default]
    HttpRequest,
}

/// Every action, with its name. The names are stored.
const NAMES: [(ActionType, &str); 1] = [(ActionType::HttpRequest, "HTTP_REQUEST")];

/// A name that is no action's.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("only {known} is supported, found {name:?}", known = NAMES.map(|(_, name)| name).join(", "))]
pub struct UnknownActionType {
    name: String,
}

impl ActionType {
    /// Reads a name.
    pub fn parse(name: &str) -> Result<Self, UnknownActionType> {
        let known = NAMES.iter().find(|(_, known)| *known == name);
        known
            .map(|(kind, _)| *kind)
            .ok_or_else(|| UnknownActionType {
                name: excerpt(name),
            })
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::HttpRequest => "HTTP_REQUEST",
        }
    }
}

impl fmt::Display for ActionType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
