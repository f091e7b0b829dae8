//! Measurements by metric and minute.

use std::collections::{BTreeMap, HashMap};

use super::metric::Metric;
use super::minute::Minute;
use super::samples::Samples;

#[derive(Default)]
pub(super) struct Store(HashMap<Metric, BTreeMap<Minute, Samples>>);

impl Store {
    pub(super) fn add(&mut self, metric: Metric, minute: Minute, value: f64) {
        let series = self.0.entry(metric).or_default();
        series.entry(minute).or_default().add(value);
    }

    /// What was measured in the `minutes` before `end`; `None` if nothing was.
    pub(super) fn over(&self, metric: &Metric, end: Minute, minutes: u32) -> Option<Samples> {
        let series = self.0.get(metric)?;
        let mut measured = series.range(end - i64::from(minutes)..end);
        let mut samples = measured.next()?.1.clone();
        measured.for_each(|(_, more)| samples.extend(more));
        Some(samples)
    }

    pub(super) fn forget_before(&mut self, minute: Minute) {
        for series in self.0.values_mut() {
            while let Some(first) = series.first_entry()
                && *first.key() < minute
            {
                first.remove();
            }
        }
    }
}
