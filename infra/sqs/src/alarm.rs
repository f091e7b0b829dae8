//! The account's one timer: goes off when the next message of any queue becomes visible or expires.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::sync::Notify;

use super::clock::Moment;

/// Set only while the account's lock is held; so what it is set to and what the queues hold cannot
/// disagree.
pub(super) struct Alarm {
    at_millis: AtomicU64,
    moved: Notify,
}

impl Alarm {
    pub(super) fn new() -> Self {
        Self {
            at_millis: AtomicU64::new(u64::MAX),
            moved: Notify::new(),
        }
    }

    /// Makes the alarm go off at `moment`, or before.
    pub(super) fn set_by(&self, moment: Moment) {
        let before = self
            .at_millis
            .fetch_min(moment.unix_millis(), Ordering::Relaxed);
        if moment.unix_millis() < before {
            self.moved.notify_one();
        }
    }

    /// What [`wait`](Self::wait) will wait for next: `moment`, or only a change.
    pub(super) fn rewind(&self, moment: Option<Moment>) {
        self.at_millis.store(
            moment.map_or(u64::MAX, Moment::unix_millis),
            Ordering::Relaxed,
        );
    }

    /// Makes [`wait`](Self::wait) return now.
    pub(super) fn ring(&self) {
        self.moved.notify_one();
    }

    /// Waits for that long, or forever; returns early if the alarm is moved ahead.
    pub(super) async fn wait(&self, pause: Option<Duration>) {
        let Some(pause) = pause else {
            return self.moved.notified().await;
        };
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = self.moved.notified() => {}
        }
    }
}
