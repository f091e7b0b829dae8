//! Retries that fall due later than a queue can hold them: they lie in buckets of a minute each, until the sweeper takes a bucket shortly
//! before its time.
//!
//! Nothing is put into a bucket that the sweeper may have taken: a retry is parked only if it is due in more than [`LONGEST_DELAY`], and a
//! bucket is taken no sooner than [`AHEAD`] before its first moment. What lies between the two, about four minutes, is for clocks that
//! differ and for writes that take their time; a worker that parks lives for less.

use std::time::Duration;

use crate::digest::digest;
use crate::dispatch_id::DispatchId;
use crate::retry::LONGEST_DELAY;
use crate::timestamp::Timestamp;

/// How long before its first moment a bucket may be taken.
pub const AHEAD: Duration = Duration::from_secs(10 * 60);

/// Over how many partitions a minute is spread: each takes 1000 retries a second.
pub const SHARDS: u8 = 4;

const MINUTE_MILLIS: i64 = 60_000;

const _: () = assert!(
    LONGEST_DELAY.as_secs() > AHEAD.as_secs() + 60 + 150,
    "a bucket must stay open until the last worker that parked in it has ended"
);

/// The retries that fall due in one minute.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Minute(i64);

impl Minute {
    /// The minute that this moment lies in.
    pub fn of(at: Timestamp) -> Self {
        Self(at.as_millis().div_euclid(MINUTE_MILLIS))
    }

    /// The minute with this number, counted from 1970.
    pub fn from_number(number: i64) -> Self {
        Self(number)
    }

    /// Its number, counted from 1970.
    pub fn number(self) -> i64 {
        self.0
    }

    /// The moment after its last.
    pub fn end(self) -> Timestamp {
        let end = (self.0 + 1).saturating_mul(MINUTE_MILLIS);
        Timestamp::from_millis(end).unwrap_or_default()
    }

    /// The minute before.
    #[must_use]
    pub fn previous(self) -> Self {
        Self(self.0 - 1)
    }

    /// The minutes that can be taken now, the earliest first, if `taken` was the last.
    pub fn to_take(taken: Self, now: Timestamp) -> impl Iterator<Item = Self> {
        let last = Self::of(now.after(AHEAD)).0;
        (taken.0 + 1..=last).map(Self)
    }
}

/// The shard of a minute in which a dispatch's retry lies.
pub fn shard(dispatch: &DispatchId) -> u8 {
    digest(&[dispatch.as_str().as_bytes()])[0] % SHARDS
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_millis(seconds * 1000).unwrap()
    }

    fn to_take(taken: i64, seconds: i64) -> Vec<i64> {
        let taken = Minute::from_number(taken);
        let minutes = Minute::to_take(taken, at(seconds));
        minutes.map(Minute::number).collect()
    }

    #[test]
    fn every_minute_is_taken_once_ten_minutes_ahead() {
        assert_eq!(to_take(110, 100 * 60), [] as [i64; 0]);
        assert_eq!(to_take(109, 100 * 60), [110]);
        assert_eq!(to_take(109, 100 * 60 + 59), [110]);
        assert_eq!(to_take(109, 101 * 60), [110, 111]);
    }

    #[test]
    fn a_sweeper_that_was_away_takes_everything_that_it_missed() {
        assert_eq!(to_take(9, 14 * 60), (10..=24).collect::<Vec<_>>());
    }

    proptest! {
        #[test]
        fn nothing_is_parked_in_a_minute_that_may_have_been_taken(
            now in 0i64..4_000_000_000,
            longer in 1u64..100_000,
            skew in 0u64..240,
        ) {
            let due = at(now).after(LONGEST_DELAY + Duration::from_secs(longer));
            let sweepers_clock = at(now).after(Duration::from_secs(skew));
            let last = Minute::to_take(Minute::of(at(now)), sweepers_clock).last().unwrap();
            prop_assert!(last < Minute::of(due));
        }

        #[test]
        fn what_is_taken_is_due_soon_enough_for_a_queue_to_hold_it(now in 0i64..4_000_000_000, into_minute in 0u64..60_000) {
            let last = Minute::to_take(Minute::of(at(now)), at(now)).last().unwrap();
            let due = Timestamp::from_millis(last.number() * MINUTE_MILLIS).unwrap().after(Duration::from_millis(into_minute));
            prop_assert!(at(now).until(due) < LONGEST_DELAY);
        }
    }
}
