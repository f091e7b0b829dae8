//! Receipt handles: which message of which queue, received for which time.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use uuid::Uuid;

use super::address;
use super::error::{Error, ErrorCode};

/// What a receipt handle says. It says all that is needed, so that queues keep no list of handles,
/// and a handle outlives a restart.
pub(super) struct Receipt {
    pub(super) message_id: Uuid,
    pub(super) receive_count: u32,
}

impl Receipt {
    pub(super) fn handle(&self, queue: &str) -> String {
        let Self {
            message_id,
            receive_count,
        } = self;
        BASE64_STANDARD.encode(format!(
            "{} {message_id} {receive_count}",
            address::arn(queue)
        ))
    }

    /// Reads a handle of that queue; garbage and the handles of other queues are refused.
    pub(super) fn parse(handle: &str, queue: &str) -> Result<Self, Error> {
        if handle.is_empty() {
            return Err(Error::missing_parameter("ReceiptHandle"));
        }
        read(handle, queue).ok_or_else(|| {
            let message =
                format!("The input receipt handle \"{handle}\" is not a valid receipt handle.");
            Error::new(ErrorCode::ReceiptHandleIsInvalid, message)
        })
    }
}

fn read(handle: &str, queue: &str) -> Option<Receipt> {
    let text = String::from_utf8(BASE64_STANDARD.decode(handle).ok()?).ok()?;
    let (arn, rest) = text.split_once(' ')?;
    let (message_id, receive_count) = rest.split_once(' ')?;
    if address::name_in_arn(arn)? != queue {
        return None;
    }
    Some(Receipt {
        message_id: message_id.parse().ok()?,
        receive_count: receive_count.parse().ok()?,
    })
}
