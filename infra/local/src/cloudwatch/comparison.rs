//! When a datapoint breaches, and what a missing one counts as.

use std::str::FromStr;

/// How a datapoint that breaches compares to the threshold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// It is greater or equal.
    GreaterThanOrEqualToThreshold,
    /// It is greater.
    GreaterThanThreshold,
    /// It is less or equal.
    LessThanOrEqualToThreshold,
    /// It is less.
    LessThanThreshold,
}

/// What a missing datapoint counts as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MissingData {
    /// As one that breaches.
    Breaching,
    /// As one that does not.
    NotBreaching,
    /// As nothing: without any other the alarm stays as it is.
    Ignore,
    /// As nothing: without any other the alarm knows nothing.
    Missing,
}

impl Comparison {
    /// Whether a datapoint breaches.
    pub(super) fn breaches(self, value: f64, threshold: f64) -> bool {
        match self {
            Comparison::GreaterThanOrEqualToThreshold => value >= threshold,
            Comparison::GreaterThanThreshold => value > threshold,
            Comparison::LessThanOrEqualToThreshold => value <= threshold,
            Comparison::LessThanThreshold => value < threshold,
        }
    }

    /// As in "2 was greater than 0".
    pub(super) fn in_words(self) -> &'static str {
        match self {
            Comparison::GreaterThanOrEqualToThreshold => "greater than or equal to",
            Comparison::GreaterThanThreshold => "greater than",
            Comparison::LessThanOrEqualToThreshold => "less than or equal to",
            Comparison::LessThanThreshold => "less than",
        }
    }
}

impl FromStr for Comparison {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Ok(match text {
            "GreaterThanOrEqualToThreshold" => Comparison::GreaterThanOrEqualToThreshold,
            "GreaterThanThreshold" => Comparison::GreaterThanThreshold,
            "LessThanOrEqualToThreshold" => Comparison::LessThanOrEqualToThreshold,
            "LessThanThreshold" => Comparison::LessThanThreshold,
            other => return Err(format!("{other:?} is no comparison that is played here")),
        })
    }
}

impl FromStr for MissingData {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Ok(match text {
            "breaching" => MissingData::Breaching,
            "notBreaching" => MissingData::NotBreaching,
            "ignore" => MissingData::Ignore,
            "missing" => MissingData::Missing,
            other => {
                let known = "breaching, notBreaching, ignore, missing";
                return Err(format!("{other:?} is none of {known}"));
            }
        })
    }
}
