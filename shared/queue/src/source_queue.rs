//! A queue that feeds a function, for the messages that the function has failed to handle.

use std::time::Duration;

use aws_config::SdkConfig;
use aws_lambda_events::sqs::SqsMessage;
use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::ChangeMessageVisibilityBatchRequestEntry;
use futures::future::join_all;
use tokio::time::timeout;

use crate::batch::{BATCH, cause_of, whole_seconds};

/// How long to wait for the queue: the function must report its failures before its time is up.
const PATIENCE: Duration = Duration::from_secs(3);

/// The attribute of a message that counts its receives.
const RECEIVES: &str = "ApproximateReceiveCount";

/// A queue that feeds a function.
#[derive(Clone, Debug)]
pub struct SourceQueue {
    client: Client,
    url: String,
}

/// A message that a function was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// Its id on the queue.
    pub id: String,
    /// What proves that the function holds it.
    pub receipt_handle: String,
    /// How often it has been received, this time included.
    pub receives: u32,
}

/// Some messages were not hidden, and come again after the queue's own timeout.
#[derive(Debug, thiserror::Error)]
#[error("{failed} of {all} messages: {cause}")]
pub struct NotHidden {
    failed: usize,
    all: usize,
    cause: String,
}

impl Held {
    /// What identifies a message on the queue.
    pub fn of(message: &SqsMessage) -> Self {
        let receives = message.attributes.get(RECEIVES);
        Self {
            id: message.message_id.clone().unwrap_or_default(),
            receipt_handle: message.receipt_handle.clone().unwrap_or_default(),
            receives: receives.and_then(|count| count.parse().ok()).unwrap_or(1),
        }
    }
}

impl SourceQueue {
    /// The queue with this URL.
    pub fn new(config: &SdkConfig, url: String) -> Self {
        Self {
            client: Client::new(config),
            url,
        }
    }

    /// Hides each message for this long from now, instead of for the rest of the queue's own
    /// visibility timeout. The function must still report them as failed, or they are deleted.
    ///
    /// Repeating this is safe because it only sets the time anew. If it fails, nothing is lost: the
    /// message comes back after the queue's own timeout.
    pub async fn hide(&self, messages: &[(Held, Duration)]) -> Result<(), NotHidden> {
        let calls = join_all(messages.chunks(BATCH).map(|some| self.hide_some(some)));
        let failures: Vec<String> = match timeout(PATIENCE, calls).await {
            Ok(failures) => failures.into_iter().flatten().collect(),
            Err(_) => vec![format!("no answer within {PATIENCE:?}"); messages.len()],
        };
        match failures.first() {
            None => Ok(()),
            Some(cause) => Err(NotHidden {
                failed: failures.len(),
                all: messages.len(),
                cause: cause.clone(),
            }),
        }
    }

    /// One call. Returns, for each message that was not hidden, why.
    async fn hide_some(&self, messages: &[(Held, Duration)]) -> Vec<String> {
        let entry = |(place, (held, wait)): (usize, &(Held, Duration))| {
            ChangeMessageVisibilityBatchRequestEntry::builder()
                .id(place.to_string())
                .receipt_handle(&held.receipt_handle)
                .visibility_timeout(whole_seconds(*wait))
                .build()
        };
        let entries = messages.iter().enumerate().map(entry);
        let entries = match entries.collect::<Result<Vec<_>, _>>() {
            Ok(entries) => entries,
            Err(error) => return vec![error.to_string(); messages.len()],
        };
        let call = self
            .client
            .change_message_visibility_batch()
            .queue_url(&self.url)
            .set_entries(Some(entries));
        match call.send().await {
            Ok(answer) => {
                let why = |entry: &aws_sdk_sqs::types::BatchResultErrorEntry| {
                    let message = entry.message.as_deref().unwrap_or_default();
                    format!("{}: {message}", entry.code)
                };
                answer.failed.iter().map(why).collect()
            }
            Err(error) => vec![cause_of(error); messages.len()],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_says_how_often_it_was_received() {
        let mut message = SqsMessage::default();
        message.message_id = Some("id".to_owned());
        message.receipt_handle = Some("handle".to_owned());
        let receives = |message: &SqsMessage| Held::of(message).receives;
        assert_eq!(receives(&message), 1);
        let attributes = &mut message.attributes;
        attributes.insert(RECEIVES.to_owned(), "7".to_owned());
        assert_eq!(receives(&message), 7);
    }
}
