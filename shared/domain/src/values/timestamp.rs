//! Moments, to the millisecond.

use std::fmt;
use std::time::Duration;

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use time::macros::format_description;

/// A moment between 1970 and 2286, in milliseconds: 13 digits, so that keys sort as moments do.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    Hash,
    PartialOrd,
    Ord,
    serde::Serialize,
    serde::Deserialize,
)]
#[serde(try_from = "String", into = "String")]
pub struct Timestamp(i64);

/// A text or number that is no moment we can keep.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not an ISO 8601 date-time with a time zone between 1970 and 2286")]
pub struct TimestampError(String);

const END: i64 = 10_000_000_000_000;

impl Timestamp {
    /// Reads an ISO 8601 date-time with a time zone, such as `2019-01-09T15:59:56.408Z`. Digits
    /// after the millisecond are cut off.
    pub fn parse(text: &str) -> Result<Self, TimestampError> {
        let error = || TimestampError(text.chars().take(80).collect());
        let moment = OffsetDateTime::parse(text, &Rfc3339).map_err(|_| error())?;
        let millis = moment.unix_timestamp_nanos().div_euclid(1_000_000);
        i64::try_from(millis)
            .ok()
            .and_then(Self::from_millis)
            .ok_or_else(error)
    }

    /// The moment that many milliseconds after the start of 1970; `None` outside the years that we
    /// keep.
    pub fn from_millis(millis: i64) -> Option<Self> {
        (0..END).contains(&millis).then_some(Self(millis))
    }

    /// Milliseconds since the start of 1970.
    pub fn as_millis(self) -> i64 {
        self.0
    }

    /// Whole seconds since the start of 1970: the unit of DynamoDB's time to live.
    pub fn as_seconds(self) -> i64 {
        self.0 / 1000
    }

    /// This much later, or the last moment that can be kept.
    pub fn after(self, delay: Duration) -> Self {
        let delay = i64::try_from(delay.as_millis()).unwrap_or(END);
        Self(self.0.saturating_add(delay).min(END - 1))
    }

    /// How long until `later`; zero when that has passed.
    pub fn until(self, later: Self) -> Duration {
        Duration::from_millis(u64::try_from(later.0 - self.0).unwrap_or(0))
    }
}

impl fmt::Display for Timestamp {
    /// `2019-01-09T15:59:56.408Z`: UTC with milliseconds, as Apify writes it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let format = format_description!(
            "[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z"
        );
        let moment = OffsetDateTime::from_unix_timestamp_nanos(i128::from(self.0) * 1_000_000)
            .map_err(|_| fmt::Error)?;
        f.write_str(&moment.format(format).map_err(|_| fmt::Error)?)
    }
}

impl TryFrom<String> for Timestamp {
    type Error = TimestampError;
    fn try_from(text: String) -> Result<Self, TimestampError> {
        Self::parse(&text)
    }
}

impl From<Timestamp> for String {
    fn from(moment: Timestamp) -> String {
        moment.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn every_usual_spelling_of_a_moment_is_read() {
        for text in [
            "2019-01-09T15:59:56.408Z",
            "2019-01-09T15:59:56.408999Z",
            "2019-01-09T16:59:56.408+01:00",
        ] {
            assert_eq!(
                Timestamp::parse(text).unwrap().to_string(),
                "2019-01-09T15:59:56.408Z"
            );
        }
        assert_eq!(
            Timestamp::parse("2019-01-09T15:59:56Z")
                .unwrap()
                .to_string(),
            "2019-01-09T15:59:56.000Z"
        );
    }

    #[test]
    fn what_names_no_moment_is_refused() {
        for text in [
            "",
            "2019-01-09",
            "2019-01-09T15:59:56",
            "1969-12-31T23:59:59Z",
            "2300-01-01T00:00:00Z",
            "now",
        ] {
            assert!(Timestamp::parse(text).is_err(), "{text:?} was accepted");
        }
    }

    proptest! {
        #[test]
        fn every_moment_comes_back_from_its_text(millis in 0..END) {
            let moment = Timestamp::from_millis(millis).unwrap();
            prop_assert_eq!(Timestamp::parse(&moment.to_string()), Ok(moment));
        }
    }
}
