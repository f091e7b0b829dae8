//! `cargo local bench growth`: what a delivery costs as something becomes more: events in a batch,
//! webhooks of an event, bytes of it, other webhooks of its user, records of its webhook.
//!
//! Calls and capacity units of what should be flat are held to that, and no curve may be worse than
//! linear. Processor time is printed, and judged by whoever reads it: a machine has other things to
//! do.

mod seeds;
mod slow;
mod table;

use std::collections::BTreeMap;

use anyhow::{Result, ensure};
use clap::{Args, value_parser};
use local::options::Options;

use super::traffic::{Passage, Traffic};

/// How many events pass before it counts.
const WARM_UP: usize = 100;
/// By how much what is flat may differ.
const TOLERANCE: f64 = 0.05;

/// How much is measured.
#[derive(Args)]
pub(super) struct GrowthArguments {
    /// How many deliveries each figure is the average of
    #[arg(long, value_name = "COUNT", default_value = "1000", value_parser = value_parser!(u32).range(100..=100_000))]
    deliveries: u32,

    /// The most records behind a webhook
    #[arg(long, value_name = "COUNT", default_value = "100000", value_parser = value_parser!(u32).range(0..=1_000_000))]
    records: u32,

    /// The most other webhooks of a user
    #[arg(long, value_name = "COUNT", default_value = "10000", value_parser = value_parser!(u32).range(10..=100_000))]
    webhooks: u32,

    /// Only the curves whose names hold this, such as "slow lane"
    #[arg(long, value_name = "WORDS", default_value = "")]
    only: String,
}

/// What a delivery is like.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shape {
    pub(super) batch: usize,
    pub(super) fan_out: usize,
    /// Bytes of an event beyond those of the sample.
    pub(super) filler: usize,
    pub(super) others: usize,
    pub(super) records: usize,
}

const USUAL: Shape = Shape {
    batch: 10,
    fan_out: 1,
    filler: 0,
    others: 0,
    records: 0,
};

/// What becomes more, and how the cost of a delivery is to follow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Course {
    /// It does not.
    Flat,
    /// It becomes less.
    Falling,
    /// It becomes more, and not more than in proportion.
    Linear,
}

/// One curve.
pub(super) struct Curve {
    pub(super) what: &'static str,
    pub(super) course: Course,
    pub(super) points: Vec<Point>,
}

/// What one delivery takes, of both functions.
#[derive(Clone, Debug)]
pub(super) struct Point {
    pub(super) at: usize,
    pub(super) ingest_micros: f64,
    pub(super) deliver_micros: f64,
    pub(super) ingest_calls: f64,
    pub(super) deliver_calls: f64,
    pub(super) write_units: f64,
    pub(super) read_units: f64,
}

/// Measures, and prints.
pub(super) async fn run(options: Options, arguments: GrowthArguments) -> Result<()> {
    let deliveries = arguments.deliveries as usize;
    let mut curves = Vec::new();
    for (what, course, steps) in courses(&arguments) {
        if !what.contains(&arguments.only) {
            continue;
        }
        let mut points = Vec::new();
        for (at, shape) in steps {
            tracing::info!("{what}: {at}");
            points.push(measure(options.clone(), at, shape, deliveries).await?);
        }
        curves.push(Curve {
            what,
            course,
            points,
        });
    }
    if slow::WHAT.contains(&arguments.only) {
        curves.push(slow::curve(&options, deliveries).await?);
    }
    super::print(&table::of(&curves));
    let broken: Vec<_> = curves.iter().filter_map(Curve::fault).collect();
    ensure!(broken.is_empty(), "{}", broken.join("; "));
    Ok(())
}

/// What becomes more by and by.
type Steps = Vec<(usize, Shape)>;

/// What is measured, but for the slow lane.
fn courses(arguments: &GrowthArguments) -> [(&'static str, Course, Steps); 5] {
    let up_to = |most: u32| {
        let steps = [10, 100, 1000, 10_000, 100_000, 1_000_000];
        steps.into_iter().filter(move |step| *step <= most as usize)
    };
    let records = [0]
        .into_iter()
        .chain(up_to(arguments.records).filter(|step| *step >= 1000));
    let batches: Steps = [1, 2, 5, 10, 100]
        .map(|batch| (batch, Shape { batch, ..USUAL }))
        .into();
    let fans: Steps = [1, 10, 100]
        .map(|fan_out| (fan_out, Shape { fan_out, ..USUAL }))
        .into();
    let sizes: Steps = [2, 20, 200]
        .map(|kilobytes| {
            (
                kilobytes,
                Shape {
                    filler: (kilobytes - 2) * 1024,
                    ..USUAL
                },
            )
        })
        .into();
    let others: Steps = up_to(arguments.webhooks)
        .map(|others| (others, Shape { others, ..USUAL }))
        .collect();
    let records: Steps = records
        .map(|records| (records, Shape { records, ..USUAL }))
        .collect();
    [
        ("events in a batch", Course::Falling, batches),
        ("webhooks of an event", Course::Falling, fans),
        ("kilobytes of an event", Course::Linear, sizes),
        ("the user's other webhooks", Course::Flat, others),
        ("records of the webhook", Course::Flat, records),
    ]
}

async fn measure(options: Options, at: usize, shape: Shape, deliveries: usize) -> Result<Point> {
    let window = if shape.batch > 10 { "1" } else { "0" };
    let mut parameters: BTreeMap<String, String> = [
        ("EventBatchSize", shape.batch.to_string()),
        ("EventBatchWindowSeconds", window.to_owned()),
        ("DeliveryBatchSize", shape.batch.min(10).to_string()),
        ("EventConcurrency", "2".to_owned()),
        ("DeliveryConcurrency", "2".to_owned()),
        ("WebhooksPerUser", "1000".to_owned()),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into();
    parameters.extend(options.parameters.clone());
    let options = Options {
        parameters,
        meters_capacity: true,
        ..options
    };
    let traffic = Traffic::begin_with(options, shape.fan_out, shape.filler).await?;
    // The first fills caches and says what an item is like.
    traffic.pass(WARM_UP.div_ceil(shape.fan_out), None).await?;
    seeds::sow(&traffic, shape).await?;
    let events = deliveries.div_ceil(shape.fan_out).max(shape.batch);
    let passage = traffic.pass(events, None).await?;
    let is_complete = passage.missing == 0 && passage.surplus == events * (shape.fan_out - 1);
    ensure!(is_complete, "not every webhook was called exactly once");
    traffic.end().await?;
    Ok(Point::of(at, &passage, shape.fan_out as f64))
}

impl Point {
    fn of(at: usize, passage: &Passage, fan_out: f64) -> Self {
        let micros = |function| 1e6 * passage.cpu_seconds(function) / fan_out;
        let calls = |function| passage.calls_of(function).values().sum::<f64>() / fan_out;
        let [ingest, deliver] = ["ingest", "deliver"].map(|function| passage.capacity_of(function));
        Point {
            at,
            ingest_micros: micros("ingest"),
            deliver_micros: micros("deliver"),
            ingest_calls: calls("ingest"),
            deliver_calls: calls("deliver"),
            write_units: (ingest.write + deliver.write) / fan_out,
            read_units: (ingest.read + deliver.read) / fan_out,
        }
    }

    pub(super) fn micros(&self) -> f64 {
        self.ingest_micros + self.deliver_micros
    }

    fn figures(&self) -> [(&'static str, f64); 3] {
        [
            ("calls", self.ingest_calls + self.deliver_calls),
            ("write units", self.write_units),
            ("read units", self.read_units),
        ]
    }
}

impl Curve {
    /// What is wrong with it.
    fn fault(&self) -> Option<String> {
        self.points.windows(2).find_map(|pair| {
            let [before, after] = pair else { return None };
            let more = after.at as f64 / before.at.max(1) as f64;
            let mut figures = before.figures().into_iter().zip(after.figures());
            let worse = figures.find(|((_, before), (_, after))| {
                let most = match self.course {
                    Course::Flat => before * (1.0 + TOLERANCE),
                    Course::Falling => before * (1.0 + TOLERANCE),
                    Course::Linear => before * more * (1.0 + TOLERANCE),
                };
                *after > most
            });
            let ((what, _), _) = worse?;
            let (from, to) = (before.at, after.at);
            Some(format!("{}: {what} grow from {from} to {to}", self.what))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn curve(course: Course, calls: [f64; 2]) -> Curve {
        let point = |(at, calls)| Point {
            at,
            ingest_micros: 1.0,
            deliver_micros: 1.0,
            ingest_calls: calls,
            deliver_calls: 1.0,
            write_units: 1.0,
            read_units: 1.0,
        };
        let points = [(10, calls[0]), (100, calls[1])].map(point).into();
        Curve {
            what: "x",
            course,
            points,
        }
    }

    #[test]
    fn what_should_be_flat_and_grows_is_named() {
        assert_eq!(curve(Course::Flat, [1.0, 1.05]).fault(), None);
        let fault = curve(Course::Flat, [1.0, 1.2]).fault();
        assert_eq!(fault.as_deref(), Some("x: calls grow from 10 to 100"));
        assert!(curve(Course::Falling, [1.0, 1.2]).fault().is_some());
        assert_eq!(curve(Course::Falling, [1.0, 0.2]).fault(), None);
    }

    #[test]
    fn what_grows_faster_than_what_it_depends_on_is_named() {
        assert_eq!(curve(Course::Linear, [1.0, 18.0]).fault(), None);
        assert!(curve(Course::Linear, [1.0, 25.0]).fault().is_some());
    }
}
