//! What was measured, as it is printed.

use std::fmt::{Display, Formatter};

use serde::Serialize;

use super::NoisyArguments;
use super::attack::Attack;
use super::latencies::Latencies;
use super::unanswered::Unanswered;
use crate::machine;

/// The figures.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Report {
    machine: String,
    attack: Attack,
    /// Whether its receivers had answered before.
    known: bool,
    deliveries: u32,
    /// How many requests of the noisy user were begun, and not answered.
    unanswered: usize,
    /// How many of them there were at the same time at most.
    unanswered_at_once: usize,
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
    /// How many of the other user's deliveries the API refused to make, being asked too often.
    pub(super) refused: usize,
}

impl Report {
    pub(super) fn of(
        arguments: &NoisyArguments,
        unanswered: &Unanswered,
        quiet: Phase,
        busy: Phase,
        noisy: Phase,
    ) -> Self {
        let p99 = |phase: &Phase| phase.latencies.p99_millis;
        Self {
            machine: machine::kind(),
            attack: arguments.attack,
            known: arguments.known,
            deliveries: arguments.deliveries,
            unanswered: unanswered.requests(),
            unanswered_at_once: unanswered.most_at_once(),
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
            attack,
            known,
            deliveries,
            unanswered,
            unanswered_at_once,
            quiet,
            busy,
            noisy,
            noisy_by_quiet,
            noisy_by_busy,
        } = self;
        writeln!(f, "{machine}")?;
        let known = if *known {
            ", which has answered before"
        } else {
            ""
        };
        writeln!(
            f,
            "noisy: {deliveries} {}{known}; {unanswered} requests were begun and not answered, \
             {unanswered_at_once} at once at most",
            attack.description()
        )?;
        writeln!(f, "from event to POST of another user, in milliseconds:")?;
        writeln!(
            f,
            "{:<10}{:>9}{:>9}{:>9}{:>12}{:>12}{:>9}",
            "", "p50", "p99", "most", "deliveries", "processors", "refused"
        )?;
        for (name, phase) in [("quiet", quiet), ("busy", busy), ("noisy", noisy)] {
            let Phase {
                latencies,
                processors,
                refused,
            } = phase;
            writeln!(f, "{name:<10}{latencies}{processors:>12.2}{refused:>9}")?;
        }
        writeln!(
            f,
            "noisy p99 by quiet p99: {noisy_by_quiet:.2} (promised: 2), by busy p99: {noisy_by_busy:.2}"
        )
    }
}
