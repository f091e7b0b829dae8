//! What may be said of a text or value that somebody else wrote, in an error, a log line, an
//! attribute or an answer.

use serde_json::Value;

/// Most characters of somebody else's text.
const LENGTH: usize = 80;

/// The start of a text: enough to recognise it; a hostile one may be a megabyte.
pub fn excerpt(text: &str) -> String {
    text.chars().take(LENGTH).collect()
}

/// What kind of value this is, for where the value itself may be a secret.
pub fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

/// The same of a value that is still JSON.
pub(crate) fn kind_of_json(json: &str) -> &'static str {
    match json.trim_start().as_bytes().first() {
        Some(b'{') => "an object",
        Some(b'[') => "a list",
        Some(b'"') => "a string",
        Some(b't' | b'f') => "a boolean",
        Some(b'n') => "null",
        Some(_) => "a number",
        None => "nothing",
    }
}
