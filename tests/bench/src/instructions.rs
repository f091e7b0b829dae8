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
use std::time::Duration;

use anyhow::{Result, bail, ensure};
use clap::Args;
use local::endpoints::EVENT_QUEUE;
use local::lambda::invocation::Outcome;
use local::options::Options;
use local::platform::Platform;
use serde::Serialize;

use super::events::Events;
use super::receiver::Receiver;
use super::{batch, client, print};
use callgrind::count;

/// How many messages a batch holds.
const BATCHES: [usize; 2] = [10, 1];
/// How many deliveries both runs make, and how many more the second one does.
const FEW: usize = 20;
const MORE: usize = 100;

const DELIVERY_QUEUE: &str = "DeliveryQueue";
const SLOW_QUEUE: &str = "SlowDeliveryQueue";

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
    for function in stage.platform.functions() {
        let name = &function.settings().short_name;
        tracing::info!("the start of {name}");
        starts.insert(name.clone(), count(function, Vec::new()).await?);
    }
    stage.earn_trust().await?;
    let mut deliveries = Vec::new();
    for batch in BATCHES {
        deliveries.push(stage.per_delivery(batch).await?);
    }
    stage.end().await?;
    let report = Report { deliveries, starts };
    print(&match arguments.json {
        true => serde_json::to_string_pretty(&report)?,
        false => report.table()?,
    });
    Ok(())
}

/// A platform with one webhook, whose functions are run by hand.
struct Stage {
    platform: Platform,
    receiver: Receiver,
    events: Events,
}

impl Stage {
    async fn begin(options: Options) -> Result<Self> {
        let mut parameters = options.parameters.clone();
        for name in ["EventsEnabled", "DeliveriesEnabled"] {
            parameters.insert(name.to_owned(), "false".to_owned());
        }
        let platform = Platform::start(Options {
            parameters,
            ..options
        })
        .await?;
        let receiver = Receiver::listen().await?;
        let events = Events::of_sample()?;
        let definition = client::definition(events.actor(), receiver.url());
        let endpoints = platform.endpoints();
        client::define_webhook(endpoints, &endpoints.token, &definition).await?;
        Ok(Self {
            platform,
            receiver,
            events,
        })
    }

    /// Delivers something in the slow lane: what goes to a host that has never answered does not
    /// stay in the fast one.
    async fn earn_trust(&self) -> Result<()> {
        self.invoke("ingest", self.events(FEW, FEW)?).await?;
        let deliveries = self.deliveries(FEW, SLOW_QUEUE).await?;
        self.invoke("deliver", deliveries).await?;
        self.arrived(FEW)
    }

    async fn invoke(&self, function: &str, invocations: Vec<String>) -> Result<()> {
        for invocation in invocations {
            match self.platform.invoke(function, invocation).await? {
                Outcome::Answered(_) => {}
                outcome => bail!("{function} has failed: {outcome:?}"),
            }
        }
        Ok(())
    }

    async fn per_delivery(&self, batch: usize) -> Result<PerDelivery> {
        let few = self.counts(FEW, batch).await?;
        let more = self.counts(FEW + MORE, batch).await?;
        let each = |which: usize| (more[which] - few[which]) / MORE as u64;
        Ok(PerDelivery {
            batch,
            ingest: each(0),
            deliver: each(1),
        })
    }

    /// What `ingest` and `deliver` take for so many deliveries, their starts included.
    async fn counts(&self, deliveries: usize, batch: usize) -> Result<[u64; 2]> {
        tracing::info!("{deliveries} deliveries in batches of {batch}");
        let events = self.events(deliveries, batch)?;
        let ingest = count(self.platform.function("ingest")?, events).await?;
        let messages = self.deliveries(batch, DELIVERY_QUEUE).await?;
        let deliver = count(self.platform.function("deliver")?, messages).await?;
        self.arrived(deliveries)?;
        Ok([ingest, deliver])
    }

    /// So many new events, a batch in each payload.
    fn events(&self, count: usize, batch: usize) -> Result<Vec<String>> {
        let queue = self.platform.queue(EVENT_QUEUE)?.arn();
        let bodies = (0..count).map(|_| Ok(self.events.next()?.body));
        let bodies: Vec<String> = bodies.collect::<Result<_>>()?;
        Ok(payloads(&bodies, batch, &queue))
    }

    /// All deliveries that wait, as from that queue.
    async fn deliveries(&self, batch: usize, source: &str) -> Result<Vec<String>> {
        let queue = self.platform.queue(DELIVERY_QUEUE)?;
        let mut bodies = Vec::new();
        for received in queue.receive(usize::MAX, Duration::ZERO, None).await? {
            bodies.push(received.message.body.clone());
            queue.delete(&received.receipt_handle)?;
        }
        let source = self.platform.queue(source)?.arn();
        Ok(payloads(&bodies, batch, &source))
    }

    /// Makes sure that so many runs were heard of, and of each once.
    fn arrived(&self, count: usize) -> Result<()> {
        let arrivals = self.receiver.take().by_run;
        let posts: u32 = arrivals.values().sum();
        ensure!(
            arrivals.len() == count && posts as usize == count,
            "of {count} deliveries {} arrived, in {posts} POSTs",
            arrivals.len()
        );
        Ok(())
    }

    async fn end(self) -> Result<()> {
        self.platform.stop().await?;
        self.receiver.close().await;
        Ok(())
    }
}

fn payloads(bodies: &[String], batch: usize, queue_arn: &str) -> Vec<String> {
    let batches = bodies.chunks(batch);
    batches
        .map(|bodies| batch::of(&bodies.iter().collect::<Vec<_>>(), queue_arn))
        .collect()
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
