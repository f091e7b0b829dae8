//! Reading single attributes of items that have no struct of their own.

use std::str::FromStr;

use aws_sdk_dynamodb::types::AttributeValue;

use super::batch::Item;
use crate::error::StoreError;

/// A string.
pub(crate) fn text<'a>(item: &'a Item, name: &str) -> Result<&'a str, StoreError> {
    let value = item.get(name).and_then(|value| value.as_s().ok());
    value.map(String::as_str).ok_or_else(|| unreadable(name))
}

/// A number.
pub(crate) fn number<T: FromStr>(item: &Item, name: &str) -> Result<T, StoreError> {
    let value = item.get(name).and_then(|value| value.as_n().ok());
    value
        .and_then(|value| value.parse().ok())
        .ok_or_else(|| unreadable(name))
}

/// Bytes.
pub(crate) fn bytes<'a>(item: &'a Item, name: &str) -> Result<&'a [u8], StoreError> {
    let value = item.get(name).and_then(|value| value.as_b().ok());
    value.map(AsRef::as_ref).ok_or_else(|| unreadable(name))
}

/// A map, to be read by serde.
pub(crate) fn map(value: &AttributeValue) -> Option<&Item> {
    value.as_m().ok()
}

fn unreadable(name: &str) -> StoreError {
    StoreError::Item {
        what: "item",
        cause: format!("attribute {name:?} is missing or of another type"),
    }
}
