//! The times in requests: whole seconds, refused outside their range, each with SQS's own reason.

use std::time::Duration;

use crate::error::Error;
use crate::limits;

pub(super) fn delay(seconds: i64) -> Result<Duration, Error> {
    parse(
        "DelaySeconds",
        seconds,
        limits::MAX_DELAY,
        "DelaySeconds must be >= 0 and <= 900.",
    )
}

pub(super) fn wait(seconds: i64) -> Result<Duration, Error> {
    parse(
        "WaitTimeSeconds",
        seconds,
        limits::MAX_WAIT,
        "Must be >= 0 and <= 20, if provided.",
    )
}

pub(super) fn visibility(seconds: i64) -> Result<Duration, Error> {
    parse(
        "VisibilityTimeout",
        seconds,
        limits::MAX_VISIBILITY,
        "Must be >= 0 and <= 43200, if provided.",
    )
}

fn parse(parameter: &str, seconds: i64, max: Duration, reason: &str) -> Result<Duration, Error> {
    let duration = u64::try_from(seconds)
        .ok()
        .map(Duration::from_secs)
        .filter(|&duration| duration <= max);
    duration.ok_or_else(|| Error::invalid_parameter(parameter, seconds, reason))
}
