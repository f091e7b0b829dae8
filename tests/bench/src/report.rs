//! The figures, each for one delivery, as they are printed.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Context, Result};
use serde::Serialize;

use super::cost::{Attempt, Cost, Usage, Work};
use super::machine;
use super::measurement::{Measurement, Program};
use super::noisy::latencies::Latencies;

/// CPU time that no way around was found for, in microseconds, measured on a machine with two
/// processors of 2.3 GHz: of a call through an AWS SDK, of a POST on a warm connection, and of a
/// record of a batch in the runtime.
const SDK_CALL_MICROS: f64 = 140.0;
const POST_MICROS: f64 = 48.0;
const RECORD_MICROS: f64 = 10.0;

/// The call of `ingest` that there is one of for each batch.
const KEEPS_A_BATCH: &str = "DynamoDB BatchWriteItem";

/// The figures.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Report {
    pub(super) machine: String,
    pub(super) events: usize,
    pub(super) event_bytes: f64,
    /// How many events a batch held on average.
    pub(super) batch_size: f64,
    /// How many events came in a second; all at once if nothing is said.
    pub(super) pace: Option<u32>,
    pub(super) latencies: Latencies,
    pub(super) events_per_second: f64,
    /// How many events were never POSTed.
    pub(super) missing: usize,
    /// How many POSTs there were too many.
    pub(super) surplus: usize,
    pub(super) ingest: PerDelivery,
    pub(super) deliver: PerDelivery,
    /// By the function's short name.
    pub(super) programs: BTreeMap<String, ProgramFigures>,
    /// What most is asked of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) hottest_key: Option<HottestKey>,
    /// For a million deliveries.
    pub(super) cost: Cost,
}

/// The partition key that sets the limit of this load.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct HottestKey {
    pub(super) table: String,
    pub(super) key: String,
    /// What a delivery takes of it.
    pub(super) write_units: f64,
    pub(super) read_units: f64,
    /// How many deliveries a second it takes, of 1,000 write and 3,000 read units.
    pub(super) deliveries_per_second: f64,
}

/// What one delivery takes of a function.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PerDelivery {
    pub(super) cpu_micros: f64,
    /// The least that its calls, POSTs and records take.
    pub(super) cpu_floor_micros: f64,
    /// Calls by service and operation.
    pub(super) calls: BTreeMap<String, f64>,
    pub(super) write_units: f64,
    pub(super) read_units: f64,
}

/// How a program starts.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ProgramFigures {
    /// The median time from the start of its process to its first poll.
    pub(super) start_millis: f64,
    /// The median time from the start of its process to its first answer to an HTTP request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) first_answer_millis: Option<f64>,
    pub(super) bytes: u64,
    /// The most bytes of memory that a process of it took; 0 if none ran.
    pub(super) peak_memory_bytes: u64,
}

impl Report {
    pub(super) fn of(measurement: &Measurement, pace: Option<u32>) -> Result<Self> {
        let passage = &measurement.passage;
        let ingest = PerDelivery::of(measurement, "ingest", 0.0);
        let deliver = PerDelivery::of(measurement, "deliver", 1.0);
        let batch_size = batch_size(measurement)?;
        let usage = Usage {
            batch_size,
            write_units: ingest.write_units + deliver.write_units,
            read_units: ingest.read_units + deliver.read_units,
            stored_bytes: measurement.stored_bytes,
            stored_items: measurement.stored_items,
            event_bytes: passage.per_event(passage.event_bytes as f64),
            post_bytes: passage.per_event(passage.post_bytes as f64),
            sends: ingest.sqs_calls() + deliver.sqs_calls(),
            attempt: Attempt {
                write_units: deliver.write_units,
                read_units: deliver.read_units,
            },
            ingest: work(measurement, "ingest")?,
            deliver: work(measurement, "deliver")?,
        };
        Ok(Report {
            machine: machine::kind(),
            events: passage.events,
            event_bytes: usage.event_bytes,
            batch_size,
            pace,
            latencies: passage.latencies.clone(),
            events_per_second: passage.events as f64 / passage.took.as_secs_f64(),
            missing: passage.missing,
            surplus: passage.surplus,
            ingest,
            deliver,
            programs: programs(measurement),
            hottest_key: hottest_key(measurement),
            cost: Cost::of(&usage),
        })
    }

    /// Whether every event was POSTed, and once.
    pub(super) fn is_complete(&self) -> bool {
        self.missing == 0 && self.surplus == 0
    }
}

impl PerDelivery {
    /// The figures of a function that makes so many POSTs for a delivery.
    fn of(measurement: &Measurement, function: &str, posts: f64) -> Self {
        let calls = measurement.passage.calls_of(function);
        let capacity = measurement.metered.capacity_of(function);
        let all_calls: f64 = calls.values().sum();
        PerDelivery {
            cpu_micros: 1e6 * measurement.passage.cpu_seconds(function),
            cpu_floor_micros: all_calls * SDK_CALL_MICROS + posts * POST_MICROS + RECORD_MICROS,
            calls,
            write_units: capacity.write,
            read_units: capacity.read,
        }
    }

    pub(super) fn all_calls(&self) -> f64 {
        self.calls.values().sum()
    }

    fn sqs_calls(&self) -> f64 {
        let calls = self.calls.iter();
        let calls = calls.filter(|(operation, _)| operation.starts_with("SQS "));
        calls.map(|(_, count)| count).sum()
    }
}

fn hottest_key(measurement: &Measurement) -> Option<HottestKey> {
    let hottest = measurement.hottest.as_ref()?;
    let metered = &measurement.metered;
    Some(HottestKey {
        table: hottest.table.clone(),
        key: hottest.key.clone(),
        write_units: metered.per_event(hottest.taken.write),
        read_units: metered.per_event(hottest.taken.read),
        deliveries_per_second: 1.0 / metered.per_event(hottest.seconds()),
    })
}

/// By the call that `ingest` makes once for each batch: it keeps all events of one together.
fn batch_size(measurement: &Measurement) -> Result<f64> {
    let calls = measurement.passage.calls_of("ingest");
    let batches = calls.get(KEEPS_A_BATCH).copied();
    let batches = batches.filter(|batches| *batches > 0.0);
    Ok(1.0 / batches.context("ingest has kept no event")?)
}

fn work(measurement: &Measurement, function: &str) -> Result<Work> {
    let settings = &program(measurement, function)?.settings;
    Ok(Work {
        cpu_seconds: measurement.passage.cpu_seconds(function),
        memory_megabytes: f64::from(settings.memory_megabytes),
    })
}

fn program<'a>(measurement: &'a Measurement, function: &str) -> Result<&'a Program> {
    let program = measurement.programs.get(function);
    program.with_context(|| format!("there is no function {function}"))
}

fn programs(measurement: &Measurement) -> BTreeMap<String, ProgramFigures> {
    let programs = measurement.programs.iter();
    let millis = |time: Duration| 1e3 * time.as_secs_f64();
    let figures = |program: &Program| ProgramFigures {
        start_millis: millis(program.start),
        first_answer_millis: program.first_answer.map(millis),
        bytes: program.bytes,
        peak_memory_bytes: program.peak_memory,
    };
    programs
        .map(|(name, program)| (name.clone(), figures(program)))
        .collect()
}
