//! Time as the queues see it: the machine's clock, which a test may move ahead.

use std::ops::{Add, Sub};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

/// A point in time, in whole milliseconds since 1970: as SQS writes its timestamps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Moment(u64);

impl Moment {
    /// The point in time that is so many milliseconds after the beginning of 1970.
    pub fn from_unix_millis(millis: u64) -> Self {
        Moment(millis)
    }

    /// Milliseconds since 1970.
    pub fn unix_millis(self) -> u64 {
        self.0
    }

    /// Whole seconds since 1970.
    pub fn unix_seconds(self) -> u64 {
        self.0 / 1000
    }

    /// The time from `earlier` to this moment; nothing if `earlier` is the later one.
    pub(super) fn since(self, earlier: Moment) -> Duration {
        Duration::from_millis(self.0.saturating_sub(earlier.0))
    }
}

impl Add<Duration> for Moment {
    type Output = Moment;

    fn add(self, duration: Duration) -> Moment {
        Moment(self.0.saturating_add(millis(duration)))
    }
}

impl Sub<Duration> for Moment {
    type Output = Moment;

    fn sub(self, duration: Duration) -> Moment {
        Moment(self.0.saturating_sub(millis(duration)))
    }
}

/// The clock of one account.
#[derive(Default)]
pub(super) struct Clock {
    ahead_millis: AtomicU64,
}

impl Clock {
    pub(super) fn now(&self) -> Moment {
        let machine = OffsetDateTime::now_utc().unix_timestamp_nanos() / 1_000_000;
        let ahead = self.ahead_millis.load(Ordering::Relaxed);
        Moment(u64::try_from(machine).unwrap_or_default() + ahead)
    }

    pub(super) fn advance(&self, by: Duration) {
        self.ahead_millis.fetch_add(millis(by), Ordering::Relaxed);
    }

    pub(super) fn retreat(&self, by: Duration) {
        let less = |ahead: u64| Some(ahead.saturating_sub(millis(by)));
        // Nothing is refused.
        let _ = self
            .ahead_millis
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, less);
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
