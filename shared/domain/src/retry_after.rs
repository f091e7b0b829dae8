//! `Retry-After`: how long a receiver asks to be left alone (RFC 9110, section 10.2.3).

use std::time::Duration;

use time::OffsetDateTime;
use time::format_description::well_known::Rfc2822;

use crate::timestamp::Timestamp;

/// No receiver is left alone for longer: what it says may be a mistake.
pub const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

/// The wait that a header's value asks for: seconds, or a date. `None` for what is neither.
pub fn wait(value: &str, now: Timestamp) -> Option<Duration> {
    let value = value.trim();
    if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
        // So many digits that it is no number asks for very long, too.
        let seconds = value.parse().unwrap_or(u64::MAX);
        return Some(Duration::from_secs(seconds).min(LONGEST));
    }
    let date = OffsetDateTime::parse(value, &Rfc2822).ok()?;
    let millis = date.unix_timestamp_nanos() / 1_000_000 - i128::from(now.as_millis());
    let ahead = u64::try_from(millis.max(0)).unwrap_or(u64::MAX);
    Some(Duration::from_millis(ahead).min(LONGEST))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Sun, 06 Nov 1994 08:49:37 GMT
    const NOW: i64 = 784_111_777_000;

    fn seconds(value: &str) -> Option<u64> {
        let now = Timestamp::from_millis(NOW).unwrap();
        wait(value, now).map(|wait| wait.as_secs())
    }

    #[test]
    fn both_forms_are_understood_and_no_wait_is_longer_than_a_day() {
        for (value, expected) in [
            ("0", Some(0)),
            ("120", Some(120)),
            (" 120 ", Some(120)),
            ("86400", Some(86_400)),
            ("86401", Some(86_400)),
            ("99999999999999999999999", Some(86_400)),
            ("Sun, 06 Nov 1994 08:51:37 GMT", Some(120)),
            ("Sun, 06 Nov 1994 08:49:37 GMT", Some(0)),
            ("Sun, 06 Nov 1994 08:00:00 GMT", Some(0)),
            ("Fri, 31 Dec 2999 23:59:59 GMT", Some(86_400)),
        ] {
            assert_eq!(seconds(value), expected, "{value:?}");
        }
    }

    #[test]
    fn what_is_neither_asks_for_nothing() {
        for value in [
            "",
            "-5",
            "1.5",
            "soon",
            "Sun, 99 Nov 1994 08:49:37 GMT",
            "1e3",
            "12 s",
        ] {
            assert_eq!(seconds(value), None, "{value:?}");
        }
    }

    proptest! {
        #[test]
        fn no_value_makes_it_panic_or_wait_longer(value: String) {
            prop_assert!(seconds(&value).unwrap_or(0) <= LONGEST.as_secs());
        }
    }
}
