//! The event queue, for events that are to be processed again.

use aws_config::SdkConfig;
use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::SendMessageBatchRequestEntry;
use domain::event::Event;

use crate::batch::{Outgoing, QueueError, send_all};

/// The event queue.
#[derive(Clone, Debug)]
pub struct EventQueue {
    client: Client,
    url: String,
}

impl EventQueue {
    /// The queue with this URL.
    pub fn new(config: &SdkConfig, url: String) -> Self {
        Self {
            client: Client::new(config),
            url,
        }
    }

    /// Puts kept events back, to be processed as if they were new. Each has its own result, in
    /// the same order. An event that came with hardly a byte to spare can have become too long for
    /// the queue by what was added to it: that one fails.
    ///
    /// Repeating this is safe because a repeated event changes nothing that it has already set off.
    pub async fn put_back(&self, events: &[Event]) -> Vec<Result<(), QueueError>> {
        let messages: Result<Vec<_>, _> = events.iter().map(outgoing).collect();
        match messages {
            Ok(messages) => send_all(&self.client, &self.url, messages).await,
            Err(error) => events.iter().map(|_| Err(error.clone())).collect(),
        }
    }
}

fn outgoing(event: &Event) -> Result<Outgoing, QueueError> {
    let body = event
        .to_message()
        .map_err(|error| QueueError::unsendable(&error))?;
    let bytes = body.len();
    let entry = SendMessageBatchRequestEntry::builder()
        .id("0")
        .message_body(body)
        .build()
        .map_err(|error| QueueError::unsendable(&error))?;
    Ok(Outgoing { entry, bytes })
}
