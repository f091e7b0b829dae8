//! Reads what the deployed receiver puts on its queue.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::{DeleteMessageBatchRequestEntry, Message};
use axum::body::Bytes;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use http::{HeaderMap, HeaderName, HeaderValue};
use serde::Deserialize;
use time::OffsetDateTime;
use tokio::time::sleep;

use crate::account::failed;
use crate::arrivals::{Arrival, Arrivals};

/// How long to wait when the queue cannot be read.
const AGAIN: Duration = Duration::from_secs(2);

/// What the function puts on its queue.
#[derive(Deserialize)]
struct Posted {
    /// Of the invocation: a queue may hand a message over twice.
    id: String,
    at: i64,
    path: String,
    headers: HashMap<String, String>,
    /// In base64.
    body: String,
}

/// Reads the queue.
pub(super) struct Reader {
    pub(super) sqs: Client,
    pub(super) queue: String,
    pub(super) arrivals: Arc<Arrivals>,
    /// How far the receiver's clock is ahead of this machine's, in milliseconds.
    pub(super) ahead: i64,
    pub(super) seen: HashSet<String>,
}

impl Reader {
    /// Whoever may not read the queue hears of it now.
    pub(super) async fn ensure_allowed(&self) -> Result<()> {
        let received = self.sqs.receive_message().queue_url(&self.queue).send();
        received
            .await
            .map(drop)
            .map_err(|error| failed("sqs:ReceiveMessage", error))
    }

    pub(super) async fn run(mut self) {
        loop {
            let received = self
                .sqs
                .receive_message()
                .queue_url(&self.queue)
                .max_number_of_messages(10)
                .wait_time_seconds(10)
                .send()
                .await;
            let messages = match received {
                Ok(received) => received.messages.unwrap_or_default(),
                // It was allowed a moment ago: the network, then.
                Err(_) => {
                    sleep(AGAIN).await;
                    continue;
                }
            };
            let arrivals: Vec<_> = messages.iter().filter_map(|one| self.read(one)).collect();
            self.arrivals.add(arrivals);
            self.delete(&messages).await;
        }
    }

    /// `None` for what was read before, and for what is none of ours.
    fn read(&mut self, message: &Message) -> Option<Arrival> {
        let posted: Posted = serde_json::from_str(message.body()?).ok()?;
        if !self.seen.insert(posted.id) {
            return None;
        }
        let at = i128::from(posted.at - self.ahead) * 1_000_000;
        let at = OffsetDateTime::from_unix_timestamp_nanos(at).ok()?;
        let body = Bytes::from(BASE64_STANDARD.decode(&posted.body).ok()?);
        let headers = posted.headers.iter().filter_map(|(name, value)| {
            let name = HeaderName::from_bytes(name.as_bytes()).ok()?;
            Some((name, HeaderValue::from_str(value).ok()?))
        });
        Arrival::of(at, &posted.path, HeaderMap::from_iter(headers), body)
    }

    async fn delete(&self, messages: &[Message]) {
        let entries: Vec<_> = messages
            .iter()
            .enumerate()
            .filter_map(|(place, message)| {
                let entry = DeleteMessageBatchRequestEntry::builder().id(place.to_string());
                entry.receipt_handle(message.receipt_handle()?).build().ok()
            })
            .collect();
        if !entries.is_empty() {
            let delete = self.sqs.delete_message_batch().queue_url(&self.queue);
            // What is not deleted comes again, and is known then.
            let _ = delete.set_entries(Some(entries)).send().await;
        }
    }
}
