//! `cargo local bench hot`: one webhook, and very many events a second, in the platform's virtual
//! time.
//!
//! A machine is no region of AWS: time passes on the platform so many times more slowly, for
//! queues, functions and the limits of DynamoDB, that the machine can keep up. The table is warm
//! enough; what counts is what one partition key takes. A webhook that was quiet is given some
//! events at first, so that it gets its keys, and then all of them.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use anyhow::{Result, ensure};
use clap::{Args, value_parser};
use local::endpoints::EVENT_QUEUE;
use local::options::Options;
use local::platform::Platform;
use local::sqs::NewMessage;
use tokio::time::{MissedTickBehavior, interval};

use super::client;
use super::events::Events;
use super::receiver::Receiver;

/// The dead letter queues, in the template.
const DEAD_LETTERS: [&str; 2] = ["EventDeadLetterQueue", "DeliveryDeadLetterQueue"];
/// What the tables take in a second, read and write units.
const WARM: &str = "200000";
/// In how many parts a second's events are sent.
const PARTS: u32 = 10;
/// For how long what was put off is waited for in the end, and in which steps.
const END: Duration = Duration::from_secs(24 * 60 * 60);
const STEP: Duration = Duration::from_secs(60);

/// How much is sent.
#[derive(Args)]
pub(super) struct HotArguments {
    /// How many events come in a second
    #[arg(long, value_name = "COUNT", default_value = "5000", value_parser = value_parser!(u32).range(10..=20_000))]
    rate: u32,

    /// For how many seconds
    #[arg(long, value_name = "SECONDS", default_value = "10", value_parser = value_parser!(u32).range(1..=600))]
    seconds: u32,

    /// How many events come in a second before that
    #[arg(long, value_name = "COUNT", default_value = "300", value_parser = value_parser!(u32).range(10..=20_000))]
    first_rate: u32,

    /// For how many seconds
    #[arg(long, value_name = "SECONDS", default_value = "75", value_parser = value_parser!(u32).range(0..=600))]
    first_seconds: u32,

    /// How many times more slowly than on this machine time passes, then; at first, so that as many
    /// events come on this machine
    #[arg(long, value_name = "TIMES", default_value = "25", value_parser = value_parser!(u32).range(1..=1000))]
    slow_motion: u32,
}

/// What became of some seconds.
struct Phase {
    what: &'static str,
    sent: usize,
    delivered: usize,
    seconds: f64,
}

/// Measures, and prints.
pub(super) async fn run(options: Options, arguments: HotArguments) -> Result<()> {
    let mut parameters = options.parameters.clone();
    for name in ["WarmReadUnitsPerSecond", "WarmWriteUnitsPerSecond"] {
        parameters.entry(name.to_owned()).or_insert(WARM.to_owned());
    }
    let platform = Platform::start(Options {
        parameters,
        limits_throughput: true,
        clock_moves: true,
        ..options
    })
    .await?;
    let receiver = Receiver::listen().await?;
    let events = Events::of_sample()?;
    let definition = client::definition(events.actor(), receiver.url());
    let endpoints = platform.endpoints();
    client::define_webhook(endpoints, &endpoints.token, &definition).await?;
    let at_first = (arguments.first_rate * arguments.slow_motion).div_ceil(arguments.rate);
    let slow = Arc::new(AtomicU32::new(at_first));
    platform.slow_down(Arc::clone(&slow))?;

    let run = Run {
        platform,
        receiver,
        events,
        slow,
    };
    let first = run
        .send("at first", arguments.first_rate, arguments.first_seconds)
        .await?;
    run.slow.store(arguments.slow_motion, Ordering::Relaxed);
    let then = run.send("then", arguments.rate, arguments.seconds).await?;
    let sent = first.sent + then.sent;
    let end = run.settle(sent).await?;
    run.report(&[first, then, end]).await
}

struct Run {
    platform: Platform,
    receiver: Receiver,
    events: Events,
    /// How many times more slowly time passes now.
    slow: Arc<AtomicU32>,
}

impl Run {
    /// Sends so many events a second of the platform's time.
    async fn send(&self, what: &'static str, rate: u32, seconds: u32) -> Result<Phase> {
        let queue = self.platform.queue(EVENT_QUEUE)?;
        let (begin, before) = (self.platform.now(), self.receiver.runs());
        let slow = self.slow.load(Ordering::Relaxed);
        let mut ticks = interval(Duration::from_secs(1) * slow / PARTS);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
        for part in 0..seconds * PARTS {
            ticks.tick().await;
            let now = self.platform.now();
            for _ in 0..rate / PARTS {
                let body = self.events.at(now)?.body;
                queue.send(NewMessage {
                    body,
                    ..NewMessage::default()
                })?;
            }
            if part % (10 * PARTS) == 0 {
                let second = part / PARTS;
                tracing::info!(
                    "{what}, second {second}: {} delivered",
                    self.receiver.runs()
                );
            }
        }
        ticks.tick().await;
        Ok(Phase {
            what,
            sent: (seconds * PARTS * (rate / PARTS)) as usize,
            delivered: self.receiver.runs() - before,
            seconds: (self.platform.now() - begin).as_seconds_f64(),
        })
    }

    /// Lets time pass until all is delivered, or enough time has passed.
    async fn settle(&self, sent: usize) -> Result<Phase> {
        let (begin, before) = (self.platform.now(), self.receiver.runs());
        let mut passed = Duration::ZERO;
        loop {
            self.platform.at_rest().await;
            if self.receiver.runs() >= sent || passed >= END {
                break;
            }
            self.platform.advance(STEP)?;
            passed += STEP;
        }
        Ok(Phase {
            what: "until the last",
            sent: 0,
            delivered: self.receiver.runs() - before,
            seconds: (self.platform.now() - begin).as_seconds_f64(),
        })
    }

    async fn report(&self, phases: &[Phase]) -> Result<()> {
        let mut dead = 0;
        for queue in DEAD_LETTERS {
            let depth = self.platform.depth(queue).await?;
            dead += depth.visible + depth.delayed + depth.in_flight;
        }
        let posts: u32 = self.receiver.take().by_run.values().sum();
        let (sent, delivered) = phases.iter().fold((0, 0), |(sent, delivered), phase| {
            (sent + phase.sent, delivered + phase.delivered)
        });
        let mut lines = vec![format!(
            "one webhook; a partition key takes 1,000 write and 3,000 read units a second; time {} times slower",
            self.slow.load(Ordering::Relaxed)
        )];
        lines.push(format!(
            "{:<16}{:>10}{:>12}{:>12}{:>16}",
            "", "seconds", "events", "delivered", "delivered/s"
        ));
        for Phase {
            what,
            sent,
            delivered,
            seconds,
        } in phases
        {
            let pace = *delivered as f64 / seconds;
            lines.push(format!(
                "{what:<16}{seconds:>10.0}{sent:>12}{delivered:>12}{pace:>16.0}"
            ));
        }
        if let Some(hottest) = self.platform.hottest_key() {
            let share = hottest.taken.write / delivered.max(1) as f64;
            lines.push(format!(
                "the hottest key, {}, took {share:.3} write units of each delivery",
                hottest.key
            ));
        }
        lines.push(format!(
            "{sent} events, {delivered} delivered, {} POSTs too many, {dead} dead letters",
            posts as usize - delivered
        ));
        super::print(&lines.join("\n"));
        ensure!(
            delivered == sent && dead == 0,
            "not every event was delivered, or there are dead letters"
        );
        Ok(())
    }
}
