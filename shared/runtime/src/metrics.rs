//! Counts, as one CloudWatch embedded-metric line per batch: a log line that CloudWatch turns into metrics, without a call.
//!
//! The only dimension is the function: every further one is a metric of its own, and is billed as one.

use domain::timestamp::Timestamp;
use serde_json::{Map, Value, json};

/// Counts of one batch.
#[derive(Debug)]
pub struct Metrics {
    function: &'static str,
    counts: Map<String, Value>,
}

impl Metrics {
    /// No counts yet, of this function.
    pub fn new(function: &'static str) -> Self {
        Self {
            function,
            counts: Map::new(),
        }
    }

    /// Sets a count. Zeros are left out.
    pub fn count(&mut self, name: &'static str, count: usize) {
        if count > 0 {
            self.counts.insert(name.to_owned(), count.into());
        }
    }

    /// Writes the line, if there is anything to count.
    #[expect(
        clippy::print_stdout,
        reason = "CloudWatch reads metrics from the function's standard output"
    )]
    pub fn emit(self, now: Timestamp) {
        if !self.counts.is_empty() {
            println!("{}", self.line(now));
        }
    }

    fn line(self, now: Timestamp) -> Value {
        let metrics: Vec<_> = self
            .counts
            .keys()
            .map(|name| json!({"Name": name, "Unit": "Count"}))
            .collect();
        let mut line = self.counts;
        line.insert("Function".to_owned(), self.function.into());
        line.insert(
            "_aws".to_owned(),
            json!({
                "Timestamp": now.as_millis(),
                "CloudWatchMetrics": [{"Namespace": "Runhooks", "Dimensions": [["Function"]], "Metrics": metrics}],
            }),
        );
        Value::Object(line)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_is_what_cloudwatch_reads() {
        let mut metrics = Metrics::new("ingest");
        metrics.count("EventsRejected", 2);
        metrics.count("Dispatches", 0);
        let line = metrics.line(Timestamp::default());
        assert_eq!(line["EventsRejected"], 2);
        assert_eq!(line["Function"], "ingest");
        assert_eq!(
            line["_aws"]["CloudWatchMetrics"][0]["Metrics"],
            json!([{"Name": "EventsRejected", "Unit": "Count"}])
        );
    }
}
