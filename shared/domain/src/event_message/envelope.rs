//! What a message may be wrapped in.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::MessageError;
use super::field::{required, text};
use crate::depth::{MAX_DEPTH, depth};
use crate::excerpt::kind_of_json;

/// What a message is in.
pub(super) enum Opened {
    Bare,
    Inner(String),
}

/// Takes the message out of an SNS notification or an EventBridge event.
pub(super) fn open(body: &str) -> Result<Opened, MessageError> {
    #[derive(Deserialize)]
    struct Envelope<'a> {
        #[serde(rename = "Type", borrow)]
        kind: Option<&'a RawValue>,
        #[serde(rename = "Message", borrow)]
        message: Option<&'a RawValue>,
        #[serde(rename = "detail-type", borrow)]
        detail_type: Option<&'a RawValue>,
        #[serde(borrow)]
        detail: Option<&'a RawValue>,
    }
    check_depth(body)?;
    check_object(body)?;
    let envelope: Envelope = serde_json::from_str(body)?;
    match envelope.kind.map(RawValue::get) {
        Some("\"Notification\"") => {
            return Ok(Opened::Inner(required(
                "Message",
                text("Message", envelope.message)?,
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
    if envelope.detail_type.is_some() {
        let detail = required("detail", envelope.detail)?;
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
