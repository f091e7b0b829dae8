//! What the platform takes from the notice queue.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::Value;

use super::Stage;

impl Stage {
    /// What a sweep sends now, in the order in which it comes. It has to finish.
    pub(crate) async fn notices(&self) -> Vec<Value> {
        assert!(self.sweep().await);
        self.take_notices().await
    }

    /// The same, once the last minute's exhausted dispatches are counted. Each notice once,
    /// however often it comes.
    pub(crate) async fn all_notices(&self) -> Vec<Value> {
        self.advance(Duration::from_secs(120));
        let mut seen = BTreeSet::new();
        let mut notices = self.notices().await;
        notices.retain(|notice| seen.insert(notice["id"].to_string()));
        notices
    }

    /// Takes everything from the notice queue.
    pub(crate) async fn take_notices(&self) -> Vec<Value> {
        let url = &self.platform.endpoints().queues["NoticeQueue"];
        let mut notices = Vec::new();
        loop {
            let receive = self.sqs.receive_message().queue_url(url);
            let received = receive.max_number_of_messages(10).send().await;
            let messages = received.expect("a queue").messages.unwrap_or_default();
            if messages.is_empty() {
                return notices;
            }
            for message in messages {
                let body = message.body.expect("a body");
                notices.push(serde_json::from_str(&body).expect("JSON"));
                let delete = self.sqs.delete_message().queue_url(url);
                let handle = message.receipt_handle.expect("a handle");
                delete.receipt_handle(handle).send().await.expect("deleted");
            }
        }
    }
}

/// The types of notices.
pub(crate) fn types(notices: &[Value]) -> Vec<&str> {
    notices
        .iter()
        .map(|notice| notice["type"].as_str().expect("a type"))
        .collect()
}
