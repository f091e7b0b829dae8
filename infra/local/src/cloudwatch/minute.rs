//! The grain of all metrics: a minute of the clock.

use std::ops::{Add, Sub};
use std::time::Duration;

use time::OffsetDateTime;

const SECONDS: i64 = 60;

/// A minute, counted from the beginning of 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Minute(i64);

impl Minute {
    /// The minute that this time lies in.
    pub(super) fn of(time: OffsetDateTime) -> Self {
        Minute(time.unix_timestamp().div_euclid(SECONDS))
    }

    /// When it begins.
    pub(super) fn begin(self) -> OffsetDateTime {
        // Within the years of any clock.
        let begin = OffsetDateTime::from_unix_timestamp(self.0.saturating_mul(SECONDS));
        begin.unwrap_or(OffsetDateTime::UNIX_EPOCH)
    }

    /// What is left of the minute at this time.
    pub(super) fn left_of(time: OffsetDateTime) -> Duration {
        let left = (Minute::of(time) + 1).begin() - time;
        Duration::try_from(left).unwrap_or_default()
    }
}

impl Add<i64> for Minute {
    type Output = Minute;

    fn add(self, minutes: i64) -> Minute {
        Minute(self.0.saturating_add(minutes))
    }
}

impl Sub<i64> for Minute {
    type Output = Minute;

    fn sub(self, minutes: i64) -> Minute {
        Minute(self.0.saturating_sub(minutes))
    }
}
