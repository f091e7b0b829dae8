//! When a failed delivery is tried again.

use std::time::Duration;

/// The longest that a queue can hold back a message (SQS `DelaySeconds`).
pub const LONGEST_DELAY: Duration = Duration::from_secs(15 * 60);

/// How often a test delivery is retried.
pub const TEST_RETRIES: usize = 3;

/// Part of a wait that chance may add or take: 25 %.
const JITTER: f64 = 0.25;

/// The waits before each retry, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schedule(Vec<Duration>);

/// A text that is no schedule.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a list of whole seconds, separated by commas")]
pub struct ScheduleError(String);

impl Schedule {
    /// Reads whole seconds separated by commas, such as `60,120,240`. An empty text means no
    /// retries.
    pub fn parse(text: &str) -> Result<Self, ScheduleError> {
        if text.trim().is_empty() {
            return Ok(Self(Vec::new()));
        }
        let wait = |part: &str| part.trim().parse().map(Duration::from_secs);
        text.split(',')
            .map(wait)
            .collect::<Result<_, _>>()
            .map(Self)
            .map_err(|_| ScheduleError(text.to_owned()))
    }

    /// The same, with no more than so many retries.
    #[must_use]
    pub fn first(&self, retries: usize) -> Self {
        Self(self.0.iter().take(retries).copied().collect())
    }

    /// How many retries there are.
    pub fn retries(&self) -> usize {
        self.0.len()
    }

    /// The wait before this retry, counted from 1, with `jitter` between 0 and 1 chosen by chance.
    /// `None` when there is no such retry.
    pub fn wait(&self, retry: u32, jitter: f64) -> Option<Duration> {
        let nominal = self.0.get(usize::try_from(retry).ok()?.checked_sub(1)?)?;
        Some(nominal.mul_f64(1.0 - JITTER + 2.0 * JITTER * jitter.clamp(0.0, 1.0)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const STANDARD: &str = "60,120,240,480,960,1920,3840,7680,15360,30720,61440";

    #[test]
    fn the_standard_schedule_doubles_from_a_minute_over_34_hours() {
        let schedule = Schedule::parse(STANDARD).unwrap();
        let waits: Vec<_> = (1..=11)
            .map(|retry| schedule.wait(retry, 0.5).unwrap())
            .collect();
        for (step, wait) in waits.iter().enumerate() {
            assert_eq!(*wait, Duration::from_secs(60 << step));
        }
        assert_eq!(
            waits.iter().sum::<Duration>(),
            Duration::from_secs(2047 * 60)
        );
        assert_eq!(schedule.wait(12, 0.5), None);
    }

    #[test]
    fn what_is_no_schedule_is_refused() {
        assert_eq!(Schedule::parse("").unwrap().retries(), 0);
        for text in ["1,,2", "a", "1m", "-1", "1.5"] {
            assert!(Schedule::parse(text).is_err(), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn a_wait_stays_within_a_quarter_of_its_nominal_value(retry in 1u32..=11, jitter in 0.0f64..1.0) {
            let nominal = Duration::from_secs(60 << (retry - 1));
            let wait = Schedule::parse(STANDARD).unwrap().wait(retry, jitter).unwrap();
            prop_assert!(wait >= nominal.mul_f64(0.75) && wait <= nominal.mul_f64(1.25));
        }
    }
}
