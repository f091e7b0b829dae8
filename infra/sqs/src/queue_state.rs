//! One queue as its account keeps it: settings, messages, and who waits for them.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Notify, broadcast, watch};

use super::alarm::Alarm;
use super::backlog::{Backlog, Taken};
use super::clock::Moment;
use super::error::{Error, ErrorCode};
use super::held::Held;
use super::limits;
use super::message::Message;
use super::queue::Depth;
use super::queue_attributes::QueueAttributes;

/// How many messages somebody who follows a queue can be behind.
const FOLLOWED: usize = 256;

pub(super) struct QueueState {
    pub(super) attributes: QueueAttributes,
    pub(super) created: Moment,
    pub(super) modified: Moment,
    pub(super) backlog: Backlog,
    /// Wakes one waiting receive when there is something to receive.
    pub(super) arrivals: Arc<Notify>,
    pub(super) depth: watch::Sender<Depth>,
    /// Those who follow what is sent.
    pub(super) sent: broadcast::Sender<Arc<Message>>,
    purged: Option<Moment>,
    alarm: Arc<Alarm>,
}

impl QueueState {
    pub(super) fn new(
        name: Arc<str>,
        attributes: QueueAttributes,
        alarm: Arc<Alarm>,
        now: Moment,
    ) -> Self {
        Self {
            attributes,
            created: now,
            modified: now,
            backlog: Backlog::new(name),
            arrivals: Arc::new(Notify::new()),
            depth: watch::Sender::new(Depth::default()),
            sent: broadcast::Sender::new(FOLLOWED),
            purged: None,
            alarm,
        }
    }

    /// Runs `change` on the queue as it is at `now`, and tells everyone who waits for its outcome.
    pub(super) fn change<T>(&mut self, now: Moment, change: impl FnOnce(&mut Self) -> T) -> T {
        self.backlog.settle(self.attributes.retention, now);
        let outcome = change(self);
        self.announce();
        if let Some(next) = self.next_change() {
            self.alarm.set_by(next);
        }
        outcome
    }

    /// Lets happen what was due by `now`, and says when there will be more.
    pub(super) fn catch_up(&mut self, now: Moment) -> Option<Moment> {
        self.backlog.settle(self.attributes.retention, now);
        self.announce();
        self.next_change()
    }

    fn next_change(&self) -> Option<Moment> {
        self.backlog.next_change(self.attributes.retention)
    }

    fn announce(&self) {
        let depth = self.backlog.depth();
        self.depth
            .send_if_modified(|published| std::mem::replace(published, depth) != depth);
        // One at a time: a receive that leaves messages behind announces them to the next.
        if depth.visible > 0 && !self.backlog.is_over_limit() {
            self.arrivals.notify_one();
        }
    }

    /// Takes a message in, hidden for `delay` or for the queue's own delay.
    pub(super) fn accept(
        &mut self,
        message: Arc<Message>,
        size: usize,
        delay: Option<Duration>,
        now: Moment,
    ) -> Result<(), Error> {
        let limit = self.attributes.maximum_message_size;
        if size > limit {
            let message = format!(
                "One or more parameters are invalid. \
                 Reason: Message must be shorter than {limit} bytes."
            );
            return Err(Error::new(ErrorCode::InvalidParameterValue, message));
        }
        // Perhaps nobody follows it.
        let _ = self.sent.send(Arc::clone(&message));
        self.backlog.put(Held::new(
            message,
            delay.unwrap_or(self.attributes.delay),
            now,
        ));
        Ok(())
    }

    /// Hands out visible messages, hidden for `visibility` or for as long as the queue says.
    pub(super) fn hand_out(
        &mut self,
        max: usize,
        visibility: Option<Duration>,
        spent_after: Option<u32>,
        now: Moment,
    ) -> Result<Taken, Error> {
        if self.backlog.is_over_limit() {
            return Err(Error::new(
                ErrorCode::OverLimit,
                "Too many messages are in flight.",
            ));
        }
        let visibility = visibility.unwrap_or(self.attributes.visibility_timeout);
        Ok(self.backlog.take(max, visibility, spent_after, now))
    }

    /// Takes in what the queue `source` gave up.
    pub(super) fn bury(&mut self, spent: Vec<Held>, source: &str, now: Moment) {
        for held in spent {
            self.backlog.put(held.into_dead_letter(source, now));
        }
    }

    pub(super) fn purge(&mut self, name: &str, now: Moment) -> Result<(), Error> {
        if self
            .purged
            .is_some_and(|purged| now.since(purged) < limits::PURGE_PAUSE)
        {
            let message =
                format!("Only one PurgeQueue operation on {name} is allowed every 60 seconds.");
            return Err(Error::new(ErrorCode::PurgeQueueInProgress, message));
        }
        self.purged = Some(now);
        self.backlog.clear();
        Ok(())
    }
}
