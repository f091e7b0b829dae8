//! A message in a queue, with what has happened to it there.

use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use uuid::Uuid;

use super::clock::Moment;
use super::message::{Message, Received};
use super::receipt::Receipt;

/// A message and its place in the queue.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Held {
    #[serde(
        serialize_with = "serialize_shared",
        deserialize_with = "deserialize_shared"
    )]
    pub(super) message: Arc<Message>,
    pub(super) place: Place,
    /// Since when it is visible, or until when it is not.
    pub(super) at: Moment,
    /// Tells apart what happens in the same millisecond: first come, first served.
    pub(super) order: u64,
    pub(super) receive_count: u32,
    /// Receives in the queues that it came from: they show, but do not count for the redrive of
    /// this one.
    pub(super) receives_elsewhere: u32,
    pub(super) first_received: Option<Moment>,
    pub(super) last_received: Option<Moment>,
    pub(super) dead_letter_source: Option<String>,
    /// When it came here, if it is a dead letter.
    pub(super) buried: Option<Moment>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Place {
    Visible,
    Delayed,
    InFlight,
}

/// A message's position in a set that is ordered by time.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Entry {
    pub(super) at: Moment,
    pub(super) order: u64,
    pub(super) id: Uuid,
}

impl Held {
    /// A message that is new to its queue.
    pub(super) fn new(message: Arc<Message>, delay: Duration, now: Moment) -> Self {
        Self {
            message,
            place: if delay.is_zero() {
                Place::Visible
            } else {
                Place::Delayed
            },
            at: now + delay,
            order: 0,
            receive_count: 0,
            receives_elsewhere: 0,
            first_received: None,
            last_received: None,
            dead_letter_source: None,
            buried: None,
        }
    }

    /// The message as it arrives in a dead letter queue: visible, and with its past.
    pub(super) fn into_dead_letter(self, source: &str, now: Moment) -> Self {
        Self {
            place: Place::Visible,
            at: now,
            receives_elsewhere: self.receive_count,
            dead_letter_source: Some(source.to_owned()),
            buried: Some(now),
            ..self
        }
    }

    /// Counts a receive, and makes what the consumer gets.
    pub(super) fn hand_out(&mut self, queue: &str, now: Moment) -> Received {
        self.receive_count += 1;
        self.last_received = Some(now);
        let receipt = Receipt {
            message_id: self.message.id,
            receive_count: self.receive_count,
        };
        Received {
            message: self.message.clone(),
            receipt_handle: receipt.handle(queue),
            receive_count: self.receive_count,
            first_received: *self.first_received.get_or_insert(now),
            dead_letter_source: self.dead_letter_source.clone(),
        }
    }

    /// Whether this queue has handed the message out `limit` times.
    pub(super) fn is_spent(&self, limit: u32) -> bool {
        self.receive_count - self.receives_elsewhere >= limit
    }

    /// Since when it is in this queue.
    pub(super) fn since(&self) -> Moment {
        self.buried.unwrap_or(self.message.sent)
    }

    /// Its position among the messages of its place.
    pub(super) fn entry(&self) -> Entry {
        Entry {
            at: self.at,
            order: self.order,
            id: self.message.id,
        }
    }

    /// Its position among all messages of the queue, by age.
    pub(super) fn age(&self) -> Entry {
        Entry {
            at: self.message.sent,
            ..self.entry()
        }
    }
}

fn serialize_shared<S: Serializer>(
    message: &Arc<Message>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    message.as_ref().serialize(serializer)
}

fn deserialize_shared<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Arc<Message>, D::Error> {
    Message::deserialize(deserializer).map(Arc::new)
}
