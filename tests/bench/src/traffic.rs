//! A platform with one webhook, and events that pass through it.

use std::collections::{BTreeMap, HashMap};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use local::endpoints::EVENT_QUEUE;
use local::gateway::calls::{Call, Service};
use local::gateway::capacity::Capacity;
use local::options::Options;
use local::platform::Platform;
use local::sqs::NewMessage;
use tokio::time::{Interval, MissedTickBehavior, interval};

use super::client;
use super::events::{Event, Events};
use super::noisy::latencies::Latencies;
use super::receiver::{Arrivals, Receiver};

/// A platform that waits for events.
pub(super) struct Traffic {
    platform: Platform,
    receiver: Receiver,
    events: Events,
    filler: usize,
    /// The ids of the webhooks.
    webhooks: Vec<String>,
}

/// What it took to have some events delivered.
pub(super) struct Passage {
    /// How many events there were.
    pub(super) events: usize,
    /// The bytes of all event messages.
    pub(super) event_bytes: usize,
    /// The bytes of all POSTs' bodies.
    pub(super) post_bytes: usize,
    /// From the first event that was sent to the last POST that arrived.
    pub(super) took: Duration,
    /// From each event that was sent to its POST.
    pub(super) latencies: Latencies,
    /// How many events were never POSTed.
    pub(super) missing: usize,
    /// How many POSTs there were too many.
    pub(super) surplus: usize,
    cpu: BTreeMap<String, Duration>,
    calls: BTreeMap<Call, u64>,
    /// Nothing unless it was metered.
    capacity: BTreeMap<String, Capacity>,
}

/// What was counted up to a moment.
struct Counts {
    cpu: BTreeMap<String, Duration>,
    calls: BTreeMap<Call, u64>,
    capacity: BTreeMap<String, Capacity>,
}

impl Traffic {
    /// Starts a platform and defines the webhook, as a user does.
    pub(super) async fn begin(options: Options) -> Result<Self> {
        Self::begin_with(options, 1, 0).await
    }

    /// The same with so many webhooks that are all called for every event, and so many bytes more
    /// in each event.
    pub(super) async fn begin_with(
        options: Options,
        webhooks: usize,
        filler: usize,
    ) -> Result<Self> {
        let platform = Platform::start(options).await?;
        let receiver = Receiver::listen().await?;
        let events = Events::of_sample()?;
        let definition = client::definition(events.actor(), receiver.url());
        let endpoints = platform.endpoints();
        let mut ids = Vec::with_capacity(webhooks);
        for _ in 0..webhooks {
            ids.push(client::define_webhook(endpoints, &endpoints.token, &definition).await?);
        }
        Ok(Self {
            platform,
            receiver,
            events,
            filler,
            webhooks: ids,
        })
    }

    /// The ids of the webhooks that are called.
    pub(super) fn webhooks(&self) -> &[String] {
        &self.webhooks
    }

    /// Whose events they are.
    pub(super) fn user(&self) -> &str {
        self.events.user()
    }

    pub(super) fn platform(&self) -> &Platform {
        &self.platform
    }

    /// Sends so many events, at once or so many a second, and waits until all that they set off has
    /// come to its end.
    pub(super) async fn pass(&self, count: usize, pace: Option<u32>) -> Result<Passage> {
        let events: Vec<_> = (0..count)
            .map(|_| Ok(self.events.next()?.with_filler(self.filler)))
            .collect::<Result<_>>()?;
        let before = self.counts()?;
        let begin = Instant::now();
        let queue = self.platform.queue(EVENT_QUEUE)?;
        let mut ticks = pace.map(ticks);
        let mut sent = HashMap::with_capacity(count);
        for event in &events {
            if let Some(ticks) = &mut ticks {
                ticks.tick().await;
            }
            sent.insert(event.run.as_str(), Instant::now());
            queue.send(NewMessage {
                body: event.body.clone(),
                ..NewMessage::default()
            })?;
        }
        let settled = async {
            self.platform.settled().await;
            Ok(())
        };
        self.platform.unless_denied(settled).await?;
        let counts = self.counts()?.since(&before);
        let arrivals = self.receiver.take();
        let latencies = latencies(&sent, &arrivals)?;
        Passage::of(&events, arrivals, (begin, latencies), counts)
    }

    pub(super) async fn end(self) -> Result<()> {
        self.platform.stop().await?;
        self.receiver.close().await;
        Ok(())
    }

    fn counts(&self) -> Result<Counts> {
        let names = self
            .platform
            .functions()
            .map(|function| &function.settings().short_name);
        let cpu = names.map(|name| Ok((name.clone(), self.platform.cpu(name)?)));
        Ok(Counts {
            cpu: cpu.collect::<Result<_>>()?,
            calls: self.platform.calls(),
            capacity: self.platform.consumed(),
        })
    }
}

/// So many ticks a second; what was missed is made up for.
pub(super) fn ticks(pace: u32) -> Interval {
    let mut ticks = interval(Duration::from_secs(1) / pace);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
    ticks
}

fn latencies(sent: &HashMap<&str, Instant>, arrivals: &Arrivals) -> Result<Latencies> {
    let took = sent.iter().filter_map(|(run, sent)| {
        let arrived = arrivals.first_by_run.get(*run)?;
        Some(arrived.saturating_duration_since(*sent))
    });
    Latencies::of(took.collect())
}

impl Counts {
    fn since(mut self, before: &Self) -> Self {
        for (function, cpu) in &mut self.cpu {
            *cpu -= before.cpu.get(function).copied().unwrap_or_default();
        }
        for (call, count) in &mut self.calls {
            *count -= before.calls.get(call).copied().unwrap_or_default();
        }
        for (function, consumed) in &mut self.capacity {
            let earlier = before.capacity.get(function).copied().unwrap_or_default();
            consumed.read -= earlier.read;
            consumed.write -= earlier.write;
        }
        self.calls.retain(|_, count| *count > 0);
        self
    }
}

impl Passage {
    fn of(
        events: &[Event],
        arrivals: Arrivals,
        (begin, latencies): (Instant, Latencies),
        counts: Counts,
    ) -> Result<Self> {
        let last = arrivals.last.context("no event was delivered")?;
        let posts: u32 = arrivals.by_run.values().sum();
        let delivered = events
            .iter()
            .filter(|event| arrivals.by_run.contains_key(&event.run))
            .count();
        Ok(Self {
            events: events.len(),
            event_bytes: events.iter().map(|event| event.body.len()).sum(),
            post_bytes: arrivals.bytes,
            took: last - begin,
            latencies,
            missing: events.len() - delivered,
            surplus: posts as usize - delivered,
            cpu: counts.cpu,
            calls: counts.calls,
            capacity: counts.capacity,
        })
    }

    /// The share of one event.
    pub(super) fn per_event(&self, all: f64) -> f64 {
        all / self.events as f64
    }

    /// The processor time of a function for one event, in seconds.
    pub(super) fn cpu_seconds(&self, function: &str) -> f64 {
        let cpu = self.cpu.get(function).copied().unwrap_or_default();
        self.per_event(cpu.as_secs_f64())
    }

    /// The calls of a function for one event, by service and operation.
    pub(super) fn calls_of(&self, function: &str) -> BTreeMap<String, f64> {
        let own = self
            .calls
            .iter()
            .filter(|(call, _)| call.caller == function);
        own.map(|(call, &count)| {
            let service = match call.service {
                Service::DynamoDb => "DynamoDB",
                Service::Sqs => "SQS",
                Service::SecretsManager => "Secrets Manager",
            };
            let operation = format!("{service} {}", call.operation);
            (operation, self.per_event(count as f64))
        })
        .collect()
    }

    /// The capacity that a function consumed for one event.
    pub(super) fn capacity_of(&self, function: &str) -> Capacity {
        let Capacity { read, write } = self.capacity.get(function).copied().unwrap_or_default();
        Capacity {
            read: self.per_event(read),
            write: self.per_event(write),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_that_are_missing_or_came_twice_are_noticed() {
        let event = |run: &str| Event {
            run: run.to_owned(),
            body: String::new(),
        };
        let events = ["once", "twice", "never"].map(event);
        let by_run = [("once", 1), ("twice", 2), ("stranger", 1)];
        let arrivals = Arrivals {
            by_run: by_run.map(|(run, posts)| (run.to_owned(), posts)).into(),
            first_by_run: HashMap::new(),
            bytes: 0,
            last: Some(Instant::now()),
        };
        let counts = Counts {
            cpu: BTreeMap::new(),
            calls: BTreeMap::new(),
            capacity: BTreeMap::new(),
        };
        let latencies = Latencies::of(vec![Duration::ZERO]).unwrap();
        let begin = (Instant::now(), latencies);
        let passage = Passage::of(&events, arrivals, begin, counts).unwrap();
        assert_eq!((passage.missing, passage.surplus), (1, 2));
    }
}
