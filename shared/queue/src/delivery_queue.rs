//! A delivery queue: dispatches to attempt, now or after a delay.

use std::time::Duration;

use aws_config::SdkConfig;
use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::SendMessageBatchRequestEntry;
use domain::delivery_message::DeliveryMessage;
use domain::retry::LONGEST_DELAY;

use crate::batch::{Outgoing, QueueError, send_all, whole_seconds};

/// A delivery queue.
#[derive(Clone, Debug)]
pub struct DeliveryQueue {
    client: Client,
    url: String,
}

/// A dispatch to attempt, not before a delay is over.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// Which attempt of which dispatch.
    pub message: DeliveryMessage,
    /// How long the queue holds it back, at most [`LONGEST_DELAY`]; longer delays are cut. Rounded
    /// up to whole seconds, so that no attempt is early.
    pub delay: Duration,
}

impl DeliveryQueue {
    /// The queue with this URL.
    pub fn new(config: &SdkConfig, url: String) -> Self {
        Self {
            client: Client::new(config),
            url,
        }
    }

    /// Sends all deliveries; each has its own result, in the same order. A user's messages form a
    /// group, so that one user's many deliveries do not hold up another's few (SQS fair queues).
    pub async fn send(&self, deliveries: &[Delivery]) -> Vec<Result<(), QueueError>> {
        let messages = deliveries
            .iter()
            .map(outgoing)
            .collect::<Result<Vec<_>, _>>();
        match messages {
            Ok(messages) => send_all(&self.client, &self.url, messages).await,
            Err(error) => deliveries.iter().map(|_| Err(error.clone())).collect(),
        }
    }
}

fn outgoing(delivery: &Delivery) -> Result<Outgoing, QueueError> {
    let body = delivery
        .message
        .to_json()
        .map_err(|error| QueueError::unsendable(&error))?;
    let bytes = body.len();
    let entry = SendMessageBatchRequestEntry::builder()
        .id("0")
        .message_body(body)
        .message_group_id(delivery.message.user.as_str())
        .delay_seconds(delay_seconds(delivery.delay))
        .build()
        .map_err(|error| QueueError::unsendable(&error))?;
    Ok(Outgoing { entry, bytes })
}

fn delay_seconds(delay: Duration) -> i32 {
    whole_seconds(delay.min(LONGEST_DELAY))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_attempt_is_early_and_no_delay_is_longer_than_sqs_takes() {
        assert_eq!(delay_seconds(Duration::ZERO), 0);
        assert_eq!(delay_seconds(Duration::from_millis(1)), 1);
        assert_eq!(delay_seconds(Duration::from_millis(60_001)), 61);
        assert_eq!(delay_seconds(Duration::from_secs(5000)), 900);
    }
}
