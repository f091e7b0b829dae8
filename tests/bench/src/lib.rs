//! `cargo local bench`: what a delivery takes of time, calls, capacity and money, with the real
//! binaries built for release.
//!
//! Everything is measured from outside: processor time is the operating system's account of the
//! functions' own processes, calls and capacity are counted at the endpoints. It judges nothing but
//! whether every event was POSTed exactly once.

mod batch;
mod client;
mod cost;
mod events;
mod first_answer;
mod growth;
mod host;
mod hot;
mod instructions;
mod machine;
mod measurement;
mod memory;
mod noisy;
mod receiver;
mod report;
mod stage;
mod start_up;
mod table;
mod traffic;

use std::collections::BTreeMap;

use anyhow::{Result, ensure};
use clap::{Args, Subcommand, value_parser};
use local::options::Options;

use growth::GrowthArguments;
use hot::HotArguments;
use instructions::InstructionsArguments;
use measurement::{Load, Measurement};
use memory::MemoryArguments;
use noisy::NoisyArguments;
use report::Report;

/// What to measure.
#[derive(Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct BenchArguments {
    /// How many events to send
    #[arg(long, value_name = "COUNT", default_value = "5000", value_parser = value_parser!(u32).range(1..))]
    events: u32,

    /// Print JSON instead of tables
    #[arg(long)]
    json: bool,

    #[command(subcommand)]
    part: Option<Part>,
}

#[derive(Subcommand)]
enum Part {
    /// Measures what one user's hanging deliveries do to the latency of another's
    Noisy(NoisyArguments),
    /// Measures the same at a steady pace, at which batches are small
    Paced(PacedArguments),
    /// Measures what a delivery costs as batches, events, webhooks and records become more
    Growth(GrowthArguments),
    /// Sends one webhook very many events a second, with the limits of DynamoDB's partition keys
    Hot(HotArguments),
    /// Counts the instructions of a delivery and of a start, which needs valgrind
    Instructions(InstructionsArguments),
    /// Measures the most memory that users can make a function take
    Memory(MemoryArguments),
}

/// A steady pace.
#[derive(Args)]
struct PacedArguments {
    /// How many events come in a second
    #[arg(long, value_name = "COUNT", default_value = "200", value_parser = value_parser!(u32).range(1..=1000))]
    rate: u32,

    /// For how many seconds
    #[arg(long, value_name = "SECONDS", default_value = "20", value_parser = value_parser!(u32).range(1..=3600))]
    seconds: u32,

    /// Print JSON instead of tables
    #[arg(long)]
    json: bool,
}

/// Measures, and prints.
pub async fn run(options: Options, arguments: BenchArguments) -> Result<()> {
    match arguments.part {
        Some(Part::Noisy(arguments)) => return noisy::run(options, arguments).await,
        Some(Part::Growth(arguments)) => return growth::run(alone(options), arguments).await,
        Some(Part::Hot(arguments)) => return hot::run(alone(options), arguments).await,
        Some(Part::Instructions(arguments)) => {
            return instructions::run(alone(options), arguments).await;
        }
        Some(Part::Memory(arguments)) => return memory::run(options, arguments).await,
        Some(Part::Paced(PacedArguments {
            rate,
            seconds,
            json,
        })) => {
            let load = Load {
                events: (rate * seconds) as usize,
                pace: Some(rate),
            };
            return measure(options, load, json).await;
        }
        None => {}
    }
    let load = Load {
        events: arguments.events as usize,
        pace: None,
    };
    measure(with_own_settings(options), load, arguments.json).await
}

async fn measure(options: Options, load: Load, as_json: bool) -> Result<()> {
    let measurement = Measurement::take(alone(options), load).await?;
    let report = Report::of(&measurement, load.pace)?;
    match as_json {
        true => print(&serde_json::to_string_pretty(&report)?),
        false => print(report.to_string().trim_end()),
    }
    ensure!(
        report.is_complete(),
        "not every event was POSTed exactly once"
    );
    Ok(())
}

/// A platform of its own, with as many processes of a function as there are processors: more would
/// only wait for each other.
fn with_own_settings(options: Options) -> Options {
    let concurrency = machine::processors().max(2).to_string();
    let mut parameters: BTreeMap<_, _> = ["EventConcurrency", "DeliveryConcurrency"]
        .map(|name| (name.to_owned(), concurrency.clone()))
        .into();
    parameters.extend(options.parameters);
    Options {
        parameters,
        ..options
    }
}

/// A platform that nobody else uses, with functions as they are deployed.
fn alone(options: Options) -> Options {
    Options {
        port_base: None,
        data: None,
        release: true,
        quiet: true,
        ..options
    }
}

#[expect(
    clippy::print_stdout,
    reason = "the figures are for whoever asked for them"
)]
fn print(figures: &str) {
    println!("{figures}");
}
