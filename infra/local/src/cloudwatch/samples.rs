//! The measurements of a stretch of time, and what they come to.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use super::statistic::Statistic;

/// Measurements; equal ones are only counted.
#[derive(Clone, Debug, Default)]
pub(super) struct Samples(BTreeMap<Value, u32>);

/// A measurement, in the order of numbers.
#[derive(Clone, Copy, Debug)]
struct Value(f64);

impl Samples {
    pub(super) fn add(&mut self, value: f64) {
        *self.0.entry(Value(value)).or_default() += 1;
    }

    pub(super) fn extend(&mut self, more: &Samples) {
        for (value, count) in &more.0 {
            *self.0.entry(*value).or_default() += count;
        }
    }

    /// `None` if nothing was measured.
    pub(super) fn statistic(&self, statistic: Statistic) -> Option<f64> {
        let (least, most) = (self.0.first_key_value()?, self.0.last_key_value()?);
        Some(match statistic {
            Statistic::SampleCount => self.count(),
            Statistic::Sum => self.sum(),
            Statistic::Average => self.sum() / self.count(),
            Statistic::Minimum => least.0.0,
            Statistic::Maximum => most.0.0,
            Statistic::Percentile(percent) => self.percentile(percent).unwrap_or(most.0.0),
        })
    }

    fn count(&self) -> f64 {
        self.0.values().map(|count| f64::from(*count)).sum()
    }

    fn sum(&self) -> f64 {
        let products = self
            .0
            .iter()
            .map(|(value, count)| value.0 * f64::from(*count));
        products.sum()
    }

    /// The least measurement that so many of a hundred do not exceed.
    fn percentile(&self, percent: f64) -> Option<f64> {
        let rank = self.count() * percent / 100.0;
        let mut seen = 0.0;
        let mut values = self.0.iter();
        let found = values.find(|(_, count)| {
            seen += f64::from(**count);
            seen >= rank
        });
        found.map(|(value, _)| value.0)
    }
}

impl Ord for Value {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.total_cmp(&other.0)
    }
}

impl PartialOrd for Value {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Value {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statistics_are_of_all_measurements() {
        let mut samples = Samples::default();
        for value in [4.0, 1.0, 1.0] {
            samples.add(value);
        }
        let mut more = Samples::default();
        more.add(2.0);
        samples.extend(&more);
        for (statistic, expected) in [
            (Statistic::SampleCount, 4.0),
            (Statistic::Sum, 8.0),
            (Statistic::Average, 2.0),
            (Statistic::Minimum, 1.0),
            (Statistic::Maximum, 4.0),
            (Statistic::Percentile(50.0), 1.0),
            (Statistic::Percentile(75.0), 2.0),
            (Statistic::Percentile(99.9), 4.0),
            (Statistic::Percentile(100.0), 4.0),
        ] {
            assert_eq!(
                samples.statistic(statistic),
                Some(expected),
                "{statistic:?}"
            );
        }
    }

    #[test]
    fn nothing_measured_is_no_zero() {
        assert_eq!(Samples::default().statistic(Statistic::Sum), None);
    }
}
