//! What was measured, as it is printed.

use std::fmt::{Display, Formatter};

use serde::Serialize;

use super::NoisyArguments;
use super::hanging::Hanging;
use super::latencies::Latencies;
use crate::bench::machine;

/// The figures.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Report {
    machine: String,
    deliveries: u32,
    /// How many of them were begun, and hung.
    hung: usize,
    /// How many hung at the same time at most.
    hung_at_once: usize,
    quiet: Phase,
    busy: Phase,
    noisy: Phase,
    /// The noisy p99 by the quiet one.
    noisy_by_quiet: f64,
    /// The noisy p99 by the busy one.
    noisy_by_busy: f64,
}

/// What a phase was like for the user whose deliveries are measured.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Phase {
    #[serde(flatten)]
    pub(super) latencies: Latencies,
    /// How many processors were busy on average.
    pub(super) processors: f64,
}

impl Report {
    pub(super) fn of(
        arguments: &NoisyArguments,
        hanging: &Hanging,
        quiet: Phase,
        busy: Phase,
        noisy: Phase,
    ) -> Self {
        let p99 = |phase: &Phase| phase.latencies.p99_millis;
        Self {
            machine: machine::kind(),
            deliveries: arguments.deliveries,
            hung: hanging.requests(),
            hung_at_once: hanging.most_at_once(),
            noisy_by_quiet: p99(&noisy) / p99(&quiet),
            noisy_by_busy: p99(&noisy) / p99(&busy),
            quiet,
            busy,
            noisy,
        }
    }
}

impl Display for Report {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        let Report {
            machine,
            deliveries,
            hung,
            hung_at_once,
            quiet,
            busy,
            noisy,
            noisy_by_quiet,
            noisy_by_busy,
        } = self;
        writeln!(f, "{machine}")?;
        writeln!(
            f,
            "{deliveries} deliveries of one user that hang: {hung} were begun, {hung_at_once} hung at once at most"
        )?;
        writeln!(f, "from event to POST of another user, in milliseconds:")?;
        writeln!(
            f,
            "{:<10}{:>9}{:>9}{:>9}{:>12}{:>12}",
            "", "p50", "p99", "most", "deliveries", "processors"
        )?;
        for (name, phase) in [("quiet", quiet), ("busy", busy), ("noisy", noisy)] {
            let Phase {
                latencies,
                processors,
            } = phase;
            writeln!(f, "{name:<10}{latencies}{processors:>12.2}")?;
        }
        writeln!(
            f,
            "noisy p99 by quiet p99: {noisy_by_quiet:.2} (promised: 2), by busy p99: {noisy_by_busy:.2}"
        )
    }
}
