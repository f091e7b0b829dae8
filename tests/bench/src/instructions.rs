//! `cargo local bench instructions`: how many instructions a delivery takes, and a start.
//!
//! Processor time depends on the machine and on what else it does; instructions hardly do. Each
//! function is run under callgrind, by itself, with batches that hold exactly so many messages:
//! first some, then more. The difference of both is what so many more take, without the start and
//! without what only the first batches do. Instructions that the kernel executes for a function
//! are not counted.

mod callgrind;

use std::collections::BTreeMap;
use std::fmt::Write;

use anyhow::Result;
use clap::Args;
use local::options::Options;
use serde::Serialize;

use super::print;
use super::stage::{DELIVERY_QUEUE, Stage};
use callgrind::count;

/// How many messages a batch holds.
const BATCHES: [usize; 2] = [10, 1];
/// How many deliveries both runs make, and how many more the second one does.
const FEW: usize = 20;
const MORE: usize = 100;

#[derive(Args)]
pub(super) struct InstructionsArguments {
    /// Print JSON instead of a table
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Report {
    deliveries: Vec<PerDelivery>,
    /// Before the first poll, by the function's short name.
    starts: BTreeMap<String, u64>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PerDelivery {
    batch: usize,
    ingest: u64,
    deliver: u64,
}

/// Counts, and prints.
pub(super) async fn run(options: Options, arguments: InstructionsArguments) -> Result<()> {
    let stage = Stage::begin(options).await?;
    let mut starts = BTreeMap::new();
    for function in stage.platform().functions() {
        let name = &function.settings().short_name;
        tracing::info!("the start of {name}");
        starts.insert(name.clone(), count(function, Vec::new()).await?);
    }
    stage.earn_trust().await?;
    let mut deliveries = Vec::new();
    for batch in BATCHES {
        deliveries.push(per_delivery(&stage, batch).await?);
    }
    stage.end().await?;
    let report = Report { deliveries, starts };
    print(&match arguments.json {
        true => serde_json::to_string_pretty(&report)?,
        false => report.table()?,
    });
    Ok(())
}

async fn per_delivery(stage: &Stage, batch: usize) -> Result<PerDelivery> {
    let few = counts(stage, FEW, batch).await?;
    let more = counts(stage, FEW + MORE, batch).await?;
    let each = |which: usize| (more[which] - few[which]) / MORE as u64;
    Ok(PerDelivery {
        batch,
        ingest: each(0),
        deliver: each(1),
    })
}

/// What `ingest` and `deliver` take for so many deliveries, their starts included.
async fn counts(stage: &Stage, deliveries: usize, batch: usize) -> Result<[u64; 2]> {
    tracing::info!("{deliveries} deliveries in batches of {batch}");
    let events = stage.events(deliveries, batch)?;
    let ingest = count(stage.platform().function("ingest")?, events).await?;
    let messages = stage.deliveries(batch, DELIVERY_QUEUE).await?;
    let deliver = count(stage.platform().function("deliver")?, messages).await?;
    stage.arrived(deliveries)?;
    Ok([ingest, deliver])
}

impl Report {
    fn table(&self) -> Result<String> {
        let mut text = format!(
            "{:<34}{:>9}{:>9}{:>9}\n",
            "thousands of instructions", "ingest", "deliver", "both"
        );
        for PerDelivery {
            batch,
            ingest,
            deliver,
        } in &self.deliveries
        {
            let label = format!("per delivery, in batches of {batch}");
            let [ingest, deliver, both] = [*ingest, *deliver, ingest + deliver].map(thousands);
            writeln!(text, "{label:<34}{ingest:>9}{deliver:>9}{both:>9}")?;
        }
        for (name, start) in &self.starts {
            let label = format!("{name}, from start to first poll");
            write!(text, "\n{label:<34}{:>9}", thousands(*start))?;
        }
        Ok(text)
    }
}

fn thousands(instructions: u64) -> String {
    format!("{:.0}", instructions as f64 / 1e3)
}
