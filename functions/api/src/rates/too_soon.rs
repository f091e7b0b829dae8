//! What is said to a request that came too soon.

use std::time::Duration;

use domain::rate::Counted;

/// A request that came too soon.
#[derive(Debug, thiserror::Error)]
#[error(
    "more than {per_minute} {} within a minute; try again in {} s", what.shown(), wait.as_secs()
)]
pub(crate) struct TooSoon {
    pub(crate) what: Counted,
    pub(crate) per_minute: u32,
    pub(crate) wait: Duration,
}

#[cfg(test)]
impl TooSoon {
    pub(crate) fn sample() -> Self {
        Self {
            what: Counted::Tests,
            per_minute: 60,
            wait: Duration::from_secs(7),
        }
    }
}
