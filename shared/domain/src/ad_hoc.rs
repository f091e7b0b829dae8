//! Ad hoc webhooks as they come with the start of a run: a base64 JSON array (contract §5).

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use serde_json::Value;

use crate::definition::{Definition, take_idempotency_key};
use crate::digest::digest;
use crate::fields::{FieldError, Fields};
use crate::id::{RunId, UserId, WebhookId};

/// One ad hoc webhook, as it was defined.
#[derive(Clone, Debug)]
pub struct AdHocDefinition {
    /// What was defined.
    pub definition: Definition,
    /// Its owner's own name for its creation.
    pub idempotency_key: Option<String>,
    /// Fields that mean nothing here, such as a `condition`: ignored, but worth a warning.
    pub ignored: Vec<String>,
    /// The definition as it came: part of what its id is derived from.
    content: String,
    /// Its place in the list.
    position: usize,
}

/// Why the `webhooks` parameter holds no ad hoc webhooks.
#[derive(Debug, thiserror::Error)]
pub enum AdHocError {
    /// Not base64.
    #[error("not base64: {0}")]
    Base64(#[from] base64::DecodeError),
    /// Not a JSON array.
    #[error("the decoded text is not a JSON array: {0}")]
    Json(#[from] serde_json::Error),
    /// More than one run may have.
    #[error("{found} ad hoc webhooks; one run may have {limit}")]
    TooMany {
        /// How many there are.
        found: usize,
        /// How many are allowed.
        limit: usize,
    },
    /// An entry is no object.
    #[error("[{0}]: expected an object")]
    NotAnObject(usize),
    /// An entry is wrong in one field.
    #[error("[{position}].{error}")]
    Field {
        /// Place in the list, from 0.
        position: usize,
        /// What is wrong.
        error: FieldError,
    },
}

/// Padding is optional, and a last digit with stray bits is let through: hand-made parameters have both.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// Decodes the parameter. Official clients send standard base64 with padding; also taken are the URL-safe alphabet, missing padding, and
/// spaces for `+`, which is what an unescaped `+` in a URL becomes.
pub fn decode(parameter: &str, limit: usize) -> Result<Vec<AdHocDefinition>, AdHocError> {
    let trimmed = parameter.trim();
    if trimmed.is_empty() {
        return Ok(Vec::new());
    }
    let standard = |c: char| match c {
        ' ' | '-' => '+',
        '_' => '/',
        other => other,
    };
    let json = LENIENT.decode(trimmed.chars().map(standard).collect::<String>())?;
    let items: Vec<Value> = serde_json::from_slice(&json)?;
    if items.len() > limit {
        return Err(AdHocError::TooMany {
            found: items.len(),
            limit,
        });
    }
    items
        .into_iter()
        .enumerate()
        .map(|(position, item)| read(position, item))
        .collect()
}

fn read(position: usize, item: Value) -> Result<AdHocDefinition, AdHocError> {
    let content = item.to_string();
    let Value::Object(object) = item else {
        return Err(AdHocError::NotAnObject(position));
    };
    let mut fields = Fields::new(object);
    let wrong = |error| AdHocError::Field { position, error };
    let definition = Definition::take(&mut fields).map_err(wrong)?;
    let idempotency_key = take_idempotency_key(&mut fields).map_err(wrong)?;
    let ignored = fields.rest().map(str::to_owned).collect();
    Ok(AdHocDefinition {
        definition,
        idempotency_key,
        ignored,
        content,
        position,
    })
}

impl AdHocDefinition {
    /// The webhook's id, derived from user, run, place and content: a redelivered event finds the webhook that it defined.
    pub fn webhook_id(&self, user: &UserId, run: &RunId) -> WebhookId {
        WebhookId::from_bytes(digest(&[
            b"ad hoc webhook",
            user.as_str().as_bytes(),
            run.as_str().as_bytes(),
            &self.position.to_be_bytes(),
            self.content.as_bytes(),
        ]))
    }
}

#[cfg(test)]
mod tests;
