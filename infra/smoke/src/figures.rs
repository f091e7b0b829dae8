//! What the proof took: latencies as the receiver saw them, and invocations as Lambda reports them
//! in the logs.

use std::fmt::{Display, Formatter};
use std::time::Duration;

use anyhow::Result;
use prices::{LAMBDA_GB_SECOND, LAMBDA_GB_SECOND_X86, LAMBDA_REQUESTS};
use serde::Deserialize;
use time::OffsetDateTime;

use crate::account::{Account, failed};
use crate::stack::Stack;

/// The lines that Lambda itself writes about each invocation.
const REPORTS: &str = r#"{ $.type = "platform.report" }"#;

/// How long many deliveries took.
#[derive(Debug, PartialEq)]
pub(crate) struct Latencies {
    deliveries: usize,
    p50: Duration,
    p99: Duration,
    most: Duration,
}

/// The invocations of one function.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Invocations {
    pub(crate) function: &'static str,
    pub(crate) all: usize,
    pub(crate) failed: usize,
    /// The start of each process.
    starts: Vec<f64>,
    durations: Vec<f64>,
    pub(crate) billed_millis: f64,
    gigabyte_seconds: f64,
    most_memory: f64,
}

/// A line about an invocation.
#[derive(Deserialize)]
struct Line {
    record: Record,
}

#[derive(Deserialize)]
struct Record {
    metrics: Metrics,
    #[serde(default)]
    status: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Metrics {
    duration_ms: f64,
    billed_duration_ms: f64,
    #[serde(rename = "memorySizeMB")]
    memory_size_mb: f64,
    #[serde(rename = "maxMemoryUsedMB", default)]
    max_memory_used_mb: f64,
    init_duration_ms: Option<f64>,
}

impl Latencies {
    /// The figures of so many; `None` where there are none.
    pub(crate) fn of(mut took: Vec<Duration>) -> Option<Self> {
        took.sort_unstable();
        Some(Latencies {
            deliveries: took.len(),
            p50: *at_share(&took, 50)?,
            p99: *at_share(&took, 99)?,
            most: *took.last()?,
        })
    }
}

/// The smallest that so many of a hundred do not exceed.
fn at_share<T>(sorted: &[T], percent: usize) -> Option<&T> {
    let place = (sorted.len() * percent).div_ceil(100).saturating_sub(1);
    sorted.get(place)
}

impl Display for Latencies {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        let millis = |time: Duration| time.as_secs_f64() * 1e3;
        write!(
            f,
            "p50 {:.1}, p99 {:.1}, most {:.1}, of {} deliveries",
            millis(self.p50),
            millis(self.p99),
            millis(self.most),
            self.deliveries
        )
    }
}

/// The invocations of every function since then.
pub(crate) async fn invocations(
    account: &Account,
    stack: &Stack,
    since: OffsetDateTime,
) -> Result<Vec<Invocations>> {
    let mut all = Vec::new();
    for (function, group) in &stack.log_groups {
        let pages = account
            .logs
            .filter_log_events()
            .log_group_name(group)
            .filter_pattern(REPORTS)
            .start_time(since.unix_timestamp() * 1000)
            .into_paginator()
            .send();
        let pages = pages.collect::<Result<Vec<_>, _>>().await;
        let pages = pages.map_err(|error| failed("logs:FilterLogEvents", error))?;
        let events = pages.iter().flat_map(|page| page.events());
        let lines = events.filter_map(|event| event.message());
        all.push(Invocations::of(function, lines));
    }
    Ok(all)
}

impl Invocations {
    fn of<'a>(function: &'static str, lines: impl Iterator<Item = &'a str>) -> Self {
        let mut invocations = Invocations {
            function,
            ..Invocations::default()
        };
        for line in lines {
            if let Ok(Line { record }) = serde_json::from_str(line) {
                invocations.add(&record);
            }
        }
        invocations.starts.sort_by(f64::total_cmp);
        invocations.durations.sort_by(f64::total_cmp);
        invocations
    }

    fn add(&mut self, Record { metrics, status }: &Record) {
        self.all += 1;
        self.failed += usize::from(!["", "success"].contains(&status.as_str()));
        self.starts.extend(metrics.init_duration_ms);
        self.durations.push(metrics.duration_ms);
        self.billed_millis += metrics.billed_duration_ms;
        self.gigabyte_seconds += metrics.billed_duration_ms / 1e3 * metrics.memory_size_mb / 1024.0;
        self.most_memory = self.most_memory.max(metrics.max_memory_used_mb);
    }

    /// What they cost at list price, in dollars.
    pub(crate) fn dollars(&self, is_arm: bool) -> f64 {
        let second = match is_arm {
            true => LAMBDA_GB_SECOND,
            false => LAMBDA_GB_SECOND_X86,
        };
        self.gigabyte_seconds * second + self.all as f64 * LAMBDA_REQUESTS / 1e6
    }

    /// The heads of the columns that [`Display`] writes.
    pub(crate) const HEADS: &'static str = "function  invocations  failed  cold starts  start p50 ms  most ms  duration p50 ms  p99 ms  billed s  most MB";
}

impl Display for Invocations {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        let share = |sorted: &[f64], percent| match at_share(sorted, percent) {
            Some(millis) => format!("{millis:.1}"),
            None => "-".to_owned(),
        };
        write!(
            f,
            "{:<8}{:>13}{:>8}{:>13}{:>14}{:>9}{:>17}{:>8}{:>10.2}{:>9}",
            self.function,
            self.all,
            self.failed,
            self.starts.len(),
            share(&self.starts, 50),
            share(&self.starts, 100),
            share(&self.durations, 50),
            share(&self.durations, 99),
            self.billed_millis / 1e3,
            self.most_memory,
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
        let expected = "p50 100.0, p99 198.0, most 200.0, of 200 deliveries";
        assert_eq!(latencies.to_string(), expected);
        assert_eq!(Latencies::of(Vec::new()), None);
    }

    /// A line as the documentation of Lambda's JSON logs shows it.
    const FIRST: &str = r#"{"time":"2026-11-27T22:00:00.000Z","type":"platform.report","record":{"requestId":"6d68ca91","metrics":{"durationMs":10.5,"billedDurationMs":61,"memorySizeMB":256,"maxMemoryUsedMB":30,"initDurationMs":50.25},"status":"success"}}"#;
    const SECOND: &str = r#"{"time":"2026-11-27T22:00:01.000Z","type":"platform.report","record":{"requestId":"6d68ca92","metrics":{"durationMs":3000,"billedDurationMs":3000,"memorySizeMB":256,"maxMemoryUsedMB":31},"status":"timeout"}}"#;

    #[test]
    fn invocations_are_read_from_the_lines_about_them() {
        let lines = [FIRST, "START RequestId: 1", SECOND].into_iter();
        let invocations = Invocations::of("deliver", lines);
        let expected = Invocations {
            function: "deliver",
            all: 2,
            failed: 1,
            starts: vec![50.25],
            durations: vec![10.5, 3000.0],
            billed_millis: 3061.0,
            gigabyte_seconds: 3.061 / 4.0,
            most_memory: 31.0,
        };
        assert_eq!(invocations, expected);
        let dollars = invocations.dollars(true);
        assert!((dollars - 0.000_010_6).abs() < 1e-7, "{dollars}");
    }
}
