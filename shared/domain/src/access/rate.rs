//! How often one user may ask for what costs more than it looks: counted by the minute of the
//! clock, so that everyone who counts counts the same, with one number for each user, kind and
//! minute.

use std::time::Duration;

use crate::timestamp::Timestamp;

const MINUTE_MILLIS: i64 = 60_000;

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counted {
    /// Test deliveries.
    Tests,
    /// Redeliveries that are asked for, of one dispatch or of all that have failed.
    Redeliveries,
    /// Definitions of webhooks, new ones and changed ones.
    Changes,
    /// Reads that look at much more than they show.
    HeavyReads,
}

impl Counted {
    /// What it is called in records.
    pub fn name(self) -> &'static str {
        match self {
            Self::Tests => "tests",
            Self::Redeliveries => "redeliveries",
            Self::Changes => "changes",
            Self::HeavyReads => "heavy-reads",
        }
    }

    /// What it is called for its user.
    pub fn shown(self) -> &'static str {
        match self {
            Self::Tests => "test deliveries",
            Self::Redeliveries => "redeliveries",
            Self::Changes => "definitions and changes of webhooks",
            Self::HeavyReads => "reads of this kind",
        }
    }
}

/// How long it takes until counting begins anew, in whole seconds, of which a client can wait no
/// fractions.
pub fn until_counted_anew(now: Timestamp) -> Duration {
    let left = MINUTE_MILLIS - now.as_millis().rem_euclid(MINUTE_MILLIS);
    let left = Duration::from_millis(left.unsigned_abs());
    Duration::from_secs(left.as_millis().div_ceil(1000).try_into().unwrap_or(60))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_waits_as_long_as_is_said_is_in_the_next_minute() {
        for (millis, seconds) in [(0, 60), (1, 60), (1000, 59), (59_000, 1), (59_999, 1)] {
            let now = Timestamp::from_millis(1_800_000_000_000 + millis).unwrap();
            let wait = until_counted_anew(now);
            assert_eq!(wait.as_secs(), seconds, "{millis}");
            let minute = |at: Timestamp| at.as_millis() / MINUTE_MILLIS;
            assert_eq!(minute(now.after(wait)), minute(now) + 1);
        }
    }
}
