//! `cargo local bench memory`: the most memory that users can make a function take.
//!
//! Each attack is the worst of its kind that we know: definitions, events, batches and bodies. They
//! are handed to the functions as Lambda would, one after the other, and after each stands how much
//! every function has taken at most so far. The limit is half of what the template gives a
//! function; one that passes it ends the command with an error.

mod attacks;

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use clap::Args;
use local::endpoints::EVENT_QUEUE;
use local::lambda::invocation::Outcome;
use local::options::Options;
use local::platform::Platform;

use super::{alone, batch, print};
use attacks::Attack;

const MIB: u64 = 1024 * 1024;
/// Half of what the template gives each function.
const LIMIT: u64 = 128 * MIB;
/// The bytes of an invocation's payload that messages may take.
const PAYLOAD: usize = 5 * 1024 * 1024;
/// The most messages that one batch of the event queue, and of the slow lane, has.
const EVENTS: usize = 10;
const DELIVERIES: usize = 100;

#[derive(Args)]
pub(super) struct MemoryArguments {
    /// Print JSON instead of a table
    #[arg(long)]
    json: bool,
}

/// Runs all attacks, and prints what they took.
pub(super) async fn run(options: Options, arguments: MemoryArguments) -> Result<()> {
    let mut parameters: BTreeMap<_, _> = [
        ("DeliveriesEnabled", "false"),
        ("RequestTimeoutSeconds", "10"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .into();
    parameters.extend(options.parameters);
    let options = Options {
        parameters,
        ..options
    };
    let platform = Platform::start(alone(options)).await?;
    let mut rows = Vec::new();
    for attack in attacks::all().await? {
        tracing::info!("{}", attack.name);
        let name = attack.name;
        let carried_out = carry_out(&platform, attack);
        platform.unless_denied(carried_out).await.context(name)?;
        rows.push((name, peaks(&platform)));
    }
    platform.stop().await?;
    print(&match arguments.json {
        true => serde_json::to_string_pretty(&rows)?,
        false => table(&rows),
    });
    let most = rows.iter().flat_map(|(_, peaks)| peaks.values()).max();
    ensure!(
        most.is_some_and(|most| *most < LIMIT),
        "a function has taken more than {} MiB",
        LIMIT / MIB
    );
    Ok(())
}

async fn carry_out(platform: &Platform, attack: Attack) -> Result<()> {
    for request in &attack.requests {
        request.send(platform.endpoints()).await?;
    }
    let mut batch: Vec<&String> = Vec::new();
    let mut size = 0;
    for event in &attack.events {
        if batch.len() == EVENTS || size + event.len() > PAYLOAD {
            ingest(platform, &std::mem::take(&mut batch)).await?;
            size = 0;
        }
        size += event.len();
        batch.push(event);
    }
    if !batch.is_empty() {
        ingest(platform, &batch).await?;
    }
    let queue = platform.queue("DeliveryQueue")?;
    loop {
        let received = queue.receive(DELIVERIES, Duration::ZERO, None).await?;
        if received.is_empty() {
            return Ok(());
        }
        let bodies: Vec<_> = received.iter().map(|one| &one.message.body).collect();
        let source = platform.queue("SlowDeliveryQueue")?.arn();
        invoke(platform, "deliver", &bodies, &source).await?;
        for one in &received {
            queue.delete(&one.receipt_handle)?;
        }
    }
}

async fn ingest(platform: &Platform, events: &[&String]) -> Result<()> {
    let source = platform.queue(EVENT_QUEUE)?.arn();
    invoke(platform, "ingest", events, &source).await
}

async fn invoke(
    platform: &Platform,
    function: &str,
    bodies: &[&String],
    source: &str,
) -> Result<()> {
    let payload = batch::of(bodies, source);
    match platform.invoke(function, payload).await? {
        Outcome::Answered(_) => Ok(()),
        outcome => bail!("{function} has failed: {outcome:?}"),
    }
}

/// The most memory of each function so far.
fn peaks(platform: &Platform) -> BTreeMap<String, u64> {
    let functions = platform.functions();
    functions
        .map(|function| {
            (
                function.settings().short_name.clone(),
                function.peak_memory(),
            )
        })
        .collect()
}

fn table(rows: &[(&str, BTreeMap<String, u64>)]) -> String {
    let mut text = format!("{:<72}", "the most memory so far, in MiB, after");
    let names = rows.first().map(|(_, peaks)| peaks.keys());
    for name in names.into_iter().flatten() {
        text += &format!("{name:>9}");
    }
    for (attack, peaks) in rows {
        text += &format!("\n{attack:<72}");
        for peak in peaks.values() {
            text += &format!("{:>9.1}", *peak as f64 / MIB as f64);
        }
    }
    text
}
