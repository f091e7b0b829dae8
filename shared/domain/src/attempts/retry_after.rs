//! `Retry-After`: how long a receiver asks to be left alone (RFC 9110, section 10.2.3).

use std::time::Duration;

use time::format_description::BorrowedFormatItem;
use time::format_description::well_known::Rfc2822;
use time::macros::format_description;
use time::{OffsetDateTime, PrimitiveDateTime};

use crate::timestamp::Timestamp;

/// No receiver is left alone for longer: what it says may be a mistake.
pub const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

/// Two forms of a date that nobody should send any more, and everybody must understand (RFC 9110,
/// section 5.6.7): that of RFC 850, without its day of the week and with the whole year, and that
/// of C's `asctime`.
const RFC_850: &[BorrowedFormatItem<'_>] =
    format_description!("[day]-[month repr:short]-[year] [hour]:[minute]:[second] GMT");
const ASCTIME: &[BorrowedFormatItem<'_>] = format_description!(
    "[weekday repr:short] [month repr:short] [day padding:space] [hour]:[minute]:[second] [year]"
);

/// The wait that a header's value asks for: seconds, or a date. `None` for what is neither.
pub fn wait(value: &str, now: Timestamp) -> Option<Duration> {
    let value = value.trim();
    if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
        // So many digits that it is no number asks for very long, too.
        let seconds = value.parse().unwrap_or(u64::MAX);
        return Some(Duration::from_secs(seconds).min(LONGEST));
    }
    let date = date(value, now)?;
    let millis = date.unix_timestamp_nanos() / 1_000_000 - i128::from(now.as_millis());
    let ahead = u64::try_from(millis.max(0)).unwrap_or(u64::MAX);
    Some(Duration::from_millis(ahead).min(LONGEST))
}

fn date(value: &str, now: Timestamp) -> Option<OffsetDateTime> {
    let parsed = |text: &str, form| PrimitiveDateTime::parse(text, form).ok();
    OffsetDateTime::parse(value, &Rfc2822)
        .ok()
        .or_else(|| Some(parsed(value, ASCTIME)?.assume_utc()))
        .or_else(|| Some(parsed(&with_whole_year(value, now)?, RFC_850)?.assume_utc()))
}

/// The date of a text such as `Sunday, 06-Nov-94 08:49:37 GMT`. Its year is not more than 50 years
/// ahead.
fn with_whole_year(value: &str, now: Timestamp) -> Option<String> {
    let (_weekday, rest) = value.split_once(", ")?;
    let (date, time) = rest.split_once(' ')?;
    let (day_and_month, year) = date.rsplit_once('-')?;
    let year: i64 = (year.len() == 2).then(|| year.parse().ok())??;
    let last = i64::from(
        OffsetDateTime::from_unix_timestamp(now.as_millis() / 1000)
            .ok()?
            .year(),
    ) + 50;
    let year = last - (last - year).rem_euclid(100);
    Some(format!("{day_and_month}-{year} {time}"))
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
    fn all_forms_are_understood_and_no_wait_is_longer_than_a_day() {
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
            ("Sunday, 06-Nov-94 08:51:37 GMT", Some(120)),
            ("Sunday, 06-Nov-94 08:00:00 GMT", Some(0)),
            ("Saturday, 06-Nov-99 08:00:00 GMT", Some(86_400)),
            // Within 50 years from now it is the future, after that the past.
            ("Sunday, 06-Nov-44 08:00:00 GMT", Some(86_400)),
            ("Monday, 06-Nov-45 08:00:00 GMT", Some(0)),
            ("Sun Nov  6 08:51:37 1994", Some(120)),
            ("Sun Nov  6 08:00:00 1994", Some(0)),
            ("Wed Nov 16 08:49:37 1994", Some(86_400)),
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
            "Sunday, 06-Nov-994 08:49:37 GMT",
            "Sunday, 06-Nov--4 08:49:37 GMT",
            "Sunday, 06-Nov-94 08:49:37",
            "Sun Nov 6 08:49 1994",
            "1994-11-06T08:49:37Z",
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
