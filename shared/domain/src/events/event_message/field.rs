//! Reading a single field, so that an error can name it.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::MessageError;
use crate::excerpt::{excerpt, kind_of_json};
use crate::id::IdError;

/// A field's name, and what stands in it.
pub(super) type Field<'a> = (&'static str, Option<&'a RawValue>);

/// The value of two fields that say the same: whichever is there; if both are, they must be equal.
pub(super) fn agreed(one: Field, other: Field) -> Result<Option<String>, MessageError> {
    match (text(one.0, one.1)?, text(other.0, other.1)?) {
        (Some(one_value), Some(other_value)) if one_value != other_value => {
            Err(MessageError::Disagree {
                one: one.0,
                one_value: excerpt(&one_value),
                other: other.0,
                other_value: excerpt(&other_value),
            })
        }
        (one, other) => Ok(one.or(other)),
    }
}

pub(super) fn required<T>(field: &'static str, value: Option<T>) -> Result<T, MessageError> {
    value.ok_or(MessageError::Missing(field))
}

pub(super) fn id<T>(
    field: &'static str,
    value: String,
    parse: impl Fn(&str) -> Result<T, IdError>,
) -> Result<T, MessageError> {
    parse(&value).map_err(|error| MessageError::Id { field, error })
}

/// A string; `null` is the same as absent.
pub(super) fn text(
    field: &'static str,
    raw: Option<&RawValue>,
) -> Result<Option<String>, MessageError> {
    let wrong = |raw: &RawValue| wrong_type(field, "a string", excerpt(raw.get()));
    raw.filter(|raw| raw.get() != "null")
        .map(|raw| serde_json::from_str(raw.get()).map_err(|_| wrong(raw)))
        .transpose()
}

/// A whole number; `null` is the same as absent.
pub(super) fn number(
    field: &'static str,
    raw: Option<&RawValue>,
) -> Result<Option<u32>, MessageError> {
    let wrong = |raw: &RawValue| wrong_type(field, "a whole number from 0", excerpt(raw.get()));
    raw.filter(|raw| raw.get() != "null")
        .map(|raw| serde_json::from_str(raw.get()).map_err(|_| wrong(raw)))
        .transpose()
}

pub(super) fn object<'a, T: Deserialize<'a>>(
    field: &'static str,
    raw: &'a RawValue,
) -> Result<T, MessageError> {
    // Only an object will do: serde would also take an array for a struct.
    if !raw.get().starts_with('{') {
        // What else is there is a run that was written in another way, and may hold its secrets.
        let found = kind_of_json(raw.get()).to_owned();
        return Err(wrong_type(field, "an object", found));
    }
    Ok(serde_json::from_str(raw.get())?)
}

fn wrong_type(field: &'static str, expected: &'static str, found: String) -> MessageError {
    MessageError::WrongType {
        field,
        expected,
        found,
    }
}
