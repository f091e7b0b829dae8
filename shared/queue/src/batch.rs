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
#[error("the queue did not take a message: {cause}")]
pub struct QueueError {
    cause: String,
    is_throttled: bool,
}

/// What SQS says when there is too much to do. Codes may begin with a service and end in
/// "Exception".
const THROTTLES: [&str; 5] = [
    "KmsThrottled",
    "OverLimit",
    "RequestThrottled",
    "ThrottledRequest",
    "Throttling",
];

impl QueueError {
    /// Whether nothing is wrong but that there was too much to do: later there may be less.
    pub fn is_throttled(&self) -> bool {
        self.is_throttled
    }

    /// The message could not be serialised.
    pub(crate) fn unsendable(error: &dyn std::error::Error) -> Self {
        Self {
            cause: error.to_string(),
            is_throttled: false,
        }
    }

    /// A whole call has failed.
    fn call<E, R>(error: SdkError<E, R>) -> Self
    where
        E: std::error::Error + ProvideErrorMetadata + Send + Sync + 'static,
        R: std::fmt::Debug + Send + Sync + 'static,
    {
        Self {
            is_throttled: error.code().is_some_and(is_throttle),
            cause: cause_of(error),
        }
    }

    /// One message of a call was refused.
    fn refused(code: &str, message: &str) -> Self {
        Self {
            is_throttled: is_throttle(code),
            cause: format!("{code}: {message}"),
        }
    }
}

fn is_throttle(code: &str) -> bool {
    let name = code.rsplit('.').next().unwrap_or_default();
    THROTTLES.contains(&name.trim_end_matches("Exception"))
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
            let error = QueueError::call(error);
            left.iter()
                .for_each(|&place| results[place] = Err(error.clone()));
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
        let refused = QueueError::refused(&entry.code, &message);
        // Whoever asks too much is at fault, and need only ask again.
        let is_worth_it = !entry.sender_fault || refused.is_throttled;
        results[place] = Err(refused);
        if is_worth_it {
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
    fn what_is_too_much_is_told_from_what_is_wrong() {
        let throttled = |code| QueueError::refused(code, "").is_throttled();
        for code in [
            "RequestThrottled",
            "OverLimit",
            "ThrottlingException",
            "KMS.ThrottlingException",
            "AWS.SimpleQueueService.RequestThrottled",
        ] {
            assert!(throttled(code), "{code}");
        }
        for code in [
            "InternalError",
            "AccessDenied",
            "AWS.SimpleQueueService.NonExistentQueue",
        ] {
            assert!(!throttled(code), "{code}");
        }
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
