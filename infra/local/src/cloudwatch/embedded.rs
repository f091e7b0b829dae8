//! Metrics that functions write as log lines, in CloudWatch's embedded metric format.

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail, ensure};
use serde::Deserialize;
use serde_json::{Map, Value};
use time::{Duration, OffsetDateTime};

use super::CloudWatch;
use super::metric::Metric;

/// How many metrics a directive may define, and how many values a metric may have in a line.
const MOST_AT_ONCE: usize = 100;

/// How many dimensions a metric may have.
const MOST_DIMENSIONS: usize = 30;

/// How old measurements may be that CloudWatch still takes, and how far ahead.
const OLDEST: Duration = Duration::days(14);
const AHEAD: Duration = Duration::hours(2);

/// The levels of log lines, the least severe first.
const LEVELS: [&str; 6] = ["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"];

/// The level of a line that names none.
const INFO: usize = 2;

/// What reads the lines of a function.
#[derive(Clone)]
pub(crate) struct EmbeddedMetrics {
    cloudwatch: CloudWatch,
    /// The least severe level that is kept, where Lambda filters.
    level: Option<usize>,
}

/// A measurement in a line.
type Measurement = (Metric, f64);

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Metadata {
    timestamp: i64,
    cloud_watch_metrics: Vec<Directive>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Directive {
    namespace: String,
    dimensions: Vec<Vec<String>>,
    metrics: Vec<Definition>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Definition {
    name: String,
}

impl EmbeddedMetrics {
    /// A reader for a function that logs so, in the words of its environment.
    pub(crate) fn new(cloudwatch: CloudWatch, environment: &BTreeMap<String, String>) -> Self {
        let is_json = environment.get("AWS_LAMBDA_LOG_FORMAT").map(String::as_str) == Some("JSON");
        let level = environment.get("AWS_LAMBDA_LOG_LEVEL");
        let level = level.and_then(|level| place_of(level)).unwrap_or(INFO);
        EmbeddedMetrics {
            cloudwatch,
            level: is_json.then_some(level),
        }
    }

    /// Takes what a line measures, if Lambda keeps the line. An error says what is wrong with it.
    pub(crate) fn read(&self, line: &str) -> Result<()> {
        if !line.contains("\"_aws\"") {
            return Ok(());
        }
        let Ok(Value::Object(line)) = serde_json::from_str(line) else {
            return Ok(());
        };
        if !line.contains_key("_aws") || !self.keeps(&line) {
            return Ok(());
        }
        let (at, measurements) = measured(&line)?;
        let age = self.cloudwatch.now() - at;
        ensure!(
            age <= OLDEST && -age <= AHEAD,
            "its Timestamp, {at}, is too old or too far ahead"
        );
        for (metric, value) in measurements {
            self.cloudwatch.record(metric, at, value);
        }
        Ok(())
    }

    /// For a runtime that is only an operating system, Lambda reads the level out of the line.
    fn keeps(&self, line: &Map<String, Value>) -> bool {
        let level = line.get("level").and_then(Value::as_str);
        let level = level.and_then(place_of).unwrap_or(INFO);
        self.level.is_none_or(|least| level >= least)
    }
}

fn place_of(level: &str) -> Option<usize> {
    let level = level.to_ascii_uppercase();
    LEVELS.iter().position(|known| *known == level)
}

/// What a line measures, and when it did.
fn measured(line: &Map<String, Value>) -> Result<(OffsetDateTime, Vec<Measurement>)> {
    let metadata = line.get("_aws").cloned().unwrap_or_default();
    let metadata: Metadata = serde_json::from_value(metadata).context("_aws")?;
    let nanoseconds = i128::from(metadata.timestamp) * 1_000_000;
    let at = OffsetDateTime::from_unix_timestamp_nanos(nanoseconds).context("Timestamp")?;
    let mut measurements = Vec::new();
    for directive in &metadata.cloud_watch_metrics {
        ensure!(!directive.namespace.is_empty(), "Namespace is empty");
        ensure!(
            directive.metrics.len() <= MOST_AT_ONCE,
            "it defines more than {MOST_AT_ONCE} metrics at once"
        );
        for names in &directive.dimensions {
            let dimensions = dimensions(line, names)?;
            for Definition { name } in &directive.metrics {
                let metric = Metric {
                    namespace: directive.namespace.clone(),
                    name: name.clone(),
                    dimensions: dimensions.clone(),
                };
                let values = values(line, name)?;
                measurements.extend(values.into_iter().map(|value| (metric.clone(), value)));
            }
        }
    }
    Ok((at, measurements))
}

fn dimensions(line: &Map<String, Value>, names: &[String]) -> Result<BTreeMap<String, String>> {
    ensure!(
        names.len() <= MOST_DIMENSIONS,
        "it has more than {MOST_DIMENSIONS} dimensions"
    );
    let dimension = |name: &String| {
        let value = line.get(name).and_then(Value::as_str);
        let value = value.filter(|value| !value.is_empty());
        let value = value.with_context(|| format!("the dimension {name} is no text"))?;
        Ok((name.clone(), value.to_owned()))
    };
    names.iter().map(dimension).collect()
}

fn values(line: &Map<String, Value>, name: &str) -> Result<Vec<f64>> {
    let number = |value: &Value| {
        let number = value.as_f64();
        number.with_context(|| format!("{name}: {value} is no number"))
    };
    match line.get(name) {
        None => bail!("{name} has no value"),
        Some(Value::Array(values)) => {
            ensure!(
                values.len() <= MOST_AT_ONCE,
                "{name} has more than {MOST_AT_ONCE} values"
            );
            values.iter().map(number).collect()
        }
        Some(value) => Ok(vec![number(value)?]),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn line() -> Value {
        json!({
            "level": "WARN", "Function": "ingest", "Events": 3, "Waits": [1.5, 2.5],
            "_aws": {
                "Timestamp": 60_000,
                "CloudWatchMetrics": [{
                    "Namespace": "Ours", "Dimensions": [["Function"], []],
                    "Metrics": [{"Name": "Events", "Unit": "Count"}, {"Name": "Waits"}],
                }],
            },
        })
    }

    fn of(line: &Value) -> Result<(OffsetDateTime, Vec<Measurement>)> {
        measured(line.as_object().unwrap())
    }

    #[test]
    fn each_set_of_dimensions_is_a_metric() {
        let (at, measurements) = of(&line()).unwrap();
        assert_eq!(at.unix_timestamp(), 60);
        let with = |name, value| (Metric::new("Ours", name, [("Function", "ingest")]), value);
        let without = |name, value| (Metric::new("Ours", name, []), value);
        let expected = [
            with("Events", 3.0),
            with("Waits", 1.5),
            with("Waits", 2.5),
            without("Events", 3.0),
            without("Waits", 1.5),
            without("Waits", 2.5),
        ];
        assert_eq!(measurements, expected);
    }

    #[test]
    fn a_line_that_cloudwatch_cannot_take_is_refused() {
        for (place, bad, expected) in [
            ("/_aws/Timestamp", json!("now"), "_aws"),
            (
                "/_aws/CloudWatchMetrics/0/Namespace",
                json!(""),
                "Namespace",
            ),
            ("/Function", json!(1), "the dimension Function is no text"),
            ("/Events", json!("3"), "Events: \"3\" is no number"),
            (
                "/Waits",
                json!(vec![0; 101]),
                "Waits has more than 100 values",
            ),
        ] {
            let mut line = line();
            *line.pointer_mut(place).unwrap() = bad;
            let error = format!("{:#}", of(&line).unwrap_err());
            assert!(error.contains(expected), "{error}");
        }
        let mut line = line();
        line.as_object_mut().unwrap().remove("Events");
        assert_eq!(of(&line).unwrap_err().to_string(), "Events has no value");
    }
}
