//! When a sweep must stop.

use std::time::{Duration, Instant};

/// Kept in reserve, to finish the minute in hand.
const RESERVE: Duration = Duration::from_secs(20);

/// When no further minute is started.
#[derive(Clone, Copy, Debug)]
pub struct TimeLimit(Option<Instant>);

impl TimeLimit {
    /// The limit of an invocation with this much time left; `None` is no limit.
    pub fn of(left: Option<Duration>) -> Self {
        Self(left.map(|left| Instant::now() + left.saturating_sub(RESERVE)))
    }

    pub(crate) fn is_over(&self) -> bool {
        self.0.is_some_and(|end| Instant::now() >= end)
    }
}
