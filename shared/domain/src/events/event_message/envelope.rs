//! What a message may be wrapped in.

use serde_json::value::RawValue;

use super::field::{required, text};
use super::{Message, MessageError};
use crate::depth::{MAX_DEPTH, depth};
use crate::excerpt::kind_of_json;

/// What a message is in.
pub(super) enum Opened {
    Bare,
    Inner(String),
}

/// Takes the message out of an SNS notification or an EventBridge event.
pub(super) fn open(message: &Message<'_>) -> Result<Opened, MessageError> {
    match message.sns_type.map(RawValue::get) {
        Some("\"Notification\"") => {
            return Ok(Opened::Inner(required(
                "Message",
                text("Message", message.sns_message)?,
            )?));
        }
        Some("\"SubscriptionConfirmation\"") => {
            return Err(MessageError::SubscriptionOfSns("SubscriptionConfirmation"));
        }
        Some("\"UnsubscribeConfirmation\"") => {
            return Err(MessageError::SubscriptionOfSns("UnsubscribeConfirmation"));
        }
        _ => {}
    }
    if message.detail_type.is_some() {
        let detail = required("detail", message.detail)?;
        return Ok(Opened::Inner(detail.get().to_owned()));
    }
    Ok(Opened::Bare)
}

/// A parser that finds JSON of another kind tells what is in it, however long.
pub(super) fn check_object(json: &str) -> Result<(), MessageError> {
    match kind_of_json(json) {
        // Nothing, and what is no JSON at all, is the parser's to complain of: it says where.
        "an object" | "nothing" | "a number" => Ok(()),
        other if serde_json::from_str::<&RawValue>(json).is_ok() => {
            Err(MessageError::NotAnObject(other))
        }
        _ => Ok(()),
    }
}

pub(super) fn check_depth(json: &str) -> Result<(), MessageError> {
    let depth = depth(json);
    if depth > MAX_DEPTH {
        Err(MessageError::TooDeep(depth))
    } else {
        Ok(())
    }
}
