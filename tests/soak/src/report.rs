//! The ledger, for a human or as JSON.

use std::collections::BTreeMap;
use std::fmt::{Display, Formatter};
use std::sync::atomic::Ordering;

use anyhow::Result;
use local::faults::Fault;
use serde::Serialize;

use super::audit::Findings;
use super::course::Course;

/// How many cases of a broken promise are shown to a human.
const SHOWN: usize = 5;

/// Everything that is to be said of a soak.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Report {
    /// What repeats it.
    command: String,
    seconds: u64,
    runs: usize,
    events: usize,
    events_sent_twice: usize,
    faults: BTreeMap<Fault, u64>,
    dead_letters_redriven: usize,
    /// Messages that are still in queues, by queue.
    left_in_queues: Vec<(String, usize)>,
    #[serde(flatten)]
    findings: Findings,
}

impl Report {
    pub(super) async fn of(course: &Course, findings: Findings, command: String) -> Result<Self> {
        let mishaps = course.platform.mishaps();
        Ok(Report {
            command,
            seconds: course.took().as_secs(),
            runs: course.script.runs.len(),
            events: course.script.events(),
            events_sent_twice: course.repeated_by_platform.load(Ordering::Relaxed),
            faults: mishaps.map(|mishaps| mishaps.counts()).unwrap_or_default(),
            dead_letters_redriven: course.redriven.load(Ordering::Relaxed),
            left_in_queues: course.left_in_queues().await?,
            findings,
        })
    }

    /// What repeats the soak.
    pub(super) fn command(&self) -> &str {
        &self.command
    }

    /// Whether every promise was kept, and nothing is left over.
    pub(super) fn keeps_all_promises(&self) -> bool {
        self.findings.keep_all_promises() && self.left_in_queues.is_empty()
    }
}

impl Display for Report {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        let findings = &self.findings;
        writeln!(f, "{} ({} s)\n", self.command, self.seconds)?;
        let figures = [
            ("runs", self.runs),
            ("events", self.events),
            ("  sent twice by the job platform", self.events_sent_twice),
            ("expected dispatches", findings.expected),
            ("  delivered", findings.delivered),
            (
                "  delivered, the answer lost: on record as failed",
                findings.delivered_unknown,
            ),
            ("  failed on record", findings.failed_on_record),
            ("POSTs", findings.posts),
            ("  repeated: a retry", findings.repeats.retry),
            (
                "  repeated: an injected duplicate",
                findings.repeats.injected_duplicate,
            ),
            (
                "  repeated: an unknown outcome",
                findings.repeats.unknown_outcome,
            ),
            ("dead letters redriven", self.dead_letters_redriven),
            ("notices", findings.notices.values().sum()),
            ("  repeated", findings.notices_repeated),
        ];
        for (what, count) in figures {
            writeln!(f, "{what:<52}{count:>8}")?;
        }
        for (kind, count) in &findings.notices {
            writeln!(f, "  {kind:<50}{count:>8}")?;
        }
        writeln!(f, "\nfaults")?;
        for (fault, count) in &self.faults {
            writeln!(f, "  {fault:<50}{count:>8}")?;
        }
        writeln!(f, "\npromises broken")?;
        for (what, cases) in findings.broken() {
            writeln!(f, "  {what:<50}{:>8}", cases.len())?;
            for case in cases.iter().take(SHOWN) {
                writeln!(f, "    {case}")?;
            }
        }
        for (queue, count) in &self.left_in_queues {
            writeln!(f, "  {:<50}{count:>8}", format!("left in {queue}"))?;
        }
        Ok(())
    }
}
