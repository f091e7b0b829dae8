//! A handle to one queue, for those who share its process.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Notify, broadcast, watch};
use tokio::time::Instant;

use super::account::Account;
use super::address;
use super::backlog::VisibilityRefusal;
use super::error::{Error, ErrorCode};
use super::message::{Message, NewMessage, Received};
use super::move_task::MoveOrder;
use super::queue_attributes::QueueAttributes;
use super::receipt::Receipt;

/// A queue. What can fail fails with `QueueDoesNotExist` once the queue is deleted.
#[derive(Clone)]
pub struct Queue {
    account: Arc<Account>,
    name: Arc<str>,
    arrivals: Arc<Notify>,
    depth: watch::Receiver<Depth>,
}

/// How many messages a queue holds, exactly.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Depth {
    /// Those that a receive would give out.
    pub visible: usize,
    /// Those that were sent with a delay which is not over.
    pub delayed: usize,
    /// Those that were received, and neither deleted nor visible again.
    pub in_flight: usize,
}

impl Depth {
    /// Whether there is no message at all.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl Queue {
    pub(super) fn open(account: Arc<Account>, name: &str) -> Option<Self> {
        let (arrivals, depth) = account.with_state(|state, _| {
            let queue = state.queues.get(name)?;
            Some((queue.arrivals.clone(), queue.depth.subscribe()))
        })?;
        Some(Self {
            account,
            name: name.into(),
            arrivals,
            depth,
        })
    }

    /// The queue's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The queue's ARN.
    pub fn arn(&self) -> String {
        address::arn(&self.name)
    }

    /// The queue's URL at an endpoint such as `http://127.0.0.1:4402`.
    pub fn url(&self, endpoint: &str) -> String {
        address::url(endpoint, &self.name)
    }

    /// The queue's settings.
    pub fn attributes(&self) -> Result<QueueAttributes, Error> {
        self.account
            .with_queue(&self.name, |queue, _| Ok(queue.attributes.clone()))
    }

    /// The queue's settings, address, dates and depth, under SQS's names and in its spelling.
    pub fn describe(&self) -> Result<BTreeMap<String, String>, Error> {
        let (mut description, rest) = self.account.with_queue(&self.name, |queue, _| {
            let depth = queue.backlog.depth();
            let rest = [
                ("ApproximateNumberOfMessages", depth.visible.to_string()),
                (
                    "ApproximateNumberOfMessagesDelayed",
                    depth.delayed.to_string(),
                ),
                (
                    "ApproximateNumberOfMessagesNotVisible",
                    depth.in_flight.to_string(),
                ),
                ("CreatedTimestamp", queue.created.unix_seconds().to_string()),
                (
                    "LastModifiedTimestamp",
                    queue.modified.unix_seconds().to_string(),
                ),
                ("QueueArn", self.arn()),
            ];
            Ok((queue.attributes.to_wire(), rest))
        })?;
        description.extend(rest.map(|(name, value)| (name.to_owned(), value)));
        Ok(description)
    }

    /// Changes the queue's settings. Messages that are hidden stay hidden for as long as they were.
    pub fn set_attributes(&self, attributes: QueueAttributes) -> Result<(), Error> {
        self.account.set_attributes(&self.name, attributes)
    }

    /// Sends a message.
    pub fn send(&self, new: NewMessage) -> Result<Arc<Message>, Error> {
        new.check()?;
        let (size, delay) = (new.size(), new.delay);
        // Before the lock is taken: the digest of a large body takes its time.
        let message = Arc::new(Message::accept(new, self.account.now()));
        self.account.with_queue(&self.name, |queue, now| {
            queue.accept(message.clone(), size, delay, now)
        })?;
        Ok(message)
    }

    /// Receives up to `max` messages, and hides them for `visibility`, or for as long as the queue
    /// says. If there are none, waits up to `wait` for the first. Unlike a client's receive this
    /// one takes any `max`: the mapping of a function polls as many times as it needs, and may as
    /// well do so at once.
    pub async fn receive(
        &self,
        max: usize,
        wait: Duration,
        visibility: Option<Duration>,
    ) -> Result<Vec<Received>, Error> {
        let deadline = Instant::now() + wait;
        loop {
            let arrival = self.arrivals.notified();
            tokio::pin!(arrival);
            // From here on no arrival is missed, even if it comes before we wait.
            arrival.as_mut().enable();
            let taken = self.account.take(&self.name, max, visibility);
            // A long poll does not mention that too much is in flight: it waits, as if there were
            // no messages.
            let is_over_limit = matches!(&taken, Err(error) if error.code() == ErrorCode::OverLimit)
                && !wait.is_zero();
            let received = if is_over_limit { Vec::new() } else { taken? };
            if !received.is_empty() || tokio::time::timeout_at(deadline, arrival).await.is_err() {
                return Ok(received);
            }
        }
    }

    /// Deletes a received message. It is no error if the message is gone, or was received again
    /// since; then it stays.
    pub fn delete(&self, receipt_handle: &str) -> Result<(), Error> {
        let receipt = Receipt::parse(receipt_handle, &self.name)?;
        self.account.with_queue(&self.name, |queue, _| {
            queue.backlog.delete(&receipt);
            Ok(())
        })
    }

    /// Whether a received message is still hidden from others, and not received by them since.
    pub fn is_hidden(&self, receipt_handle: &str) -> bool {
        let Ok(receipt) = Receipt::parse(receipt_handle, &self.name) else {
            return false;
        };
        let hidden = self
            .account
            .with_queue(&self.name, |queue, _| Ok(queue.backlog.is_hidden(&receipt)));
        hidden.unwrap_or(false)
    }

    /// Hides a received message for `visibility` from now on; for no time at all, it is visible at
    /// once.
    pub fn change_visibility(
        &self,
        receipt_handle: &str,
        visibility: Duration,
    ) -> Result<(), Error> {
        let receipt = Receipt::parse(receipt_handle, &self.name)?;
        self.account.with_queue(&self.name, |queue, now| {
            let changed = queue
                .backlog
                .change_visibility(receipt.message_id, visibility, now);
            changed.map_err(|refusal| match refusal {
                VisibilityRefusal::NoMessage => {
                    let reason = "Message does not exist or is not available for visibility \
                                  timeout change.";
                    Error::invalid_parameter("ReceiptHandle", receipt_handle, reason)
                }
                VisibilityRefusal::TooLong => {
                    let reason = "Total VisibilityTimeout for the message is beyond the limit \
                                  [43200 seconds]";
                    Error::invalid_parameter("VisibilityTimeout", visibility.as_secs(), reason)
                }
            })
        })
    }

    /// Deletes all messages; not twice within a minute.
    pub fn purge(&self) -> Result<(), Error> {
        self.account
            .with_queue(&self.name, |queue, now| queue.purge(&self.name, now))
    }

    /// Moves every visible message of this dead letter queue back to where it came from, as `StartMessageMoveTask` does.
    pub fn redrive(&self) -> Result<(), Error> {
        let order = MoveOrder {
            source_arn: &self.arn(),
            destination_arn: None,
            per_second: None,
        };
        self.account
            .with_state(|state, now| state.move_messages(&order, now))?;
        Ok(())
    }

    /// Makes every in-flight message visible now, as if its visibility had run out. Nothing happens
    /// if the queue is deleted.
    pub fn expire_visibility(&self) {
        let expired = self.account.with_queue(&self.name, |queue, now| {
            queue.backlog.expire_visibility(now);
            Ok(())
        });
        drop(expired);
    }

    /// How many messages there are now; none if the queue is deleted.
    pub fn depth(&self) -> Depth {
        self.account
            .with_queue(&self.name, |queue, _| Ok(queue.backlog.depth()))
            .unwrap_or_default()
    }

    /// How long the oldest message has been here, as the metric `ApproximateAgeOfOldestMessage` has it: delayed ones and those in flight
    /// count, those that were received three times do not, and a dead letter counts from when it came here. `None`: there is no such message.
    pub fn age_of_oldest(&self) -> Option<Duration> {
        let oldest = self.account.with_queue(&self.name, |queue, now| {
            Ok(queue.backlog.oldest().map(|oldest| now.since(oldest)))
        });
        oldest.ok().flatten()
    }

    /// Follows what is sent from now on. Whoever is too far behind misses some of it.
    pub fn sent(&self) -> Result<broadcast::Receiver<Arc<Message>>, Error> {
        self.account
            .with_queue(&self.name, |queue, _| Ok(queue.sent.subscribe()))
    }

    /// Follows the depth: `queue.changed().wait_for(Depth::is_empty).await` waits until there is no
    /// message left. Ends with an error when the queue is deleted.
    pub fn changed(&self) -> watch::Receiver<Depth> {
        self.depth.clone()
    }
}
