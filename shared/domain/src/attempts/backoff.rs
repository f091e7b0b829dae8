//! When a message comes again that could not be handled for a reason of ours: an outage, a bug.
//!
//! What is wrong is over in seconds, as a rule, so the first waits are short. An outage of three
//! quarters of an hour is survived, too: with the template's eight receives a message is tried for
//! three quarters of an hour to an hour, and parked a quarter of an hour after that.

use std::time::Duration;

/// The wait after the first receive.
const FIRST: Duration = Duration::from_secs(5);
/// How many times as long each further wait is.
const GROWTH: u32 = 5;
/// No wait is longer. It is the visibility timeout of the delivery queue, after which a message
/// comes again anyway.
const LONGEST: Duration = Duration::from_secs(15 * 60);
/// The part of a wait that chance may take, so that what has failed together does not come again
/// together.
const JITTER: f64 = 0.25;
/// The receive whose wait is the least for a message that has called its receiver: two minutes.
const AFTER_A_CALL: u32 = 3;

/// How far a message had come when it failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// To try again costs nobody anything.
    Nothing,
    /// Its receiver was called, and that is not on record: to try again is to call it again.
    Called,
    /// There was too much to do for it, and nothing is wrong.
    Throttled,
}

/// The waits of what was throttled: seconds first, because a queue that is slowed down has other
/// messages for the meantime; and in the end hours, so that throttling alone parks nothing within a
/// working day. SQS hides no message for longer than twelve hours.
const THROTTLED: [u64; 8] = [5, 10, 30, 120, 900, 3600, 3 * 3600, 7 * 3600];

/// How long a message is hidden that has been received so often, this time included, with `jitter`
/// between 0 and 1 chosen by chance.
pub fn wait(receives: u32, progress: Progress, jitter: f64) -> Duration {
    let growing = |receives: u32| {
        let times = GROWTH.saturating_pow(receives.saturating_sub(1));
        FIRST.saturating_mul(times).min(LONGEST)
    };
    let nominal = match progress {
        Progress::Nothing => growing(receives),
        Progress::Called => growing(receives.saturating_add(AFTER_A_CALL - 1)),
        Progress::Throttled => {
            let place = usize::try_from(receives.saturating_sub(1)).unwrap_or(usize::MAX);
            let last = THROTTLED.last().copied();
            Duration::from_secs(THROTTLED.get(place).copied().or(last).unwrap_or_default())
        }
    };
    nominal.mul_f64(1.0 - JITTER * jitter.clamp(0.0, 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// What the template says, unless an operator says something else.
    const MAX_RECEIVES: u32 = 8;

    fn nominal(progress: Progress) -> Vec<u64> {
        (1..=MAX_RECEIVES)
            .map(|receives| wait(receives, progress, 0.0).as_secs())
            .collect()
    }

    #[test]
    fn waits_grow_from_seconds_to_a_quarter_of_an_hour() {
        let expected = [5, 25, 125, 625, 900, 900, 900, 900];
        assert_eq!(nominal(Progress::Nothing), expected);
    }

    #[test]
    fn a_receiver_that_was_called_is_not_called_again_within_seconds() {
        let expected = [125, 625, 900, 900, 900, 900, 900, 900];
        assert_eq!(nominal(Progress::Called), expected);
    }

    #[test]
    fn throttling_alone_parks_nothing_within_a_working_day() {
        let shortest = |receives| wait(receives, Progress::Throttled, 1.0);
        let parked: Duration = (1..=MAX_RECEIVES).map(shortest).sum();
        assert!(parked > Duration::from_secs(8 * 60 * 60));
        assert!(shortest(1) < FIRST);
        // SQS hides no message for longer than that.
        let longest = wait(MAX_RECEIVES, Progress::Throttled, 0.0);
        assert!(longest < Duration::from_secs(12 * 60 * 60));
        assert_eq!(wait(u32::MAX, Progress::Throttled, 0.0), longest);
    }

    #[test]
    fn an_outage_of_three_quarters_of_an_hour_parks_nothing() {
        let shortest = |receives| wait(receives, Progress::Nothing, 1.0);
        let last_receive: Duration = (1..MAX_RECEIVES).map(shortest).sum();
        assert!(last_receive > Duration::from_secs(43 * 60));
        let parked = last_receive + shortest(MAX_RECEIVES);
        assert!(parked > Duration::from_secs(54 * 60));
    }

    #[test]
    fn a_failure_that_goes_on_shows_in_two_minutes_of_five() {
        // The alarms ask for that. Whenever in a minute it begins, and whatever chance makes of the
        // waits.
        for progress in [Progress::Nothing, Progress::Called] {
            for begin in 0..60 {
                for jitter in [0.0, 0.5, 1.0] {
                    let mut at = Duration::from_secs(begin);
                    let mut minutes = vec![0];
                    for receives in 1..=4 {
                        at += wait(receives, progress, jitter);
                        minutes.push(at.as_secs() / 60);
                    }
                    assert!(minutes.iter().any(|minute| (1..5).contains(minute)));
                }
            }
        }
    }

    proptest! {
        #[test]
        fn no_wait_is_zero_or_longer_than_the_longest(receives: u32, called: bool, jitter in -1.0f64..2.0) {
            let progress = if called { Progress::Called } else { Progress::Nothing };
            let wait = wait(receives, progress, jitter);
            prop_assert!(wait >= FIRST.mul_f64(0.75) && wait <= LONGEST);
        }
    }
}
