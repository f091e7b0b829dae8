//! Identifiers. Each kind is its own type, so that a run id can never be passed where a webhook id
//! is meant.

use std::fmt;
use std::str::FromStr;

/// Longest id of a user, actor, task, run or build that is accepted (Apify's have 17 characters).
pub const MAX_LENGTH: usize = 64;
/// Length of the ids that Runhooks gives to webhooks, the same as Apify's.
pub const WEBHOOK_ID_LENGTH: usize = 17;

/// An invalid id.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{value:?} is not {noun} id: {rule}")]
pub struct IdError {
    noun: &'static str,
    rule: &'static str,
    value: String,
}

impl IdError {
    pub(crate) fn new(noun: &'static str, rule: &'static str, value: &str) -> Self {
        Self {
            noun,
            rule,
            // The start is enough to recognise the value; a hostile one may be a megabyte.
            value: value.chars().take(80).collect(),
        }
    }
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $noun:literal, $rule:literal, $lengths:expr) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// Accepts letters and digits of the right number and nothing else: ids become parts of
            /// database keys.
            pub fn parse(value: &str) -> Result<Self, IdError> {
                let right = $lengths.contains(&value.len()) && value.bytes().all(|b| b.is_ascii_alphanumeric());
                if right { Ok(Self(value.to_owned())) } else { Err(IdError::new($noun, $rule, value)) }
            }

            /// The id as it is written everywhere.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = IdError;
            fn from_str(value: &str) -> Result<Self, IdError> {
                Self::parse(value)
            }
        }

        impl TryFrom<String> for $name {
            type Error = IdError;
            fn try_from(value: String) -> Result<Self, IdError> {
                Self::parse(&value)
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> String {
                id.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

id!(
    /// Who owns runs and webhooks: the tenant.
    UserId, "a user", "1 to 64 letters and digits", (1..=MAX_LENGTH)
);
id!(
    /// A program that the platform runs.
    ActorId, "an actor", "1 to 64 letters and digits", (1..=MAX_LENGTH)
);
id!(
    /// A saved configuration of an actor.
    TaskId, "a task", "1 to 64 letters and digits", (1..=MAX_LENGTH)
);
id!(
    /// One execution of an actor.
    RunId, "a run", "1 to 64 letters and digits", (1..=MAX_LENGTH)
);
id!(
    /// One build of an actor.
    BuildId, "a build", "1 to 64 letters and digits", (1..=MAX_LENGTH)
);
id!(
    /// A webhook, standing or ad hoc.
    WebhookId, "a webhook", "17 letters and digits", (WEBHOOK_ID_LENGTH..=WEBHOOK_ID_LENGTH)
);
id!(
    /// A redelivery of many dispatches.
    JobId, "a job", "17 letters and digits", (WEBHOOK_ID_LENGTH..=WEBHOOK_ID_LENGTH)
);

impl JobId {
    /// The id that these random bytes stand for.
    pub fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(crate::base62::encode(
            u128::from_be_bytes(bytes),
            WEBHOOK_ID_LENGTH,
        ))
    }
}

impl WebhookId {
    /// The id that these 16 bytes stand for: random ones for a standing webhook, a digest for an ad
    /// hoc one.
    pub fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(crate::base62::encode(
            u128::from_be_bytes(bytes),
            WEBHOOK_ID_LENGTH,
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_letters_and_digits_only() {
        assert_eq!(
            RunId::parse("uPBN9qaKd2iLs5naZ").unwrap().as_str(),
            "uPBN9qaKd2iLs5naZ"
        );
        for hostile in [
            "",
            "a#b",
            "a b",
            "a\0",
            "me~actor",
            "é",
            &"x".repeat(65),
            "a\n",
        ] {
            assert!(RunId::parse(hostile).is_err(), "{hostile:?} was accepted");
        }
    }

    #[test]
    fn an_error_names_the_kind_and_the_value() {
        let error = ActorId::parse("me~actor").unwrap_err().to_string();
        assert_eq!(
            error,
            "\"me~actor\" is not an actor id: 1 to 64 letters and digits"
        );
    }

    #[test]
    fn a_hostile_value_is_shown_shortened() {
        assert!(
            RunId::parse(&"#".repeat(1_000_000))
                .unwrap_err()
                .to_string()
                .len()
                < 200
        );
    }

    #[test]
    fn webhook_ids_have_a_fixed_width() {
        for bytes in [[0; 16], [255; 16]] {
            assert!(WebhookId::parse(WebhookId::from_bytes(bytes).as_str()).is_ok());
        }
    }
}
