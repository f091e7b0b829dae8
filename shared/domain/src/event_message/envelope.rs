//! What a message may be wrapped in.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::MessageError;
use super::field::{required, text};
use crate::depth::{MAX_DEPTH, depth};

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
    let envelope: Envelope = serde_json::from_str(body)?;
    if envelope
        .kind
        .is_some_and(|kind| kind.get() == "\"Notification\"")
    {
        return Ok(Opened::Inner(required(
            "Message",
            text("Message", envelope.message)?,
        )?));
    }
    if envelope.detail_type.is_some() {
        let detail = required("detail", envelope.detail)?;
        return Ok(Opened::Inner(detail.get().to_owned()));
    }
    Ok(Opened::Bare)
}

pub(super) fn check_depth(json: &str) -> Result<(), MessageError> {
    let depth = depth(json);
    if depth > MAX_DEPTH {
        Err(MessageError::TooDeep(depth))
    } else {
        Ok(())
    }
}
