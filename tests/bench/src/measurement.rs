//! What is measured, one thing after another.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::Result;
use local::endpoints::Endpoints;
use local::gateway::throughput::Hottest;
use local::lambda::Function;
use local::options::Options;
use local::template::Function as Settings;

use super::traffic::{Passage, Traffic};
use super::{client, first_answer, start_up};

/// The table that deliveries leave their records in, in the template.
const DISPATCHES_TABLE: &str = "DispatchesTable";

/// How many events pass before it counts: every process is up by then, and has its connections.
const WARM_UP_EVENTS: usize = 500;

/// How many events pass while capacity is metered, which takes time of its own.
const METERED_EVENTS: usize = 500;

/// What is sent.
#[derive(Clone, Copy, Debug)]
pub(super) struct Load {
    pub(super) events: usize,
    /// How many of them in a second; all at once if nothing is said.
    pub(super) pace: Option<u32>,
}

/// Everything that was measured, as it came.
pub(super) struct Measurement {
    /// By the function's short name.
    pub(super) programs: BTreeMap<String, Program>,
    /// The events that count.
    pub(super) passage: Passage,
    /// Others, whose capacity was metered.
    pub(super) metered: Passage,
    /// The partition key that those have asked most of.
    pub(super) hottest: Option<Hottest>,
    /// The bytes that each of those left behind in the database.
    pub(super) stored_bytes: f64,
    /// The items that each of those left behind in the database.
    pub(super) stored_items: f64,
}

/// A function and its program.
pub(super) struct Program {
    pub(super) settings: Settings,
    pub(super) bytes: u64,
    /// The median time from its start to its first poll.
    pub(super) start: Duration,
    /// The median time from its start to its first answer, where it answers HTTP requests.
    pub(super) first_answer: Option<Duration>,
    /// The most bytes that a process of it had in memory while the events passed.
    pub(super) peak_memory: u64,
}

impl Measurement {
    pub(super) async fn take(options: Options, load: Load) -> Result<Self> {
        let Load { events, pace } = load;
        let traffic = Traffic::begin(options.clone()).await?;
        let mut programs = measure_programs(&traffic).await?;
        tracing::info!("sending {WARM_UP_EVENTS} events to warm up, then {events} that count");
        traffic.pass(WARM_UP_EVENTS, None).await?;
        let passage = traffic.pass(events, pace).await?;
        for (name, program) in &mut programs {
            program.peak_memory = traffic.platform().peak_memory(name)?;
        }
        traffic.end().await?;

        tracing::info!("sending {METERED_EVENTS} events whose capacity is metered");
        let metering = Options {
            meters_capacity: true,
            ..options
        };
        let traffic = Traffic::begin(metering).await?;
        let metered = traffic.pass(METERED_EVENTS, pace).await?;
        let hottest = traffic.platform().hottest_key();
        let endpoints = traffic.platform().endpoints();
        let (bytes, items) = client::size_of_table(endpoints, DISPATCHES_TABLE).await?;
        traffic.end().await?;
        Ok(Measurement {
            programs,
            passage,
            hottest,
            stored_bytes: metered.per_event(bytes),
            stored_items: metered.per_event(items),
            metered,
        })
    }
}

async fn measure_programs(traffic: &Traffic) -> Result<BTreeMap<String, Program>> {
    tracing::info!("starting each function {} times", start_up::STARTS);
    let endpoints = traffic.platform().endpoints();
    let mut programs = BTreeMap::new();
    for function in traffic.platform().functions() {
        let name = function.settings().short_name.clone();
        programs.insert(name, measure(function, endpoints).await?);
    }
    Ok(programs)
}

async fn measure(function: &Function, endpoints: &Endpoints) -> Result<Program> {
    let path = function.binary();
    let settings = function.settings().clone();
    let environment = function.environment();
    let first_poll = async || start_up::first_poll(path, environment).await;
    let first_answer = async || first_answer::first_answer(path, environment, endpoints).await;
    Ok(Program {
        bytes: std::fs::metadata(path)?.len(),
        start: start_up::median(first_poll).await?,
        first_answer: match settings.has_url {
            true => Some(start_up::median(first_answer).await?),
            false => None,
        },
        peak_memory: 0,
        settings,
    })
}
