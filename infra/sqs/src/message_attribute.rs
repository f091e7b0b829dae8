//! Message attributes: what a sender hangs on a message beside its body.

use std::collections::BTreeMap;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use md5::{Digest, Md5};
use serde::{Deserialize, Serialize};

use super::error::{Error, ErrorCode};
use super::limits;

/// The attributes of one message, by name.
pub type MessageAttributes = BTreeMap<String, MessageAttribute>;

/// One attribute of a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "WireAttribute", into = "WireAttribute")]
pub struct MessageAttribute {
    /// `String`, `Number` or `Binary`, each with an optional label: `Number.float`.
    pub data_type: String,
    /// What the attribute says.
    pub value: AttributeValue,
}

/// The value of an attribute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AttributeValue {
    /// Of the types `String` and `Number`.
    Text(String),
    /// Of the type `Binary`.
    Binary(Vec<u8>),
}

impl MessageAttribute {
    fn value_bytes(&self) -> &[u8] {
        match &self.value {
            AttributeValue::Text(text) => text.as_bytes(),
            AttributeValue::Binary(bytes) => bytes,
        }
    }
}

/// An attribute as a request or an answer spells it.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct WireAttribute {
    data_type: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    string_value: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    binary_value: Option<String>,
}

impl TryFrom<WireAttribute> for MessageAttribute {
    type Error = Error;

    fn try_from(wire: WireAttribute) -> Result<Self, Error> {
        let value = match wire.data_type.split('.').next() {
            Some("String" | "Number") => {
                AttributeValue::Text(wire.string_value.unwrap_or_default())
            }
            Some("Binary") => {
                let bytes = BASE64_STANDARD.decode(wire.binary_value.unwrap_or_default());
                AttributeValue::Binary(
                    bytes
                        .map_err(|error| Error::new(ErrorCode::Serialization, error.to_string()))?,
                )
            }
            _ => {
                let reason =
                    "The type must be 'String', 'Number' or 'Binary', with an optional label.";
                return Err(Error::invalid_parameter("DataType", wire.data_type, reason));
            }
        };
        Ok(Self {
            data_type: wire.data_type,
            value,
        })
    }
}

impl From<MessageAttribute> for WireAttribute {
    fn from(attribute: MessageAttribute) -> Self {
        let (string_value, binary_value) = match attribute.value {
            AttributeValue::Text(text) => (Some(text), None),
            AttributeValue::Binary(bytes) => (None, Some(BASE64_STANDARD.encode(bytes))),
        };
        Self {
            data_type: attribute.data_type,
            string_value,
            binary_value,
        }
    }
}

/// Refuses what SQS refuses: too many attributes, bad names, empty values, characters that it
/// cannot carry.
pub(super) fn check(attributes: &MessageAttributes) -> Result<(), Error> {
    let count = attributes.len();
    if count > limits::MAX_ATTRIBUTES {
        let message =
            format!("Number of message attributes [{count}] exceeds the allowed maximum [10].");
        return Err(Error::new(ErrorCode::InvalidParameterValue, message));
    }
    attributes.iter().try_for_each(|(name, attribute)| {
        let refusal = refusal(name, attribute);
        refusal.map_or(Ok(()), |text| {
            Err(Error::new(ErrorCode::InvalidParameterValue, text))
        })
    })
}

fn refusal(name: &str, attribute: &MessageAttribute) -> Option<String> {
    let kind = &attribute.data_type;
    if !is_name(name) {
        return Some(format!(
            "The message attribute name '{name}' is invalid. It can contain letters, digits, \
             underscores, hyphens and single periods inside, up to 256 bytes, and must not start \
             with 'AWS.' or 'Amazon.'."
        ));
    }
    if kind.len() > 256 {
        return Some(format!(
            "The type of message attribute '{name}' is longer than 256 bytes."
        ));
    }
    if attribute.value_bytes().is_empty() {
        return Some(format!(
            "Message (user) attribute '{name}' must contain a non-empty value of type '{kind}'."
        ));
    }
    match &attribute.value {
        AttributeValue::Text(text) => limits::refused_character(text),
        AttributeValue::Binary(_) => None,
    }
}

fn is_name(name: &str) -> bool {
    let lower = name.to_lowercase();
    (1..=256).contains(&name.len())
        && name
            .chars()
            .all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.'))
        && !(lower.starts_with("aws.") || lower.starts_with("amazon."))
        && !(name.starts_with('.') || name.ends_with('.') || name.contains(".."))
}

/// What the attributes add to the size of their message.
pub(super) fn size(attributes: &MessageAttributes) -> usize {
    attributes
        .iter()
        .map(|(name, attribute)| {
            name.len() + attribute.data_type.len() + attribute.value_bytes().len()
        })
        .sum()
}

/// The digest that SDKs compare with their own; `None` without attributes.
pub(super) fn digest<'a>(
    attributes: impl IntoIterator<Item = (&'a String, &'a MessageAttribute)>,
) -> Option<String> {
    let mut attributes = attributes.into_iter().peekable();
    attributes.peek()?;
    let mut hash = Md5::new();
    for (name, attribute) in attributes {
        update_with_length(&mut hash, name.as_bytes());
        update_with_length(&mut hash, attribute.data_type.as_bytes());
        hash.update(match attribute.value {
            AttributeValue::Text(_) => [1],
            AttributeValue::Binary(_) => [2],
        });
        update_with_length(&mut hash, attribute.value_bytes());
    }
    Some(format!("{:x}", hash.finalize()))
}

fn update_with_length(hash: &mut Md5, bytes: &[u8]) {
    let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
    hash.update(length.to_be_bytes());
    hash.update(bytes);
}
