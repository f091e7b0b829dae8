//! The rejected queue: where invalid events wait for an operator.

use aws_config::SdkConfig;
use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::{MessageAttributeValue, SendMessageBatchRequestEntry};

use crate::batch::{Outgoing, QueueError, send_all};

/// The longest reason that is attached, in characters.
const REASON_LENGTH: usize = 500;

/// The rejected queue.
#[derive(Clone, Debug)]
pub struct RejectedQueue {
    client: Client,
    url: String,
}

/// A message that is no event.
#[derive(Clone, Debug)]
pub struct Rejected {
    /// Its body, unchanged, so that it can be sent again as it is.
    pub body: String,
    /// Its id on the event queue.
    pub message_id: String,
    /// What is wrong with it.
    pub reason: String,
}

impl RejectedQueue {
    /// The queue with this URL.
    pub fn new(config: &SdkConfig, url: String) -> Self {
        Self {
            client: Client::new(config),
            url,
        }
    }

    /// Parks all messages; each has its own result, in the same order. SQS refuses one that is too
    /// long to carry its reason; it then fails like any other event, and ends on the event queue's
    /// dead-letter queue.
    pub async fn park(&self, messages: Vec<Rejected>) -> Vec<Result<(), QueueError>> {
        let count = messages.len();
        let messages = messages
            .into_iter()
            .map(outgoing)
            .collect::<Result<Vec<_>, _>>();
        match messages {
            Ok(messages) => send_all(&self.client, &self.url, messages).await,
            Err(error) => vec![Err(error); count],
        }
    }
}

fn outgoing(rejected: Rejected) -> Result<Outgoing, QueueError> {
    let reason: String = rejected
        .reason
        .chars()
        .filter(|c| !c.is_control() && !matches!(c, '\u{FFFE}' | '\u{FFFF}'))
        .take(REASON_LENGTH)
        .collect();
    let attributes = [("Reason", reason), ("SourceMessageId", rejected.message_id)];
    let bytes = rejected.body.len()
        + attributes
            .iter()
            .map(|(name, value)| name.len() + "String".len() + value.len())
            .sum::<usize>();
    let mut entry = SendMessageBatchRequestEntry::builder()
        .id("0")
        .message_body(rejected.body);
    for (name, value) in attributes {
        let value = MessageAttributeValue::builder()
            .data_type("String")
            .string_value(value)
            .build();
        entry =
            entry.message_attributes(name, value.map_err(|error| QueueError::unsendable(&error))?);
    }
    let entry = entry
        .build()
        .map_err(|error| QueueError::unsendable(&error))?;
    Ok(Outgoing { entry, bytes })
}
