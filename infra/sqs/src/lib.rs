//! Amazon SQS on one machine: what the SDKs reach over HTTP, and what the event source mappings
//! poll in process.
//!
//! It keeps the promises and the limits of SQS's *standard* queues, answers with SQS's own error
//! codes, and says so where it does less.
//!
//! - One [`Sqs`] is one account in `us-east-1`. All its queues stand behind one lock, so that a
//!   message on its way to a dead letter queue is always in exactly one of them.
//! - A message is visible, delayed or in flight. Each of these is a set ordered by time; nothing
//!   ever looks through all messages.
//! - Nothing polls: a receive sleeps until a message arrives, and one timer sleeps until the next
//!   message becomes visible or expires.
//! - A queue shares itself out among message groups: one with 30 messages in flight or more, and
//!   more than a tenth of all, waits for the others. AWS also looks at processing times.
//! - It is kinder than SQS in what SQS does not promise: the oldest visible message comes first,
//!   depths are exact, no message comes twice by itself, a short poll sees every message. Callers
//!   must not count on it.
//!
//! Not here: FIFO queues (refused by name), the Query protocol, permissions, encryption, tags,
//! throttling, and the minute for which the name of a deleted queue is not free.

mod account;
mod address;
mod alarm;
mod backlog;
mod clock;
mod error;
mod held;
mod http;
mod limits;
mod message;
mod message_attribute;
mod move_task;
mod queue;
mod queue_attributes;
mod queue_state;
mod receipt;
mod redrive_allow;
mod snapshot;

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use account::Account;
pub use address::{ACCOUNT, REGION};
pub use clock::Moment;
pub use error::{Error, ErrorCode};
pub use message::{Message, NewMessage, Received};
pub use message_attribute::{AttributeValue, MessageAttribute, MessageAttributes};
pub use queue::{Depth, Queue};
pub use queue_attributes::{QueueAttributes, Redrive};
pub use redrive_allow::RedriveAllow;

/// All queues of one account. Clones share them.
#[derive(Clone)]
pub struct Sqs {
    account: Arc<Account>,
}

impl Sqs {
    /// An account without queues. Must be called on a Tokio runtime, which then runs the account's
    /// timer.
    #[expect(
        clippy::new_without_default,
        reason = "it starts a task: nothing to be had by default"
    )]
    pub fn new() -> Self {
        Self {
            account: Account::open(),
        }
    }

    /// Creates a queue, or finds it if it is there with the same attributes. Its dead letter queue
    /// must be there already.
    pub fn create_queue(&self, name: &str, attributes: QueueAttributes) -> Result<Queue, Error> {
        self.account.create_queue(name, attributes)?;
        self.queue(name).ok_or_else(Error::queue_does_not_exist)
    }

    /// The queue of that name, if there is one.
    pub fn queue(&self, name: &str) -> Option<Queue> {
        Queue::open(self.account.clone(), name)
    }

    /// The names of all queues, in order.
    pub fn queue_names(&self) -> Vec<String> {
        self.account
            .with_state(|state, _| state.queues.keys().cloned().collect())
    }

    /// Deletes a queue with all its messages.
    pub fn delete_queue(&self, name: &str) -> Result<(), Error> {
        self.account.delete_queue(name)
    }

    /// The HTTP face, for any port: the queue URLs in its answers have the host and port of the
    /// request (its `Host` header).
    pub fn router(&self) -> axum::Router {
        http::router(self.clone())
    }

    /// Everything that must survive a restart.
    pub fn snapshot(&self) -> anyhow::Result<Value> {
        snapshot::save(&self.account)
    }

    /// Puts back what [`snapshot`](Self::snapshot) gave. A queue that was created before keeps its
    /// attributes and gets the messages. Receipt handles stay good, and messages in flight stay in
    /// flight until their visibility ends.
    pub fn restore(&self, snapshot: Value) -> anyhow::Result<()> {
        snapshot::restore(&self.account, snapshot)
    }

    /// Lets that much time pass, for this account, at once: delays and visibilities run out,
    /// messages expire. A receive that waits goes on waiting by the real clock.
    pub fn advance(&self, by: Duration) {
        self.account.advance(by);
    }

    /// Takes back so much of the time that was let pass.
    pub fn retreat(&self, by: Duration) {
        self.account.retreat(by);
    }
}
