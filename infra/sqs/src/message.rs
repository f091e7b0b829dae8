//! A message on its way: as it is sent, as a queue keeps it, as a consumer receives it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use md5::{Digest, Md5};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use uuid::Uuid;

use super::address::{self, ACCOUNT};
use super::clock::Moment;
use super::error::{Error, ErrorCode};
use super::limits;
use super::message_attribute::{self, MessageAttributes};

/// A message to be sent.
#[derive(Clone, Debug, Default)]
pub struct NewMessage {
    /// What it says; SQS takes no empty body.
    pub body: String,
    /// How long it stays hidden at first; the queue's own delay if not told.
    pub delay: Option<Duration>,
    /// What hangs on it.
    pub attributes: MessageAttributes,
    /// The group that it counts for when a standard queue shares itself out fairly.
    pub group_id: Option<String>,
    /// The trace that it belongs to (`AWSTraceHeader`).
    pub trace_header: Option<String>,
}

impl NewMessage {
    /// What counts against the size limits.
    pub(super) fn size(&self) -> usize {
        self.body.len() + message_attribute::size(&self.attributes)
    }

    /// Refuses what SQS refuses on any queue.
    pub(super) fn check(&self) -> Result<(), Error> {
        if self.body.is_empty() {
            return Err(Error::missing_parameter("MessageBody"));
        }
        if let Some(refusal) = limits::refused_character(&self.body) {
            return Err(Error::new(ErrorCode::InvalidMessageContents, refusal));
        }
        if let Some(group) = self
            .group_id
            .as_deref()
            .filter(|group| !limits::is_group_id(group))
        {
            let reason = "MessageGroupId can only include alphanumeric and punctuation characters. \
                          1 to 128 in length.";
            return Err(Error::invalid_parameter("MessageGroupId", group, reason));
        }
        message_attribute::check(&self.attributes)
    }
}

/// A message that was accepted. It never changes; what happens to it is kept beside it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Message {
    /// Given by the queue that first took it.
    #[serde(serialize_with = "write_id", deserialize_with = "read_id")]
    pub id: Uuid,
    /// What it says.
    pub body: String,
    /// The digest of the body, in lower-case hex.
    pub md5_of_body: String,
    /// What hangs on it.
    pub attributes: MessageAttributes,
    /// The digest of all attributes; none without attributes.
    pub md5_of_attributes: Option<String>,
    /// When it was accepted. Its retention counts from here, also in a dead letter queue.
    pub sent: Moment,
    /// The group that its sender gave.
    pub group_id: Option<String>,
    /// The trace that its sender gave.
    pub trace_header: Option<String>,
}

impl Message {
    pub(super) fn accept(new: NewMessage, sent: Moment) -> Self {
        Self {
            id: Uuid::new_v4(),
            md5_of_body: format!("{:x}", Md5::digest(&new.body)),
            md5_of_attributes: message_attribute::digest(&new.attributes),
            body: new.body,
            attributes: new.attributes,
            sent,
            group_id: new.group_id,
            trace_header: new.trace_header,
        }
    }

    /// The same contents as a new message: what a redrive makes of a dead letter.
    pub(super) fn sent_again(&self, now: Moment) -> Self {
        Self {
            id: Uuid::new_v4(),
            sent: now,
            ..self.clone()
        }
    }
}

fn write_id<S: Serializer>(id: &Uuid, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(id)
}

fn read_id<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Uuid, D::Error> {
    String::deserialize(deserializer)?
        .parse()
        .map_err(D::Error::custom)
}

/// A message in the hands of a consumer.
#[derive(Clone, Debug)]
pub struct Received {
    /// What was received.
    pub message: Arc<Message>,
    /// What deletes it, or changes its visibility; another one at each receive.
    pub receipt_handle: String,
    /// How often it has been received, this time included.
    pub receive_count: u32,
    /// When it was received for the first time.
    pub first_received: Moment,
    /// The queue that gave it up, if it is a dead letter.
    pub dead_letter_source: Option<String>,
}

impl Received {
    /// The system attributes, under SQS's names and in its spelling.
    pub fn system_attributes(&self) -> BTreeMap<&'static str, String> {
        let message = &self.message;
        let mut attributes = BTreeMap::from([
            (
                "ApproximateFirstReceiveTimestamp",
                self.first_received.unix_millis().to_string(),
            ),
            ("ApproximateReceiveCount", self.receive_count.to_string()),
            ("SenderId", ACCOUNT.to_owned()),
            ("SentTimestamp", message.sent.unix_millis().to_string()),
        ]);
        let optional = [
            ("AWSTraceHeader", message.trace_header.clone()),
            (
                "DeadLetterQueueSourceArn",
                self.dead_letter_source.as_deref().map(address::arn),
            ),
            ("MessageGroupId", message.group_id.clone()),
        ];
        attributes.extend(
            optional
                .into_iter()
                .filter_map(|(name, value)| Some((name, value?))),
        );
        attributes
    }
}
