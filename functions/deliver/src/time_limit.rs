//! How much of an invocation's time a request may take.

use std::time::Duration;

use domain::timestamp::Timestamp;

/// What is kept back for recording the outcome and scheduling what follows, also when a call to AWS has to be repeated.
const RECORDING: Duration = Duration::from_secs(15);
/// With less than this left no request is begun: it would be cut off and made again.
const LEAST: Duration = Duration::from_secs(10);

/// When an invocation will be ended by force, as far as that is known.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TimeLimit(Option<Timestamp>);

/// There is not enough time left for a request.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("only {0:?} of the invocation are left for a request")]
pub(crate) struct TooLate(Duration);

impl TimeLimit {
    /// The limit of an invocation that begins now. A deadline in the past says nothing: cargo-lambda sends a constant one, of 1970.
    pub(crate) fn of(deadline_millis: u64, now: Timestamp) -> Self {
        let deadline = i64::try_from(deadline_millis).ok();
        Self(
            deadline
                .and_then(Timestamp::from_millis)
                .filter(|deadline| *deadline > now),
        )
    }

    /// How long a request that begins now may take: as long as it should, if that leaves time to record it.
    pub(crate) fn budget(self, wanted: Duration, now: Timestamp) -> Result<Duration, TooLate> {
        let Some(deadline) = self.0 else {
            return Ok(wanted);
        };
        let left = now.until(deadline).saturating_sub(RECORDING);
        if left < wanted.min(LEAST) {
            return Err(TooLate(left));
        }
        Ok(left.min(wanted))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WANTED: Duration = Duration::from_secs(120);

    fn second(second: i64) -> Timestamp {
        Timestamp::from_millis(1_700_000_000_000 + second * 1000).unwrap()
    }

    fn budget(wanted: Duration, seconds_left: i64) -> Result<Duration, TooLate> {
        let deadline = u64::try_from(second(seconds_left).as_millis()).unwrap();
        TimeLimit::of(deadline, second(0)).budget(wanted, second(0))
    }

    #[test]
    fn a_request_has_its_time_if_enough_is_left_to_record_it() {
        assert_eq!(budget(WANTED, 150), Ok(WANTED));
        assert_eq!(budget(WANTED, 135), Ok(WANTED));
        assert_eq!(budget(WANTED, 60), Ok(Duration::from_secs(45)));
    }

    #[test]
    fn a_request_that_would_be_cut_off_is_not_begun() {
        assert_eq!(budget(WANTED, 25), Ok(Duration::from_secs(10)));
        assert_eq!(budget(WANTED, 24), Err(TooLate(Duration::from_secs(9))));
        assert_eq!(budget(WANTED, 1), Err(TooLate(Duration::ZERO)));
        let short = Duration::from_secs(2);
        assert_eq!(budget(short, 17), Ok(short));
        assert!(budget(short, 16).is_err());
    }

    #[test]
    fn a_deadline_in_the_past_says_nothing() {
        for deadline in [0, 600_000, u64::MAX] {
            let limit = TimeLimit::of(deadline, second(0));
            assert_eq!(limit.budget(WANTED, second(0)), Ok(WANTED));
        }
    }
}
