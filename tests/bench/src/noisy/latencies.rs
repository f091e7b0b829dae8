//! How long deliveries took.

use std::fmt::{Display, Formatter};
use std::time::Duration;

use anyhow::{Context, Result};
use serde::Serialize;

/// The figures of many deliveries.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Latencies {
    pub(crate) deliveries: usize,
    pub(crate) p50_millis: f64,
    pub(crate) p99_millis: f64,
    pub(crate) most_millis: f64,
}

impl Latencies {
    pub(crate) fn of(mut took: Vec<Duration>) -> Result<Self> {
        took.sort_unstable();
        let at = |share: usize| {
            // The smallest that so many of a hundred do not exceed.
            let place = (took.len() * share).div_ceil(100).saturating_sub(1);
            let took = took.get(place).context("nothing was delivered")?;
            anyhow::Ok(took.as_secs_f64() * 1e3)
        };
        Ok(Self {
            deliveries: took.len(),
            p50_millis: at(50)?,
            p99_millis: at(99)?,
            most_millis: at(100)?,
        })
    }
}

impl Display for Latencies {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        let Latencies {
            deliveries,
            p50_millis,
            p99_millis,
            most_millis,
        } = self;
        write!(
            f,
            "{p50_millis:>9.1}{p99_millis:>9.1}{most_millis:>9.1}{deliveries:>12}"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ninety_nine_of_a_hundred_do_not_exceed_the_p99() {
        let took = (1..=200).rev().map(Duration::from_millis).collect();
        let latencies = Latencies::of(took).unwrap();
        assert_eq!(latencies.p50_millis, 100.0);
        assert_eq!(latencies.p99_millis, 198.0);
        assert_eq!(latencies.most_millis, 200.0);
        assert!(Latencies::of(Vec::new()).is_err());
    }
}
