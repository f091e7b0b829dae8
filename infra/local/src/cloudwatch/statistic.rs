//! What the measurements of a period are reduced to.

use std::str::FromStr;

/// A statistic.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Statistic {
    /// How many there were.
    SampleCount,
    /// Their mean.
    Average,
    /// All of them together.
    Sum,
    /// The least.
    Minimum,
    /// The most.
    Maximum,
    /// What so many of a hundred do not exceed.
    Percentile(f64),
}

impl FromStr for Statistic {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Ok(match text {
            "SampleCount" => Statistic::SampleCount,
            "Average" => Statistic::Average,
            "Sum" => Statistic::Sum,
            "Minimum" => Statistic::Minimum,
            "Maximum" => Statistic::Maximum,
            other => {
                let percent = other.strip_prefix('p').and_then(|p| p.parse::<f64>().ok());
                let percent = percent.filter(|percent| (0.0..=100.0).contains(percent));
                let refusal = || format!("{other:?} is no statistic that is played here");
                Statistic::Percentile(percent.ok_or_else(refusal)?)
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statistics_are_known_by_their_names() {
        assert_eq!("Sum".parse(), Ok(Statistic::Sum));
        assert_eq!("p99.9".parse(), Ok(Statistic::Percentile(99.9)));
        for bad in ["", "sum", "p", "p101", "p-1", "tm90", "pNaN"] {
            assert!(bad.parse::<Statistic>().is_err(), "{bad}");
        }
    }
}
