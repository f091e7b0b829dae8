//! Sending many messages with few calls.

use std::time::Duration;

use aws_sdk_sqs::Client;
use aws_sdk_sqs::error::{DisplayErrorContext, ProvideErrorMetadata, SdkError};
use aws_sdk_sqs::types::SendMessageBatchRequestEntry;
use futures::future::join_all;

/// The most messages that SQS takes in one call.
pub(crate) const BATCH: usize = 10;
/// And the most bytes, in bodies and attributes.
const BATCH_BYTES: usize = 1024 * 1024;
/// How often an entry is sent again that SQS refused through no fault of ours, and how long to
/// wait.
const REPEATS: u32 = 3;
const PAUSE: Duration = Duration::from_millis(50);

/// A message that was not accepted by the queue.
#[derive(Clone, Debug, thiserror::Error)]
#[error("the queue did not take a message: {0}")]
pub struct QueueError(String);

impl QueueError {
    /// The message could not be serialised.
    pub(crate) fn unsendable(error: &dyn std::error::Error) -> Self {
        Self(error.to_string())
    }
}

/// A message to send, and its size in bytes.
#[derive(Clone, Debug)]
pub(crate) struct Outgoing {
    pub(crate) entry: SendMessageBatchRequestEntry,
    pub(crate) bytes: usize,
}

/// Sends all messages, with as many in a call as fit and the calls side by side. Each message has
/// its own result, in the same order.
///
/// Repeating this is safe because whoever receives a message twice finds its work done.
pub(crate) async fn send_all(
    client: &Client,
    url: &str,
    messages: Vec<Outgoing>,
) -> Vec<Result<(), QueueError>> {
    let batches = join_all(
        split(messages)
            .into_iter()
            .map(|batch| send_batch(client, url, batch)),
    );
    batches.await.into_iter().flatten().collect()
}

/// Cuts the list into calls that SQS accepts.
fn split(messages: Vec<Outgoing>) -> Vec<Vec<SendMessageBatchRequestEntry>> {
    let mut batches: Vec<Vec<_>> = Vec::new();
    let mut bytes = 0;
    for message in messages {
        bytes += message.bytes;
        match batches.last_mut() {
            Some(last) if last.len() < BATCH && bytes <= BATCH_BYTES => last.push(message.entry),
            _ => {
                bytes = message.bytes;
                batches.push(vec![message.entry]);
            }
        }
    }
    batches
}

async fn send_batch(
    client: &Client,
    url: &str,
    entries: Vec<SendMessageBatchRequestEntry>,
) -> Vec<Result<(), QueueError>> {
    let mut results: Vec<Result<(), QueueError>> = vec![Ok(()); entries.len()];
    let mut left: Vec<usize> = (0..entries.len()).collect();
    for repeat in 0..=REPEATS {
        if repeat > 0 {
            tokio::time::sleep(PAUSE * 2u32.pow(repeat)).await;
        }
        let again = send_once(client, url, &entries, &left, &mut results).await;
        if again.is_empty() {
            break;
        }
        left = again;
    }
    results
}

/// One call with the entries in `left`. Notes their results, and returns those worth sending again.
async fn send_once(
    client: &Client,
    url: &str,
    entries: &[SendMessageBatchRequestEntry],
    left: &[usize],
    results: &mut [Result<(), QueueError>],
) -> Vec<usize> {
    let batch = left
        .iter()
        .map(|&place| numbered(&entries[place], place))
        .collect();
    let answer = client
        .send_message_batch()
        .queue_url(url)
        .set_entries(Some(batch))
        .send()
        .await;
    let refused = match answer {
        Ok(answer) => answer.failed,
        // The SDK has retried what can be retried, so the whole call has failed.
        Err(error) => {
            let what = cause_of(error);
            left.iter()
                .for_each(|&place| results[place] = Err(QueueError(what.clone())));
            return Vec::new();
        }
    };
    left.iter().for_each(|&place| results[place] = Ok(()));
    let mut again = Vec::new();
    for entry in refused {
        let Some(place) = entry.id.parse().ok().filter(|place| left.contains(place)) else {
            continue;
        };
        let message = entry.message.unwrap_or_default();
        results[place] = Err(QueueError(format!("{}: {message}", entry.code)));
        if !entry.sender_fault {
            again.push(place);
        }
    }
    again
}

/// Why a call has failed: the code, or the chain of causes. The response itself, which an error may
/// contain, is left out, because it could say anything.
pub(crate) fn cause_of<E, R>(error: SdkError<E, R>) -> String
where
    E: std::error::Error + ProvideErrorMetadata + Send + Sync + 'static,
    R: std::fmt::Debug + Send + Sync + 'static,
{
    if let Some(code) = error.code() {
        return code.to_owned();
    }
    match error.into_source() {
        Ok(source) => DisplayErrorContext(&*source).to_string(),
        Err(error) => error.to_string(),
    }
}

/// In SQS's unit, rounded up: nothing comes early.
pub(crate) fn whole_seconds(time: Duration) -> i32 {
    i32::try_from(time.as_millis().div_ceil(1000)).unwrap_or(i32::MAX)
}

fn numbered(entry: &SendMessageBatchRequestEntry, place: usize) -> SendMessageBatchRequestEntry {
    let mut entry = entry.clone();
    entry.id = place.to_string();
    entry
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outgoing(bytes: usize) -> Outgoing {
        let entry = SendMessageBatchRequestEntry::builder()
            .id("0")
            .message_body("x")
            .build()
            .unwrap();
        Outgoing { entry, bytes }
    }

    #[test]
    fn a_call_has_at_most_ten_messages() {
        let sizes: Vec<_> = split(vec![outgoing(1); 23]).iter().map(Vec::len).collect();
        assert_eq!(sizes, [10, 10, 3]);
    }

    #[test]
    fn a_call_has_at_most_a_mebibyte() {
        let sizes: Vec<_> = split(vec![outgoing(600_000); 3])
            .iter()
            .map(Vec::len)
            .collect();
        assert_eq!(sizes, [1, 1, 1]);
        assert_eq!(split(vec![outgoing(1024 * 1024)]).len(), 1);
    }
    #[test]
    fn an_answer_that_cannot_be_read_is_not_shown() {
        use aws_sdk_sqs::operation::send_message_batch::SendMessageBatchError;
        let error: SdkError<SendMessageBatchError, _> =
            SdkError::response_error("not JSON", "hunter2");
        let shown = cause_of(error);
        assert!(
            shown.contains("not JSON") && !shown.contains("hunter2"),
            "{shown}"
        );
    }
}
