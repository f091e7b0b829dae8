//! The event that a function gets for a batch of messages.

use std::collections::BTreeMap;

use axum::body::Bytes;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde::Serialize;
use serde_json::value::RawValue;
use sqs::{AttributeValue, MessageAttribute, Received};

use crate::aws::REGION;

/// The brackets around the records.
const ENVELOPE: usize = r#"{"Records":[]}"#.len();

/// Messages for one invocation, and the event that carries them.
pub(super) struct Part {
    pub(super) messages: Vec<Received>,
    pub(super) event: Bytes,
}

#[derive(Serialize)]
struct Event<'a> {
    #[serde(rename = "Records")]
    records: &'a [Box<RawValue>],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Record<'a> {
    message_id: String,
    receipt_handle: &'a str,
    body: &'a str,
    attributes: BTreeMap<&'static str, String>,
    message_attributes: BTreeMap<&'a str, RecordAttribute<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    md5_of_message_attributes: Option<&'a str>,
    md5_of_body: &'a str,
    event_source: &'static str,
    #[serde(rename = "eventSourceARN")]
    event_source_arn: &'a str,
    aws_region: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RecordAttribute<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    string_value: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    binary_value: Option<String>,
    string_list_values: [(); 0],
    binary_list_values: [(); 0],
    data_type: &'a str,
}

/// The batch as events of at most `limit` bytes: as a rule one.
pub(super) fn parts(batch: Vec<Received>, queue_arn: &str, limit: usize) -> Vec<Part> {
    let mut parts = Vec::new();
    let (mut messages, mut records, mut size) = (Vec::new(), Vec::new(), ENVELOPE);
    for received in batch {
        // Text and maps of text: nothing in it can fail to be written.
        let Ok(record) = serde_json::value::to_raw_value(&Record::of(&received, queue_arn)) else {
            continue;
        };
        let record_size = record.get().len() + 1;
        if !records.is_empty() && size + record_size > limit {
            parts.extend(Part::of(
                std::mem::take(&mut messages),
                &std::mem::take(&mut records),
            ));
            size = ENVELOPE;
        }
        size += record_size;
        messages.push(received);
        records.push(record);
    }
    if !records.is_empty() {
        parts.extend(Part::of(messages, &records));
    }
    parts
}

impl Part {
    fn of(messages: Vec<Received>, records: &[Box<RawValue>]) -> Option<Self> {
        let event = serde_json::to_vec(&Event { records }).ok()?.into();
        Some(Part { messages, event })
    }
}

impl<'a> Record<'a> {
    fn of(received: &'a Received, queue_arn: &'a str) -> Self {
        let message = &received.message;
        let attributes = message.attributes.iter();
        Record {
            message_id: message.id.to_string(),
            receipt_handle: &received.receipt_handle,
            body: &message.body,
            attributes: received.system_attributes(),
            message_attributes: attributes
                .map(|(name, attribute)| (name.as_str(), RecordAttribute::of(attribute)))
                .collect(),
            md5_of_message_attributes: message.md5_of_attributes.as_deref(),
            md5_of_body: &message.md5_of_body,
            event_source: "aws:sqs",
            event_source_arn: queue_arn,
            aws_region: REGION,
        }
    }
}

impl<'a> RecordAttribute<'a> {
    fn of(attribute: &'a MessageAttribute) -> Self {
        let (string_value, binary_value) = match &attribute.value {
            AttributeValue::Text(text) => (Some(text.as_str()), None),
            AttributeValue::Binary(bytes) => (None, Some(BASE64_STANDARD.encode(bytes))),
        };
        RecordAttribute {
            string_value,
            binary_value,
            string_list_values: [],
            binary_list_values: [],
            data_type: &attribute.data_type,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::Value;

    use super::*;
    use sqs::{NewMessage, QueueAttributes, Sqs};

    async fn batch(bodies: &[String]) -> Vec<Received> {
        let queue = Sqs::new()
            .create_queue("q", QueueAttributes::default())
            .unwrap();
        for body in bodies {
            let message = NewMessage {
                body: body.clone(),
                ..NewMessage::default()
            };
            queue.send(message).unwrap();
        }
        queue
            .receive(bodies.len(), Duration::ZERO, None)
            .await
            .unwrap()
    }

    #[tokio::test]
    async fn a_batch_is_split_where_an_event_would_be_too_large() {
        let batch = batch(&["a".repeat(3000), "b".repeat(3000), "c".repeat(3000)]).await;
        let parts = parts(batch, "arn", 8000);
        let sizes: Vec<_> = parts.iter().map(|part| part.messages.len()).collect();
        assert_eq!(sizes, [2, 1]);
        for part in parts {
            assert!(part.event.len() <= 8000);
            let event: Value = serde_json::from_slice(&part.event).unwrap();
            assert_eq!(
                event["Records"].as_array().unwrap().len(),
                part.messages.len()
            );
        }
    }

    #[tokio::test]
    async fn a_single_message_is_never_held_back() {
        let parts = parts(batch(&["a".repeat(3000)]).await, "arn", 100);
        assert_eq!(parts.len(), 1);
    }
}
