//! Metrics, as one log line per batch in CloudWatch's embedded metric format, which CloudWatch
//! turns into metrics without a call.
//!
//! There are always two dimensions: the stack, because an account may have two, and the function. A
//! further one would create a metric for each of its values, and each is billed.

use std::time::Duration;

use domain::timestamp::Timestamp;
use serde_json::{Map, Value, json};

use crate::logs;

/// The most values of a metric that a line may hold.
const VALUES: usize = 100;

/// The metrics of one batch.
#[derive(Debug)]
pub struct Metrics {
    stack: String,
    function: &'static str,
    metrics: Vec<Metric>,
}

#[derive(Debug)]
struct Metric {
    name: &'static str,
    unit: &'static str,
    values: Vec<u64>,
}

impl Metrics {
    /// Without values yet, for this function in this stack.
    pub fn new(stack: &str, function: &'static str) -> Self {
        Self {
            stack: stack.to_owned(),
            function,
            metrics: Vec::new(),
        }
    }

    /// How often something has happened. Zeros are left out, because a metric is billed for each
    /// hour in which it has a value.
    pub fn count(&mut self, name: &'static str, count: usize) {
        if count > 0 {
            self.add(name, "Count", vec![count as u64]);
        }
    }

    /// How much of something there is now, zero included.
    pub fn gauge(&mut self, name: &'static str, value: usize) {
        self.add(name, "Count", vec![value as u64]);
    }

    /// How long something took, each time that it was done.
    pub fn times(&mut self, name: &'static str, times: &[Duration]) {
        let millis = |time: &Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        if !times.is_empty() {
            self.add(name, "Milliseconds", times.iter().map(millis).collect());
        }
    }

    /// Writes the line, if there are any values.
    #[expect(
        clippy::print_stdout,
        reason = "CloudWatch reads metrics from the function's standard output"
    )]
    pub fn emit(self, now: Timestamp) {
        for line in self.lines(logs::least_kept(), now) {
            println!("{line}");
        }
    }

    fn add(&mut self, name: &'static str, unit: &'static str, values: Vec<u64>) {
        self.metrics.push(Metric { name, unit, values });
    }

    /// One line, or more if a metric has too many values for one.
    fn lines(&self, level: &str, now: Timestamp) -> Vec<Value> {
        let lines = |metric: &Metric| metric.values.len().div_ceil(VALUES);
        let lines = self.metrics.iter().map(lines).max().unwrap_or(0);
        (0..lines)
            .map(|number| self.line(number, level, now))
            .collect()
    }

    fn line(&self, number: usize, level: &str, now: Timestamp) -> Value {
        let mut line = Map::new();
        let mut definitions = Vec::new();
        for Metric { name, unit, values } in &self.metrics {
            let Some(values) = values.chunks(VALUES).nth(number) else {
                continue;
            };
            let value = match values {
                [value] => json!(value),
                values => json!(values),
            };
            line.insert((*name).to_owned(), value);
            definitions.push(json!({"Name": name, "Unit": unit}));
        }
        let own = [
            ("level", json!(level)),
            ("timestamp", json!(now.to_string())),
            ("Stack", json!(self.stack)),
            ("Function", json!(self.function)),
            (
                "_aws",
                json!({
                    "Timestamp": now.as_millis(),
                    "CloudWatchMetrics": [
                        {"Namespace": "Runhooks", "Dimensions": [["Stack", "Function"]], "Metrics": definitions},
                    ],
                }),
            ),
        ];
        line.extend(own.map(|(name, value)| (name.to_owned(), value)));
        Value::Object(line)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(metrics: &Metrics) -> Vec<Value> {
        let now = Timestamp::from_millis(1_700_000_000_123).unwrap();
        metrics.lines("WARN", now)
    }

    #[test]
    fn the_line_is_what_cloudwatch_and_lambda_read() {
        let mut metrics = Metrics::new("runhooks-dev", "sweep");
        metrics.count("RetriesSent", 2);
        metrics.count("Redeliveries", 0);
        metrics.gauge("MinutesBehind", 0);
        assert_eq!(
            lines(&metrics),
            [json!({
                "level": "WARN",
                "timestamp": "2023-11-14T22:13:20.123Z",
                "Stack": "runhooks-dev",
                "Function": "sweep",
                "RetriesSent": 2,
                "MinutesBehind": 0,
                "_aws": {
                    "Timestamp": 1_700_000_000_123_i64,
                    "CloudWatchMetrics": [{
                        "Namespace": "Runhooks",
                        "Dimensions": [["Stack", "Function"]],
                        "Metrics": [
                            {"Name": "RetriesSent", "Unit": "Count"},
                            {"Name": "MinutesBehind", "Unit": "Count"},
                        ],
                    }],
                },
            })]
        );
    }

    #[test]
    fn without_anything_to_tell_there_is_no_line() {
        let mut metrics = Metrics::new("runhooks", "ingest");
        metrics.count("Events", 0);
        metrics.times("EventToPost", &[]);
        assert_eq!(lines(&metrics), [] as [Value; 0]);
    }

    #[test]
    fn every_value_is_told_and_no_line_has_more_than_cloudwatch_takes() {
        let mut metrics = Metrics::new("runhooks", "deliver");
        metrics.count("Delivered", 250);
        let times: Vec<_> = (0..250).map(Duration::from_millis).collect();
        metrics.times("EventToPost", &times);
        let lines = lines(&metrics);
        let values = |line: &Value| line["EventToPost"].as_array().unwrap().clone();
        let sizes: Vec<_> = lines.iter().map(|line| values(line).len()).collect();
        assert_eq!(sizes, [100, 100, 50]);
        let all: Vec<_> = lines.iter().flat_map(values).collect();
        assert_eq!(all, (0..250).map(Value::from).collect::<Vec<_>>());
        let counted = lines.iter().filter(|line| line.get("Delivered").is_some());
        assert_eq!(counted.count(), 1);
        for line in &lines {
            let defined = &line["_aws"]["CloudWatchMetrics"][0]["Metrics"];
            for metric in defined.as_array().unwrap() {
                assert!(line.get(metric["Name"].as_str().unwrap()).is_some());
            }
        }
    }
}
