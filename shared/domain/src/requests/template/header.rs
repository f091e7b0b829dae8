//! One header of a headers template.

use std::borrow::Cow;

use super::header_name::{NameRule, rule_for};
use super::json::{compact, unescaped, unquoted};
use super::paths::Slot;
use super::tree::{Member, Node, Piece};
use super::values::Values;
use super::{MAX_PAYLOAD_BYTES, writer};

/// Longest header that a template may set: name and value, in bytes.
pub const MAX_HEADER_BYTES: usize = 4096;

pub(super) struct Header<'t> {
    name: String,
    value: Value<'t>,
}

enum Value<'t> {
    Text(Vec<Piece<'t>>),
    Variable(Slot),
}

impl<'t> Header<'t> {
    /// The header that this member of the template sets; none if the system writes it anyway.
    pub(super) fn of(member: Member<'t>) -> Result<Option<Self>, String> {
        // It goes out as it is written: HTTP does not mind the case, but some receivers do.
        let name = unescaped(member.key).unwrap_or(Cow::Borrowed(member.key));
        let lower = name.to_ascii_lowercase();
        match rule_for(&lower) {
            NameRule::Rewritten => return Ok(None),
            NameRule::Refused(why) => return Err(named(&lower, why)),
            NameRule::Sent => {}
        }
        let value = match member.value {
            Node::Text(pieces) => Value::Text(pieces),
            Node::Value(slot) | Node::Quoted(slot) => Value::Variable(slot),
            Node::Constant(_) | Node::Array(_) | Node::Object(_) => {
                return Err(named(
                    &lower,
                    "the value must be a string or a {{variable}}",
                ));
            }
        };
        let header = Self {
            name: name.into_owned(),
            value,
        };
        match header.check_literals() {
            Ok(()) => Ok(Some(header)),
            Err(problem) => Err(named(&lower, &problem)),
        }
    }

    /// As its owner wrote it.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// The value for one event; none if there is nothing to send.
    pub(super) fn render(&self, values: &Values) -> Result<Option<String>, String> {
        let value = match &self.value {
            Value::Text(pieces) => match writer::text(pieces, values, MAX_PAYLOAD_BYTES) {
                Some(body) => Cow::Owned(spelled(&body)?.into_owned()),
                None => return Err(too_long()),
            },
            Value::Variable(slot) => match values.value(*slot) {
                None | Some("null") => return Ok(None),
                Some(json) => match unquoted(json) {
                    Some(body) => spelled(body)?,
                    None => Cow::Owned(compact(json)),
                },
            },
        };
        // Blanks at the ends are no part of a value (RFC 9110, section 5.5).
        let value = value.trim_matches(' ');
        check(value)?;
        if self.name.len() + value.len() > MAX_HEADER_BYTES {
            return Err(too_long());
        }
        Ok(Some(value.to_owned()))
    }

    /// Checks what is known of the value before there is an event.
    fn check_literals(&self) -> Result<(), String> {
        let mut length = self.name.len();
        if let Value::Text(pieces) = &self.value {
            for piece in pieces {
                if let Piece::Literal(body) = piece {
                    let text = spelled(body)?;
                    check(&text)?;
                    length += text.len();
                }
            }
        }
        if length > MAX_HEADER_BYTES {
            return Err(too_long());
        }
        Ok(())
    }
}

fn named(name: &str, problem: &str) -> String {
    let shown: String = name.chars().take(80).collect();
    format!("header {shown:?}: {problem}")
}

fn spelled(body: &str) -> Result<Cow<'_, str>, String> {
    unescaped(body).ok_or_else(|| "the value has half of a surrogate pair".to_owned())
}

/// A line break would start another header.
fn check(value: &str) -> Result<(), String> {
    match value.chars().find(|character| character.is_control()) {
        Some(character) => Err(format!("the value has the control character {character:?}")),
        None => Ok(()),
    }
}

fn too_long() -> String {
    format!("name and value are longer than {MAX_HEADER_BYTES} bytes")
}
