//! Batches of the slow lane, which may hold hundreds: of test deliveries, which always go there.

use std::future::ready;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use anyhow::{Result, ensure};
use axum::Router;
use axum::routing::post;
use futures::{StreamExt, TryStreamExt, stream};
use local::gateway::capacity::Capacity;
use local::options::Options;
use local::platform::Platform;

use super::super::client;
use super::super::events::Events;
use super::super::receiver::Receiver;
use super::{Course, Curve, Point};

/// The largest batches that are measured.
const BATCHES: [usize; 3] = [10, 100, 500];
/// How many trials are asked for at the same time.
const AT_ONCE: usize = 16;
/// How many pass before it counts.
const WARM_UP: usize = 20;

/// What a delivery takes in larger and larger batches.
pub(super) async fn curve(options: &Options, deliveries: usize) -> Result<Curve> {
    let mut points = Vec::new();
    for batch in BATCHES {
        tracing::info!("deliveries in a batch of the slow lane: {batch}");
        points.push(measure(options.clone(), batch, deliveries).await?);
    }
    Ok(Curve {
        what: "deliveries in a batch of the slow lane, at most",
        course: Course::Falling,
        points,
    })
}

async fn measure(options: Options, batch: usize, deliveries: usize) -> Result<Point> {
    let mut parameters = options.parameters.clone();
    for (name, value) in [
        ("SlowDeliveryBatchSize", batch.to_string()),
        ("SlowDeliveryConcurrency", "2".to_owned()),
        ("TestsPerMinute", "1000000".to_owned()),
    ] {
        parameters.insert(name.to_owned(), value);
    }
    let platform = Platform::start(Options {
        parameters,
        meters_capacity: true,
        ..options
    })
    .await?;
    let arrived = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&arrived);
    let count = move || {
        counter.fetch_add(1, Ordering::Relaxed);
        ready(())
    };
    let receiver = Receiver::listen_beside(Router::new().route("/trial", post(count))).await?;
    let endpoints = platform.endpoints();
    let events = Events::of_sample()?;
    let definition = client::definition(events.actor(), &receiver.url_of("/trial"));
    let webhook = client::define_webhook(endpoints, &endpoints.token, &definition).await?;
    let ask = async |count: usize| {
        let trials = stream::iter(0..count)
            .map(|_| client::try_out(&endpoints.api, &endpoints.token, &webhook))
            .buffer_unordered(AT_ONCE);
        trials.try_collect::<Vec<bool>>().await?;
        platform.settled().await;
        anyhow::Ok(())
    };
    ask(WARM_UP).await?;
    let before = Taken::of(&platform)?;
    ask(deliveries).await?;
    let after = Taken::of(&platform)?;
    let all = arrived.load(Ordering::Relaxed);
    ensure!(all == WARM_UP + deliveries, "{all} trials arrived");
    platform.stop().await?;
    receiver.close().await;
    Ok(after.since(&before, batch, deliveries as f64))
}

/// What `deliver` has taken so far.
struct Taken {
    cpu: Duration,
    calls: u64,
    capacity: Capacity,
}

impl Taken {
    fn of(platform: &Platform) -> Result<Self> {
        let calls = platform.calls().into_iter();
        let own = calls.filter(|(call, _)| call.caller == "deliver");
        Ok(Self {
            cpu: platform.cpu("deliver")?,
            calls: own.map(|(_, count)| count).sum(),
            capacity: platform.consumed().remove("deliver").unwrap_or_default(),
        })
    }

    fn since(&self, before: &Self, at: usize, deliveries: f64) -> Point {
        Point {
            at,
            ingest_micros: 0.0,
            deliver_micros: 1e6 * (self.cpu - before.cpu).as_secs_f64() / deliveries,
            ingest_calls: 0.0,
            deliver_calls: (self.calls - before.calls) as f64 / deliveries,
            write_units: (self.capacity.write - before.capacity.write) / deliveries,
            read_units: (self.capacity.read - before.capacity.read) / deliveries,
        }
    }
}
