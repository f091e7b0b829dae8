//! What Lambda itself writes to a function's log about an invocation: its `platform.report` line.

use std::collections::VecDeque;
use std::time::Duration;

use parking_lot::Mutex;
use serde_json::{Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::invocation::Outcome;
use crate::template;

/// How many invocations of a function are remembered, of all that there ever were.
const KEPT: usize = 100_000;

const MEBIBYTE: u64 = 1024 * 1024;

/// A line of a log.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    /// When it was written.
    pub(crate) at: OffsetDateTime,
    /// The line itself.
    pub(crate) message: String,
}

/// What one invocation took.
pub(super) struct Ran {
    at: OffsetDateTime,
    took: Duration,
    /// The start of its process, if it was the first there.
    init: Option<Duration>,
    /// The most memory that its process ever had, in bytes.
    memory: u64,
    has_failed: bool,
}

/// The invocations of one function.
#[derive(Default)]
pub(super) struct Reports(Mutex<VecDeque<Ran>>);

impl Ran {
    /// An invocation that ends now.
    pub(super) fn now(
        took: Duration,
        init: Option<Duration>,
        memory: u64,
        outcome: &Outcome,
    ) -> Self {
        Ran {
            at: OffsetDateTime::now_utc(),
            took,
            init,
            memory,
            has_failed: !matches!(outcome, Outcome::Answered(_)),
        }
    }

    /// The line in the format of JSON logs. The id of the request is left out: nobody here could
    /// look it up.
    fn line(&self, function: &template::Function) -> Line {
        let millis = |duration: Duration| (duration.as_secs_f64() * 1e5).round() / 1e2;
        // The start is billed as well.
        let billed = self.took + self.init.unwrap_or_default();
        let mut metrics = json!({
            "durationMs": millis(self.took),
            "billedDurationMs": (billed.as_secs_f64() * 1e3).ceil(),
            "memorySizeMB": function.memory_megabytes,
            "maxMemoryUsedMB": self.memory.div_ceil(MEBIBYTE),
        });
        if let Some(init) = self.init {
            metrics["initDurationMs"] = json!(millis(init));
        }
        let status = if self.has_failed {
            "failure"
        } else {
            "success"
        };
        let line: Value = json!({
            "time": self.at.format(&Rfc3339).unwrap_or_default(),
            "type": "platform.report",
            "record": { "metrics": metrics, "status": status },
        });
        Line {
            at: self.at,
            message: line.to_string(),
        }
    }
}

impl Reports {
    pub(super) fn add(&self, ran: Ran) {
        let mut all = self.0.lock();
        if all.len() == KEPT {
            all.pop_front();
        }
        all.push_back(ran);
    }

    /// The lines that the function's log takes, in their order: at `SystemLogLevel: WARN`, only of
    /// what has failed.
    pub(super) fn lines(&self, function: &template::Function) -> Vec<Line> {
        let takes_all = function.system_log_level != "WARN";
        let all = self.0.lock();
        let taken = all.iter().filter(|ran| takes_all || ran.has_failed);
        taken.map(|ran| ran.line(function)).collect()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn lines(system_log_level: &str, outcome: &Outcome) -> Vec<Value> {
        let function = template::Function {
            short_name: "f".to_owned(),
            name: "f".to_owned(),
            timeout: Duration::from_secs(3),
            memory_megabytes: 256,
            reserved_concurrency: None,
            environment: BTreeMap::new(),
            role: String::new(),
            log_group: "/aws/lambda/ingest".to_owned(),
            keeps_log: true,
            patience: template::Patience::default(),
            may_loop: false,
            system_log_level: system_log_level.to_owned(),
            sources: Vec::new(),
            schedules: Vec::new(),
            has_url: false,
        };
        let reports = Reports::default();
        let init = Some(Duration::from_micros(2_100));
        let took = Duration::from_micros(1_500);
        reports.add(Ran::now(took, init, 3 * MEBIBYTE + 1, outcome));
        let lines = reports.lines(&function).into_iter();
        lines
            .map(|line| serde_json::from_str(&line.message).unwrap())
            .collect()
    }

    #[test]
    fn a_report_says_what_an_invocation_took_and_is_billed_for() {
        let lines = lines("INFO", &Outcome::Answered("{}".into()));
        assert_eq!(lines[0]["type"], "platform.report");
        let expected = json!({
            "durationMs": 1.5, "billedDurationMs": 4.0, "initDurationMs": 2.1, "memorySizeMB": 256, "maxMemoryUsedMB": 4,
        });
        assert_eq!(lines[0]["record"]["metrics"], expected);
        assert_eq!(lines[0]["record"]["status"], "success");
    }

    #[test]
    fn at_warn_only_what_has_failed_is_reported() {
        assert!(lines("WARN", &Outcome::Answered("{}".into())).is_empty());
        let lines = lines("WARN", &Outcome::Failed("{}".into()));
        assert_eq!(lines[0]["record"]["status"], "failure");
    }
}
