//! Messages as they go over the wire.

use std::collections::BTreeMap;
use std::sync::Arc;

use anyhow::{Context, Result};
use serde::Deserialize;
use serde_json::{Value, json};
use sqs::{Message, MessageAttributes, Moment, NewMessage, Received};

/// A message as SQS hands it out.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct WireMessage {
    message_id: String,
    receipt_handle: String,
    body: String,
    #[serde(rename = "MD5OfBody")]
    md5_of_body: String,
    attributes: BTreeMap<String, String>,
    #[serde(default)]
    message_attributes: MessageAttributes,
    #[serde(rename = "MD5OfMessageAttributes")]
    md5_of_message_attributes: Option<String>,
}

impl WireMessage {
    pub(super) fn received(mut self) -> Result<Received> {
        let first_received = self.number("ApproximateFirstReceiveTimestamp")?;
        let receive_count = self.number("ApproximateReceiveCount")?;
        let source = self.attributes.remove("DeadLetterQueueSourceArn");
        let message = Message {
            id: self.message_id.parse().context("its id is no UUID")?,
            sent: Moment::from_unix_millis(self.number("SentTimestamp")?),
            group_id: self.attributes.remove("MessageGroupId"),
            trace_header: self.attributes.remove("AWSTraceHeader"),
            body: self.body,
            md5_of_body: self.md5_of_body,
            attributes: self.message_attributes,
            md5_of_attributes: self.md5_of_message_attributes,
        };
        Ok(Received {
            message: Arc::new(message),
            receipt_handle: self.receipt_handle,
            receive_count: receive_count.try_into()?,
            first_received: Moment::from_unix_millis(first_received),
            dead_letter_source: source.map(|arn| arn.rsplit(':').next().unwrap_or(&arn).to_owned()),
        })
    }

    fn number(&self, attribute: &str) -> Result<u64> {
        let text = self.attributes.get(attribute);
        let number = text.and_then(|text| text.parse().ok());
        number.with_context(|| format!("message {} has no {attribute}", self.message_id))
    }
}

/// The request that sends a message.
pub(super) fn to_send(message: NewMessage) -> Value {
    let mut request = json!({
        "MessageBody": message.body,
        "MessageAttributes": message.attributes,
    });
    if let Some(delay) = message.delay {
        request["DelaySeconds"] = json!(delay.as_secs());
    }
    if let Some(group) = message.group_id {
        request["MessageGroupId"] = json!(group);
    }
    if let Some(trace) = message.trace_header {
        let attribute = json!({ "DataType": "String", "StringValue": trace });
        request["MessageSystemAttributes"] = json!({ "AWSTraceHeader": attribute });
    }
    request
}
