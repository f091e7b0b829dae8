//! `ReceiveMessage`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Call, seconds};
use crate::error::Error;
use crate::limits;
use crate::message::Received;
use crate::message_attribute::{self, MessageAttribute};

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct ReceiveRequest {
    queue_url: String,
    max_number_of_messages: Option<i64>,
    visibility_timeout: Option<i64>,
    wait_time_seconds: Option<i64>,
    /// The older name of `message_system_attribute_names`.
    attribute_names: Vec<String>,
    message_system_attribute_names: Vec<String>,
    message_attribute_names: Vec<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ReceiveAnswer {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    messages: Vec<WireMessage>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct WireMessage {
    message_id: String,
    receipt_handle: String,
    body: String,
    #[serde(rename = "MD5OfBody")]
    md5_of_body: String,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    attributes: BTreeMap<&'static str, String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    message_attributes: BTreeMap<String, MessageAttribute>,
    #[serde(
        rename = "MD5OfMessageAttributes",
        skip_serializing_if = "Option::is_none"
    )]
    md5_of_message_attributes: Option<String>,
}

pub(super) async fn receive(call: &Call, request: ReceiveRequest) -> Result<ReceiveAnswer, Error> {
    let queue = call.queue(&request.queue_url)?;
    let max = request.max()?;
    let visibility = request
        .visibility_timeout
        .map(seconds::visibility)
        .transpose()?;
    let wait = match request.wait_time_seconds {
        Some(wait) => seconds::wait(wait)?,
        None => queue.attributes()?.receive_wait,
    };
    let received = queue.receive(max, wait, visibility).await?;
    Ok(ReceiveAnswer {
        messages: received
            .into_iter()
            .map(|received| request.show(received))
            .collect(),
    })
}

impl ReceiveRequest {
    fn max(&self) -> Result<usize, Error> {
        let max = self.max_number_of_messages.unwrap_or(1);
        let count = usize::try_from(max)
            .ok()
            .filter(|count| (1..=limits::MAX_BATCH).contains(count));
        count.ok_or_else(|| {
            Error::invalid_parameter(
                "MaxNumberOfMessages",
                max,
                "Must be between 1 and 10, if provided.",
            )
        })
    }

    /// The message with those of its attributes that were asked for, and the digest of just these.
    fn show(&self, received: Received) -> WireMessage {
        let mut attributes = received.system_attributes();
        attributes.retain(|name, _| self.wants_system_attribute(name));
        let message = &received.message;
        let message_attributes: BTreeMap<_, _> = message
            .attributes
            .iter()
            .filter(|(name, _)| self.wants_attribute(name))
            .map(|(name, attribute)| (name.clone(), attribute.clone()))
            .collect();
        WireMessage {
            message_id: message.id.to_string(),
            body: message.body.clone(),
            md5_of_body: message.md5_of_body.clone(),
            attributes,
            md5_of_message_attributes: message_attribute::digest(&message_attributes),
            message_attributes,
            receipt_handle: received.receipt_handle,
        }
    }

    fn wants_system_attribute(&self, name: &str) -> bool {
        let mut wanted = self
            .message_system_attribute_names
            .iter()
            .chain(&self.attribute_names);
        wanted.any(|wanted| wanted == "All" || wanted == name)
    }

    fn wants_attribute(&self, name: &str) -> bool {
        self.message_attribute_names
            .iter()
            .any(|wanted| match wanted.strip_suffix(".*") {
                Some(prefix) => name.starts_with(prefix),
                None => wanted == "All" || wanted == "*" || wanted == name,
            })
    }
}
