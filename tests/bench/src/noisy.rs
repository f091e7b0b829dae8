//! `cargo local bench noisy`: what one user's hanging deliveries do to the latency of another's.
//!
//! One user's events come at a steady pace: first alone, then beside as many deliveries of another
//! user as shall hang, but which are answered, then beside those that hang. Each time the latency
//! from event to POST is taken. The second time shows what so much work costs on this machine,
//! where everything shares a few processors; in AWS it costs nothing. The template's own
//! concurrency applies, and the mappings begin and grow as Lambda's do. Beside each figure stands
//! how many processors were busy: where it comes near to what the machine has, latencies tell of
//! the machine and of nothing else.

mod attack;
mod hanging;
pub(super) mod latencies;
mod neighbour;
mod report;
mod unanswered;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use clap::{Args, value_parser};
use local::endpoints::EVENT_QUEUE;
use local::lambda::cpu;
use local::options::Options;
use local::platform::Platform;
use local::sqs::{NewMessage, Queue};
use tokio::time::{sleep, timeout};

use super::events::{Event, Events};
use super::receiver::Receiver;
use super::traffic::ticks;
use super::{alone, client, print};
use attack::Attack;
use latencies::Latencies;
use neighbour::{BUSY, NOISY, Neighbour};
use report::{Phase, Report};

/// How long the last delivery of a phase may take to arrive: longer than a request may hang, so
/// that what waited for one is seen.
const PATIENCE: Duration = Duration::from_secs(400);

/// How long the processes are warmed up.
const WARM_UP: Duration = Duration::from_secs(10);

/// How much there is of everything.
#[derive(Args)]
pub(super) struct NoisyArguments {
    /// What hangs, and how it is called
    #[arg(long, value_name = "KIND", value_enum, default_value_t = Attack::Deliveries)]
    attack: Attack,

    /// How many deliveries hang
    #[arg(long, value_name = "COUNT", default_value = "10000", value_parser = value_parser!(u32).range(1..))]
    deliveries: u32,

    /// How many of them come in a second
    #[arg(long, value_name = "COUNT", default_value = "100", value_parser = value_parser!(u32).range(1..=1000))]
    noise_pace: u32,

    /// How many deliveries of the other user come in a second
    #[arg(long, value_name = "COUNT", default_value = "20", value_parser = value_parser!(u32).range(1..=1000))]
    pace: u32,

    /// How many seconds each phase takes; the other deliveries come at its beginning
    #[arg(long, value_name = "SECONDS", default_value = "120", value_parser = value_parser!(u32).range(1..))]
    seconds: u32,

    /// The receivers' host has answered one delivery before it hangs
    #[arg(long)]
    known: bool,

    /// Print JSON instead of a table
    #[arg(long)]
    json: bool,
}

/// A platform with a quiet user and two others.
struct Neighbours {
    platform: Platform,
    events: Queue,
    receiver: Receiver,
    quiet: Events,
    busy: Neighbour,
    noisy: Neighbour,
}

/// Measures, and prints.
pub(super) async fn run(options: Options, arguments: NoisyArguments) -> Result<()> {
    arguments.attack.check(arguments.known)?;
    let neighbours = Neighbours::begin(options, arguments.attack).await?;
    let measure = neighbours.measure(&arguments);
    let report = neighbours.platform.unless_denied(measure).await?;
    neighbours.end().await?;
    match arguments.json {
        true => print(&serde_json::to_string_pretty(&report)?),
        false => print(report.to_string().trim_end()),
    }
    Ok(())
}

impl Neighbours {
    async fn begin(mut options: Options, attack: Attack) -> Result<Self> {
        for (name, value) in attack.parameters() {
            // What somebody has asked for is what is measured.
            options.parameters.entry(name).or_insert(value);
        }
        let platform = Platform::start(alone(options)).await?;
        let (busy, noisy) = (Arc::default(), Arc::default());
        let others = attack::beside_webhook([(&BUSY, &busy), (&NOISY, &noisy)]);
        let receiver = Receiver::listen_beside(others).await?;
        let quiet = Events::of_sample()?;
        let endpoints = platform.endpoints();
        let definition = client::definition(quiet.actor(), receiver.url());
        client::define_webhook(endpoints, &endpoints.token, &definition).await?;
        Ok(Self {
            events: platform.queue(EVENT_QUEUE)?,
            busy: Neighbour::begin(attack, &BUSY, busy, &receiver, &platform).await?,
            noisy: Neighbour::begin(attack, &NOISY, noisy, &receiver, &platform).await?,
            platform,
            receiver,
            quiet,
        })
    }

    async fn measure(&self, arguments: &NoisyArguments) -> Result<Report> {
        let phase = Duration::from_secs(arguments.seconds.into());
        tracing::info!("warming up, then {phase:?} of quiet");
        if arguments.known {
            self.noisy.ask(1, 1, &self.events).await?;
        }
        self.latencies(arguments.pace, WARM_UP).await?;
        self.noisy.unanswered.begin();
        let alone = async { Ok((self.latencies(arguments.pace, phase).await?, 0)) };
        let quiet = self.phase(alone).await?;
        let deliveries = arguments.deliveries;
        tracing::info!("{phase:?} with {deliveries} deliveries that are answered");
        let busy = self.latencies_beside(&self.busy, arguments);
        let busy = self.phase(busy).await?;
        tracing::info!("{phase:?} with {deliveries} deliveries that are not");
        let noisy = self.latencies_beside(&self.noisy, arguments);
        let noisy = self.phase(noisy).await?;
        let unanswered = &self.noisy.unanswered;
        Ok(Report::of(arguments, unanswered, quiet, busy, noisy))
    }

    /// What a phase is like, with the processors that it keeps busy.
    async fn phase(
        &self,
        measure: impl Future<Output = Result<(Latencies, usize)>>,
    ) -> Result<Phase> {
        let (begin, before) = (Instant::now(), self.cpu());
        let (latencies, refused) = measure.await?;
        let took = self.cpu().saturating_sub(before);
        Ok(Phase {
            latencies,
            processors: took.as_secs_f64() / begin.elapsed().as_secs_f64(),
            refused,
        })
    }

    /// The processor time of the platform, which plays AWS and the receivers, and of its functions.
    fn cpu(&self) -> Duration {
        let functions = self.platform.functions().map(|function| function.cpu());
        cpu::of_process(std::process::id()) + functions.sum::<Duration>()
    }

    /// How long deliveries take beside another user's, and how many of those are refused.
    async fn latencies_beside(
        &self,
        other: &Neighbour,
        arguments: &NoisyArguments,
    ) -> Result<(Latencies, usize)> {
        let phase = Duration::from_secs(arguments.seconds.into());
        tokio::try_join!(
            self.latencies(arguments.pace, phase),
            other.ask(arguments.deliveries, arguments.noise_pace, &self.events)
        )
    }

    /// Sends events of the quiet user for a time, waits for all of their POSTs, and tells how long
    /// each took.
    async fn latencies(&self, pace: u32, time: Duration) -> Result<Latencies> {
        let mut ticks = ticks(pace);
        let begin = Instant::now();
        let mut sent = HashMap::new();
        while begin.elapsed() < time {
            ticks.tick().await;
            // From just before it is sent, as its sender sees it.
            let now = Instant::now();
            let event = self.quiet.next()?;
            sent.insert(event.run.clone(), now);
            send(&self.events, event)?;
        }
        let all_here = async {
            while self.receiver.runs() < sent.len() {
                sleep(Duration::from_millis(50)).await;
            }
        };
        let in_time = timeout(PATIENCE, all_here).await;
        let arrivals = self.receiver.take();
        ensure!(
            in_time.is_ok(),
            "only {} of {} deliveries have arrived after {PATIENCE:?}",
            arrivals.by_run.len(),
            sent.len()
        );
        let sent = sent.iter();
        let took = sent.filter_map(|(run, sent)| {
            let arrived = arrivals.first_by_run.get(run)?;
            Some(arrived.saturating_duration_since(*sent))
        });
        Latencies::of(took.collect())
    }

    async fn end(self) -> Result<()> {
        self.platform.stop().await?;
        self.receiver.close().await;
        self.busy.end().await;
        self.noisy.end().await;
        Ok(())
    }
}

/// Puts an event on the event queue.
fn send(queue: &Queue, event: Event) -> Result<()> {
    queue.send(NewMessage {
        body: event.body,
        ..NewMessage::default()
    })?;
    Ok(())
}
