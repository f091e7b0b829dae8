//! The fields of a JSON object that a user wrote, read one by one so that every complaint names its
//! field.

use serde_json::{Map, Value};

use crate::excerpt::{excerpt, kind};

/// What their values are is nobody's business but their owner's: an error tells what kind of value
/// was found, and not which.
const SECRET: [&str; 3] = ["headersTemplate", "payloadTemplate", "requestUrl"];

/// What is wrong with one field.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {problem}")]
pub struct FieldError {
    /// Name of the field, as it is spelled on the wire.
    pub field: String,
    /// What is wrong, with the value unless it may be a secret.
    pub problem: String,
}

impl FieldError {
    /// A complaint about a field.
    pub fn new(field: &str, problem: impl std::fmt::Display) -> Self {
        Self {
            field: field.to_owned(),
            problem: problem.to_string(),
        }
    }
}

/// A JSON object that is being read. Every `take` removes its field, so that what is left at the
/// end is what nobody asked for.
#[derive(Debug)]
pub struct Fields(Map<String, Value>);

impl Fields {
    /// The fields of this object; `null` is the same as absent.
    pub fn new(object: Map<String, Value>) -> Self {
        Self(
            object
                .into_iter()
                .filter(|(_, value)| !value.is_null())
                .collect(),
        )
    }

    /// A string, of so many characters.
    pub fn take_text(
        &mut self,
        field: &str,
        lengths: std::ops::RangeInclusive<usize>,
    ) -> Result<Option<String>, FieldError> {
        let Some(value) = self.0.remove(field) else {
            return Ok(None);
        };
        let Value::String(text) = value else {
            return Err(FieldError::new(
                field,
                format_args!("expected a string, found {}", shown(field, &value)),
            ));
        };
        let length = text.chars().count();
        if !lengths.contains(&length) {
            let (least, most) = (lengths.start(), lengths.end());
            return Err(FieldError::new(
                field,
                format_args!("must have {least} to {most} characters, found {length}"),
            ));
        }
        Ok(Some(text))
    }

    /// A boolean.
    pub fn take_flag(&mut self, field: &str) -> Result<Option<bool>, FieldError> {
        match self.0.remove(field) {
            None => Ok(None),
            Some(Value::Bool(flag)) => Ok(Some(flag)),
            Some(value) => Err(FieldError::new(
                field,
                format_args!("expected true or false, found {}", shown(field, &value)),
            )),
        }
    }

    /// A whole number, in this range.
    pub fn take_whole_number(
        &mut self,
        field: &str,
        range: std::ops::RangeInclusive<u64>,
    ) -> Result<Option<u64>, FieldError> {
        let Some(value) = self.0.remove(field) else {
            return Ok(None);
        };
        let number = whole(&value).filter(|number| range.contains(number));
        number.map(Some).ok_or_else(|| {
            let (least, most) = (range.start(), range.end());
            FieldError::new(
                field,
                format_args!(
                    "expected a whole number from {least} to {most}, found {}",
                    shown(field, &value)
                ),
            )
        })
    }

    /// A list of strings.
    pub fn take_texts(&mut self, field: &str) -> Result<Option<Vec<String>>, FieldError> {
        let Some(value) = self.0.remove(field) else {
            return Ok(None);
        };
        let wrong = |value: &Value| {
            FieldError::new(
                field,
                format_args!("expected a list of strings, found {}", shown(field, value)),
            )
        };
        let Value::Array(items) = value else {
            return Err(wrong(&value));
        };
        let text = |item: Value| match item {
            Value::String(text) => Ok(text),
            other => Err(wrong(&other)),
        };
        items
            .into_iter()
            .map(text)
            .collect::<Result<_, _>>()
            .map(Some)
    }

    /// An object.
    pub fn take_object(&mut self, field: &str) -> Result<Option<Fields>, FieldError> {
        match self.0.remove(field) {
            None => Ok(None),
            Some(Value::Object(object)) => Ok(Some(Fields::new(object))),
            Some(value) => Err(FieldError::new(
                field,
                format_args!("expected an object, found {}", shown(field, &value)),
            )),
        }
    }

    /// Names of the fields that were not taken.
    pub fn rest(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }
}

/// JSON does not tell 5 from 5.0.
fn whole(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| {
        let number = value.as_f64()?;
        (number >= 0.0 && number.fract() == 0.0).then_some(number as u64)
    })
}

/// A value, for an error message: its start, or its kind if it may be a secret.
fn shown(field: &str, value: &Value) -> String {
    if SECRET.contains(&field) {
        kind(value).to_owned()
    } else {
        excerpt(&value.to_string())
    }
}
