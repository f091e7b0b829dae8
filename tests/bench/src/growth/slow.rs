//! Batches of the slow lane, which may hold hundreds.

use std::time::Duration;

use anyhow::Result;
use local::gateway::capacity::Capacity;
use local::options::Options;
use local::platform::Platform;

use super::super::stage::{SLOW_QUEUE, Stage};
use super::{Course, Curve, Point};

/// What becomes more.
pub(super) const WHAT: &str = "deliveries in a batch of the slow lane";
/// The largest batches that are measured.
const BATCHES: [usize; 3] = [10, 100, 500];
/// How many events are in a batch before.
const EVENTS: usize = 10;

/// What a delivery takes in larger and larger batches.
pub(super) async fn curve(options: &Options, deliveries: usize) -> Result<Curve> {
    let mut points = Vec::new();
    for batch in BATCHES {
        tracing::info!("deliveries in a batch of the slow lane: {batch}");
        points.push(measure(options.clone(), batch, deliveries).await?);
    }
    Ok(Curve {
        what: WHAT,
        course: Course::Falling,
        points,
    })
}

async fn measure(options: Options, batch: usize, deliveries: usize) -> Result<Point> {
    let stage = Stage::begin(Options {
        meters_capacity: true,
        ..options
    })
    .await?;
    stage.earn_trust().await?;
    let deliveries = deliveries.next_multiple_of(batch);
    stage
        .invoke("ingest", stage.events(deliveries, EVENTS)?)
        .await?;
    let invocations = stage.deliveries(batch, SLOW_QUEUE).await?;
    let before = Taken::of(stage.platform())?;
    stage.invoke("deliver", invocations).await?;
    let after = Taken::of(stage.platform())?;
    stage.arrived(deliveries)?;
    stage.end().await?;
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
