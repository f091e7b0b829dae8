//! `SendMessage` and `SendMessageBatch`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::batch::{Batch, BatchAnswer};
use super::{Call, seconds};
use crate::error::{Error, ErrorCode};
use crate::limits;
use crate::message::NewMessage;
use crate::message_attribute::{
    self, AttributeValue, MessageAttribute, MessageAttributes, WireAttribute,
};
use crate::queue::Queue;

/// A message to send: a request with the queue's URL, or an entry of a batch with an id.
#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct SendRequest {
    queue_url: String,
    id: String,
    message_body: String,
    delay_seconds: Option<i64>,
    message_attributes: BTreeMap<String, WireAttribute>,
    message_system_attributes: BTreeMap<String, WireAttribute>,
    message_group_id: Option<String>,
    message_deduplication_id: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Sent {
    #[serde(skip_serializing_if = "String::is_empty")]
    id: String,
    message_id: String,
    #[serde(rename = "MD5OfMessageBody")]
    md5_of_body: String,
    #[serde(
        rename = "MD5OfMessageAttributes",
        skip_serializing_if = "Option::is_none"
    )]
    md5_of_attributes: Option<String>,
    #[serde(
        rename = "MD5OfMessageSystemAttributes",
        skip_serializing_if = "Option::is_none"
    )]
    md5_of_system_attributes: Option<String>,
}

pub(super) fn message(call: &Call, request: SendRequest) -> Result<Sent, Error> {
    let queue = call.queue(&request.queue_url)?;
    Parcel::pack(call, request)?.send(&queue)
}

pub(super) fn batch(call: &Call, batch: Batch<SendRequest>) -> Result<BatchAnswer<Sent>, Error> {
    let queue = call.queue(&batch.queue_url)?;
    batch.check("SendMessageBatchRequestEntry", |entry| &entry.id)?;
    let parcels: Vec<_> = batch
        .entries
        .into_iter()
        .map(|entry| (entry.id.clone(), Parcel::pack(call, entry)))
        .collect();
    let size: usize = parcels
        .iter()
        .filter_map(|(_, parcel)| parcel.as_ref().ok())
        .map(|parcel| parcel.message.size())
        .sum();
    if size > limits::MAX_MESSAGE_BYTES {
        let limit = limits::MAX_MESSAGE_BYTES;
        let message = format!(
            "Batch requests cannot be longer than {limit} bytes. You have sent {size} bytes."
        );
        return Err(Error::new(ErrorCode::BatchRequestTooLong, message));
    }
    Ok(parcels
        .into_iter()
        .map(|(id, parcel)| (id, parcel.and_then(|parcel| parcel.send(&queue))))
        .collect())
}

/// A message ready to be sent, and what its sender is told beside the message's own digests.
struct Parcel {
    id: String,
    message: NewMessage,
    md5_of_system_attributes: Option<String>,
}

impl Parcel {
    fn pack(call: &Call, request: SendRequest) -> Result<Self, Error> {
        if let Some(id) = request.message_deduplication_id {
            let reason = "The request includes a parameter that is not valid for this queue type.";
            return Err(Error::invalid_parameter(
                "MessageDeduplicationId",
                id,
                reason,
            ));
        }
        let system_attributes = parse_attributes(request.message_system_attributes)?;
        let message = NewMessage {
            body: request.message_body,
            delay: request.delay_seconds.map(seconds::delay).transpose()?,
            attributes: parse_attributes(request.message_attributes)?,
            group_id: request.message_group_id,
            trace_header: trace_header(&system_attributes)?.or_else(|| call.trace_header.clone()),
        };
        Ok(Self {
            id: request.id,
            message,
            md5_of_system_attributes: message_attribute::digest(&system_attributes),
        })
    }

    fn send(self, queue: &Queue) -> Result<Sent, Error> {
        let message = queue.send(self.message)?;
        Ok(Sent {
            id: self.id,
            message_id: message.id.to_string(),
            md5_of_body: message.md5_of_body.clone(),
            md5_of_attributes: message.md5_of_attributes.clone(),
            md5_of_system_attributes: self.md5_of_system_attributes,
        })
    }
}

fn parse_attributes(wire: BTreeMap<String, WireAttribute>) -> Result<MessageAttributes, Error> {
    wire.into_iter()
        .map(|(name, attribute)| Ok((name, MessageAttribute::try_from(attribute)?)))
        .collect()
}

fn trace_header(system_attributes: &MessageAttributes) -> Result<Option<String>, Error> {
    if let Some(name) = system_attributes
        .keys()
        .find(|&name| name != "AWSTraceHeader")
    {
        let reason = "The only system attribute that a sender can give is AWSTraceHeader.";
        return Err(Error::invalid_parameter(
            "MessageSystemAttributes",
            name,
            reason,
        ));
    }
    Ok(
        match system_attributes
            .get("AWSTraceHeader")
            .map(|attribute| &attribute.value)
        {
            Some(AttributeValue::Text(header)) => Some(header.clone()),
            _ => None,
        },
    )
}
