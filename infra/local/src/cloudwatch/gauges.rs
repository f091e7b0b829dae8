//! What is not counted but looked at: the depth of queues, and the age of what is in them.

use std::time::Duration;

use sqs::Queue;

use super::metric::Metric;
use crate::queues;
use crate::queues::Queues;

/// The queues that are looked at. Those that are elsewhere cannot be, at the platform's own pace.
pub(super) struct Gauges {
    queues: Vec<Queue>,
}

/// What a look at a queue has shown.
pub(super) struct Reading {
    pub(super) metric: Metric,
    value: f64,
    /// Whether it grows as time passes.
    is_age: bool,
}

impl Gauges {
    pub(super) fn of(queues: &Queues, names: impl IntoIterator<Item = String>) -> Self {
        let own = |name: String| match queues.queue(&name) {
            Ok(queues::Queue::Own(queue)) => Some(queue),
            _ => None,
        };
        Gauges {
            queues: names.into_iter().filter_map(own).collect(),
        }
    }

    /// Looks at all of them.
    pub(super) fn read(&self) -> Vec<Reading> {
        self.queues.iter().flat_map(readings).collect()
    }
}

impl Reading {
    /// What another look would show when this time has passed and nothing has happened.
    pub(super) fn after(&self, passed: Duration) -> f64 {
        match self.is_age {
            true => self.value + passed.as_secs_f64(),
            false => self.value,
        }
    }
}

fn readings(queue: &Queue) -> Vec<Reading> {
    let reading = |name: &str, value: f64, is_age| Reading {
        metric: Metric::new("AWS/SQS", name, [("QueueName", queue.name())]),
        value,
        is_age,
    };
    let depth = queue.depth();
    let mut readings: Vec<_> = [
        ("Delayed", depth.delayed),
        ("NotVisible", depth.in_flight),
        ("Visible", depth.visible),
    ]
    .into_iter()
    .map(|(which, count)| {
        let name = format!("ApproximateNumberOfMessages{which}");
        // No queue holds more than a float can count.
        reading(
            &name,
            u32::try_from(count).map_or(f64::MAX, f64::from),
            false,
        )
    })
    .collect();
    // An empty queue has no age, and sends none.
    let age = queue.age_of_oldest();
    readings
        .extend(age.map(|age| reading("ApproximateAgeOfOldestMessage", age.as_secs_f64(), true)));
    readings
}
