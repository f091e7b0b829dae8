//! The notice queue: what a platform tells its users.

use aws_config::SdkConfig;
use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::SendMessageBatchRequestEntry;
use domain::notice::Notice;

use crate::batch::{Outgoing, QueueError, send_all};

/// The notice queue.
#[derive(Clone, Debug)]
pub struct NoticeQueue {
    client: Client,
    url: String,
}

impl NoticeQueue {
    /// The queue with this URL.
    pub fn new(config: &SdkConfig, url: String) -> Self {
        Self {
            client: Client::new(config),
            url,
        }
    }

    /// Sends all notices; each has its own result, in the same order.
    ///
    /// Repeating this is safe because a notice that comes twice has the same id.
    pub async fn send(&self, notices: &[&Notice]) -> Vec<Result<(), QueueError>> {
        let messages = notices.iter().map(|notice| outgoing(notice));
        match messages.collect::<Result<Vec<_>, _>>() {
            Ok(messages) => send_all(&self.client, &self.url, messages).await,
            Err(error) => notices.iter().map(|_| Err(error.clone())).collect(),
        }
    }
}

fn outgoing(notice: &Notice) -> Result<Outgoing, QueueError> {
    let body = notice
        .to_json()
        .map_err(|error| QueueError::unsendable(&error))?;
    let bytes = body.len();
    let entry = SendMessageBatchRequestEntry::builder()
        .id("0")
        .message_body(body)
        .message_group_id(notice.user_id.as_str())
        .build()
        .map_err(|error| QueueError::unsendable(&error))?;
    Ok(Outgoing { entry, bytes })
}
