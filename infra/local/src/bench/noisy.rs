//! `cargo local bench noisy`: what one user's hanging deliveries do to the latency of another's.
//!
//! One user's events come at a steady pace: first alone, then beside as many deliveries of another user as shall hang, but which are
//! answered, then beside those that hang. Each time the latency from event to POST is taken. The second time shows what so much work costs on
//! this machine, where everything shares a few processors; in AWS it costs nothing. The template's own concurrency applies, and the mappings
//! begin and grow as Lambda's do. Beside each figure stands how many processors were busy: where it comes near to what the machine has,
//! latencies tell of the machine and of nothing else.

mod hanging;
pub(super) mod latencies;
mod report;

use std::collections::HashMap;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use clap::{Args, value_parser};
use serde_json::json;
use tokio::time::{MissedTickBehavior, interval, sleep, timeout};

use super::events::Events;
use super::receiver::Receiver;
use super::{alone, client, print};
use crate::endpoints::{EVENT_QUEUE, Endpoints};
use crate::lambda::cpu;
use crate::options::Options;
use crate::platform::Platform;
use crate::sqs::{NewMessage, Queue};
use hanging::Hanging;
use latencies::Latencies;
use report::{Phase, Report};

/// Whose deliveries are answered.
const BUSY_USER: &str = "busyUser000000001";

/// Whose deliveries hang.
const NOISY_USER: &str = "noisyUser00000001";

/// How long the last delivery of a phase may take to arrive: longer than a request may hang, so that what waited for one is seen.
const PATIENCE: Duration = Duration::from_secs(400);

/// How long the processes are warmed up.
const WARM_UP: Duration = Duration::from_secs(10);

/// How much there is of everything.
#[derive(Args)]
pub(super) struct NoisyArguments {
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

    /// The receiver has answered one delivery before it hangs
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
    busy: (Events, Hanging),
    noisy: (Events, Hanging),
}

/// Measures, and prints.
pub(super) async fn run(options: Options, arguments: NoisyArguments) -> Result<()> {
    let neighbours = Neighbours::begin(options).await?;
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
    async fn begin(options: Options) -> Result<Self> {
        let platform = Platform::start(alone(options)).await?;
        let receiver = Receiver::listen().await?;
        let quiet = Events::of_sample()?;
        let endpoints = platform.endpoints();
        define_webhook(endpoints, &endpoints.token, &quiet, receiver.url()).await?;
        let busy = other(endpoints, BUSY_USER).await?;
        let noisy = other(endpoints, NOISY_USER).await?;
        Ok(Self {
            events: platform.queue(EVENT_QUEUE)?,
            platform,
            receiver,
            quiet,
            busy,
            noisy,
        })
    }

    async fn measure(&self, arguments: &NoisyArguments) -> Result<Report> {
        let phase = Duration::from_secs(arguments.seconds.into());
        tracing::info!("warming up, then {phase:?} of quiet");
        if arguments.known {
            self.send(&self.noisy.0)?;
        }
        self.latencies(arguments.pace, WARM_UP).await?;
        self.noisy.1.hang();
        let quiet = self.phase(self.latencies(arguments.pace, phase)).await?;
        let deliveries = arguments.deliveries;
        tracing::info!("{phase:?} with {deliveries} deliveries that are answered");
        let busy = self.latencies_beside(&self.busy.0, arguments);
        let busy = self.phase(busy).await?;
        tracing::info!("{phase:?} with {deliveries} deliveries that hang");
        let noisy = self.latencies_beside(&self.noisy.0, arguments);
        let noisy = self.phase(noisy).await?;
        let hanging = &self.noisy.1;
        Ok(Report::of(arguments, hanging, quiet, busy, noisy))
    }

    /// What a phase is like, with the processors that it keeps busy.
    async fn phase(&self, latencies: impl Future<Output = Result<Latencies>>) -> Result<Phase> {
        let (begin, before) = (Instant::now(), self.cpu());
        let latencies = latencies.await?;
        let took = self.cpu().saturating_sub(before);
        Ok(Phase {
            latencies,
            processors: took.as_secs_f64() / begin.elapsed().as_secs_f64(),
        })
    }

    /// The processor time of the platform, which plays AWS and the receivers, and of its functions.
    fn cpu(&self) -> Duration {
        let functions = self.platform.functions().map(|function| function.cpu());
        cpu::of_process(std::process::id()) + functions.sum::<Duration>()
    }

    async fn latencies_beside(
        &self,
        others: &Events,
        arguments: &NoisyArguments,
    ) -> Result<Latencies> {
        let noise = async {
            let mut ticks = ticks(arguments.noise_pace);
            for _ in 0..arguments.deliveries {
                ticks.tick().await;
                self.send(others)?;
            }
            Ok(())
        };
        let phase = Duration::from_secs(arguments.seconds.into());
        let (latencies, ()) = tokio::try_join!(self.latencies(arguments.pace, phase), noise)?;
        Ok(latencies)
    }

    /// Sends events of the quiet user for a time, waits for all of their POSTs, and tells how long each took.
    async fn latencies(&self, pace: u32, time: Duration) -> Result<Latencies> {
        let mut ticks = ticks(pace);
        let begin = Instant::now();
        let mut sent = HashMap::new();
        while begin.elapsed() < time {
            ticks.tick().await;
            // From just before it is sent, as its sender sees it.
            let now = Instant::now();
            sent.insert(self.send(&self.quiet)?, now);
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

    fn send(&self, events: &Events) -> Result<String> {
        let event = events.next()?;
        self.events.send(NewMessage {
            body: event.body,
            ..NewMessage::default()
        })?;
        Ok(event.run)
    }

    async fn end(self) -> Result<()> {
        self.platform.stop().await?;
        self.receiver.close().await;
        self.busy.1.close().await;
        self.noisy.1.close().await;
        Ok(())
    }
}

/// Another user, whose events go to a receiver that can hang.
async fn other(endpoints: &Endpoints, user: &str) -> Result<(Events, Hanging)> {
    let events = Events::of_sample()?.of_user(user);
    let receiver = Hanging::listen().await?;
    let token = client::make_token(endpoints, user).await?;
    define_webhook(endpoints, &token, &events, receiver.url()).await?;
    Ok((events, receiver))
}

async fn define_webhook(
    endpoints: &Endpoints,
    token: &str,
    events: &Events,
    url: &str,
) -> Result<()> {
    let definition = json!({
        "eventTypes": ["ACTOR.RUN.SUCCEEDED"],
        "condition": { "actorId": events.actor() },
        "requestUrl": url,
    });
    client::define_webhook(endpoints, token, &definition).await
}

/// So many ticks a second; what was missed is made up for.
fn ticks(pace: u32) -> tokio::time::Interval {
    let mut ticks = interval(Duration::from_secs(1) / pace);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
    ticks
}
