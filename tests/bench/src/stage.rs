//! A platform whose functions are handed their batches by hand, so that these hold exactly so many
//! messages.

use std::time::Duration;

use anyhow::{Result, bail, ensure};
use local::endpoints::EVENT_QUEUE;
use local::lambda::invocation::Outcome;
use local::options::Options;
use local::platform::Platform;

use super::events::Events;
use super::receiver::Receiver;
use super::{batch, client};

/// The queues that feed `deliver`, in the template.
pub(super) const DELIVERY_QUEUE: &str = "DeliveryQueue";
pub(super) const SLOW_QUEUE: &str = "SlowDeliveryQueue";

/// How many deliveries a host earns its trust with.
const FIRST: usize = 20;

/// A platform with one webhook, whose queues feed nothing.
pub(super) struct Stage {
    platform: Platform,
    receiver: Receiver,
    events: Events,
}

impl Stage {
    pub(super) async fn begin(options: Options) -> Result<Self> {
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
    pub(super) async fn earn_trust(&self) -> Result<()> {
        self.invoke("ingest", self.events(FIRST, FIRST)?).await?;
        let deliveries = self.deliveries(FIRST, SLOW_QUEUE).await?;
        self.invoke("deliver", deliveries).await?;
        self.arrived(FIRST)
    }

    pub(super) fn platform(&self) -> &Platform {
        &self.platform
    }

    /// Has a function of the platform carry out these invocations, one after the other.
    pub(super) async fn invoke(&self, function: &str, invocations: Vec<String>) -> Result<()> {
        for invocation in invocations {
            match self.platform.invoke(function, invocation).await? {
                Outcome::Answered(_) => {}
                outcome => bail!("{function} has failed: {outcome:?}"),
            }
        }
        Ok(())
    }

    /// So many new events, a batch in each payload.
    pub(super) fn events(&self, count: usize, batch: usize) -> Result<Vec<String>> {
        let queue = self.platform.queue(EVENT_QUEUE)?.arn();
        let bodies = (0..count).map(|_| Ok(self.events.next()?.body));
        let bodies: Vec<String> = bodies.collect::<Result<_>>()?;
        Ok(payloads(&bodies, batch, &queue))
    }

    /// All deliveries that wait, as from that queue.
    pub(super) async fn deliveries(&self, batch: usize, source: &str) -> Result<Vec<String>> {
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
    pub(super) fn arrived(&self, count: usize) -> Result<()> {
        let arrivals = self.receiver.take().by_run;
        let posts: u32 = arrivals.values().sum();
        ensure!(
            arrivals.len() == count && posts as usize == count,
            "of {count} deliveries {} arrived, in {posts} POSTs",
            arrivals.len()
        );
        Ok(())
    }

    pub(super) async fn end(self) -> Result<()> {
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
