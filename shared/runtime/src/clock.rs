//! The one place where the time is read.

use std::time::{SystemTime, UNIX_EPOCH};

use domain::timestamp::Timestamp;

/// The time now, to the millisecond.
#[expect(
    clippy::disallowed_methods,
    reason = "this is the edge at which the clock is read"
)]
pub fn now() -> Timestamp {
    let since_1970 = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    Timestamp::default().after(since_1970)
}
