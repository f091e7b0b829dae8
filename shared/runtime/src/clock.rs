//! The one place where the time is read.

use std::fs;
use std::path::PathBuf;
use std::sync::OnceLock;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use domain::timestamp::Timestamp;

/// Names a file with the milliseconds by which this process's clock is ahead. Only the local
/// platform sets it, so that a test can advance time for queues and functions together.
const CLOCK: &str = "RUNHOOKS_CLOCK";

/// The time now, to the millisecond.
pub fn now() -> Timestamp {
    Timestamp::default().after(since_1970() + ahead())
}

/// The time left until an invocation's deadline, given in milliseconds since 1970 by this machine's
/// clock. A deadline in the past means none: cargo-lambda sends a constant one, of 1970.
pub fn left_until(deadline_millis: u64) -> Option<Duration> {
    let left = Duration::from_millis(deadline_millis).checked_sub(since_1970())?;
    // So far ahead that it is no deadline.
    (left < Duration::from_secs(24 * 60 * 60)).then_some(left)
}

#[expect(
    clippy::disallowed_methods,
    reason = "this is the edge at which the clock is read"
)]
fn since_1970() -> Duration {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default()
}

fn ahead() -> Duration {
    static FILE: OnceLock<Option<PathBuf>> = OnceLock::new();
    let file = FILE.get_or_init(|| std::env::var_os(CLOCK).map(PathBuf::from));
    let Some(file) = file else {
        return Duration::ZERO;
    };
    let millis = fs::read_to_string(file).map(|text| text.trim().parse());
    Duration::from_millis(millis.ok().and_then(Result::ok).unwrap_or(0))
}
