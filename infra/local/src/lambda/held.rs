//! The messages that an invocation was handed, as its event names them.

use serde::Deserialize;

/// A message in the hands of a function.
pub struct Held {
    /// The name of its queue.
    pub queue: String,
    /// What it can be given back by.
    pub receipt_handle: String,
    /// What it says.
    pub body: String,
}

#[derive(Default, Deserialize)]
struct Event {
    #[serde(default, rename = "Records")]
    records: Vec<Record>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Record {
    receipt_handle: String,
    #[serde(rename = "eventSourceARN")]
    event_source_arn: String,
    body: String,
}

/// The messages in an event; none if it is no event of a queue.
pub(super) fn messages_in(event: &[u8]) -> Vec<Held> {
    let event: Event = serde_json::from_slice(event).unwrap_or_default();
    let held = |record: Record| {
        let queue = record.event_source_arn.rsplit(':').next();
        Held {
            queue: queue.unwrap_or_default().to_owned(),
            receipt_handle: record.receipt_handle,
            body: record.body,
        }
    };
    event.records.into_iter().map(held).collect()
}
