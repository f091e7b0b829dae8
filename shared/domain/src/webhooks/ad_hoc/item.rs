//! One entry of the list.

use std::collections::BTreeMap;

use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::AdHocDefinition;
use crate::definition::{Definition, take_idempotency_key};
use crate::excerpt::{excerpt, kind_of_json};
use crate::fields::{FieldError, Fields};
use crate::webhooks::label::Label;

/// Longest list or object that is read as a tree, in bytes. No field of a definition needs more.
const LONGEST: usize = 64 * 1024;
/// The most ignored fields that are named.
const MOST_IGNORED: usize = 10;

/// Reads an entry. An error says what is wrong, beginning behind the entry's place.
pub(super) fn read(position: usize, item: &RawValue) -> Result<AdHocDefinition, String> {
    let kind = kind_of_json(item.get());
    if kind != "an object" {
        return Err(format!(": expected an object, found {kind}"));
    }
    let members: BTreeMap<String, &RawValue> = serde_json::from_str(item.get())
        .map_err(|error| format!(": the object cannot be read: {error}"))?;
    let (fields, content) = fields(members);
    of_fields(fields, content, position).map_err(|error| format!(".{error}"))
}

fn of_fields(
    mut fields: Fields,
    content: String,
    position: usize,
) -> Result<AdHocDefinition, FieldError> {
    let definition = Definition::take(&mut fields)?;
    let idempotency_key = take_idempotency_key(&mut fields)?;
    let is_enabled = fields.take_flag("isEnabled")?.unwrap_or(true);
    let mut ignored = Vec::new();
    let label = label(&mut fields, &mut ignored);
    let rest = fields.rest().map(excerpt);
    ignored.extend(rest.take(MOST_IGNORED));
    Ok(AdHocDefinition {
        definition,
        label,
        is_enabled,
        idempotency_key,
        ignored,
        position,
        content,
    })
}

/// Words about the webhook, as the API takes them. What it would not take is no reason to lose the
/// webhook, which does its work without.
fn label(fields: &mut Fields, ignored: &mut Vec<String>) -> Label {
    let mut text = |name: &str, longest| {
        fields.take_text(name, 0..=longest).unwrap_or_else(|_| {
            ignored.push(name.to_owned());
            None
        })
    };
    let (title, description) = (text("title", 63), text("description", 320));
    Label {
        title,
        description,
        is_apify_integration: matches!(fields.take_flag("isApifyIntegration"), Ok(Some(true))),
    }
}

/// The fields of an object, and the object as one text: keys in order, without blanks. It is made
/// member by member, and no list or object outlives its turn: all a field needs of it is what kind
/// it is, but for `eventTypes`.
fn fields(members: BTreeMap<String, &RawValue>) -> (Fields, String) {
    let mut kept = Map::new();
    let mut content = Vec::with_capacity(members.len());
    for (name, raw) in members {
        let is_container = raw.get().starts_with(['{', '[']);
        let is_read = !is_container || raw.get().len() <= LONGEST;
        let value = is_read
            .then(|| serde_json::from_str::<Value>(raw.get()).ok())
            .flatten();
        let text = value
            .as_ref()
            .map_or_else(|| raw.get().to_owned(), Value::to_string);
        content.push(format!("{}:{text}", Value::from(name.as_str())));
        let value = match value {
            Some(list) if name == "eventTypes" => list,
            Some(scalar) if !is_container => scalar,
            _ if raw.get().starts_with('[') => Value::Array(Vec::new()),
            _ if is_container => Value::Object(Map::new()),
            // A number that is none of ours.
            _ => Value::from(0),
        };
        kept.insert(name, value);
    }
    (Fields::new(kept), format!("{{{}}}", content.join(",")))
}
