//! How much of an invocation's time a request may take.

use std::time::{Duration, Instant};

/// What is kept back for recording the outcome and scheduling what follows, also when a call to AWS
/// has to be repeated.
const RECORDING: Duration = Duration::from_secs(15);
/// With less than this left no request is begun: it would be cut off and made again.
const LEAST: Duration = Duration::from_secs(10);

/// When an invocation will be ended by force, as far as that is known.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TimeLimit(Option<Instant>);

/// There is not enough time left for a request.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("only {0:?} of the invocation are left for a request")]
pub(crate) struct TooLate(Duration);

impl TimeLimit {
    /// The limit of an invocation that has so much time left.
    pub(crate) fn of(left: Option<Duration>) -> Self {
        Self(left.map(|left| Instant::now() + left))
    }

    /// How long a request that is to take so long may wait before it begins; no limit if none is
    /// known.
    pub(crate) fn patience(self, wanted: Duration) -> Option<Duration> {
        let end = self.0?;
        let left = end.saturating_duration_since(Instant::now());
        Some(left.saturating_sub(RECORDING + wanted.min(LEAST)))
    }

    /// Whether what is kept back for recording has begun.
    pub(crate) fn is_near(self) -> bool {
        self.0
            .is_some_and(|end| end.saturating_duration_since(Instant::now()) < RECORDING)
    }

    /// How long a request that begins now may take: as long as it should, if that leaves time to
    /// record it.
    pub(crate) fn budget(self, wanted: Duration) -> Result<Duration, TooLate> {
        match self.0 {
            Some(end) => budget(wanted, end.saturating_duration_since(Instant::now())),
            None => Ok(wanted),
        }
    }
}

fn budget(wanted: Duration, left: Duration) -> Result<Duration, TooLate> {
    let left = left.saturating_sub(RECORDING);
    if left < wanted.min(LEAST) {
        return Err(TooLate(left));
    }
    Ok(left.min(wanted))
}

#[cfg(test)]
mod tests {
    use super::*;

    const WANTED: Duration = Duration::from_secs(120);

    fn of(wanted: Duration, seconds_left: u64) -> Result<Duration, TooLate> {
        budget(wanted, Duration::from_secs(seconds_left))
    }

    #[test]
    fn a_request_has_its_time_if_enough_is_left_to_record_it() {
        assert_eq!(of(WANTED, 150), Ok(WANTED));
        assert_eq!(of(WANTED, 135), Ok(WANTED));
        assert_eq!(of(WANTED, 60), Ok(Duration::from_secs(45)));
    }

    #[test]
    fn a_request_that_would_be_cut_off_is_not_begun() {
        assert_eq!(of(WANTED, 25), Ok(Duration::from_secs(10)));
        assert_eq!(of(WANTED, 24), Err(TooLate(Duration::from_secs(9))));
        assert_eq!(of(WANTED, 1), Err(TooLate(Duration::ZERO)));
        let short = Duration::from_secs(2);
        assert_eq!(of(short, 17), Ok(short));
        assert!(of(short, 16).is_err());
    }

    #[test]
    fn an_invocation_without_a_deadline_has_all_the_time_that_is_wanted() {
        assert_eq!(TimeLimit::of(None).budget(WANTED), Ok(WANTED));
    }
}
