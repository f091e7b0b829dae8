//! One batch of delivery messages, from the queue to the acknowledgement.

use std::sync::Arc;
use std::time::Duration;

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};
use domain::delivery_message::DeliveryMessage;
use domain::endpoint::Lane;
use domain::signature::MasterKeys;
use queue::Held;
use runtime::clock;
use runtime::metrics::Metrics;
use store::Load;
use tokio::sync::mpsc::{self, UnboundedSender};

use crate::Deliver;
use crate::report::{Begun, Report};
use crate::time_limit::TimeLimit;

/// One attempt that is asked for, and the messages that ask for it: a batch may hold one twice.
#[derive(Debug)]
struct Asked {
    message: DeliveryMessage,
    held: Vec<Held>,
}

/// What all messages of a batch have in common.
#[derive(Clone)]
pub(crate) struct Round {
    pub(crate) keys: MasterKeys,
    pub(crate) limit: TimeLimit,
    pub(crate) lane: Lane,
    /// How long each event took to its first POST.
    pub(crate) latencies: UnboundedSender<Duration>,
}

/// See the crate's documentation for the steps.
pub(crate) async fn handle(
    deliver: &Arc<Deliver>,
    batch: SqsEvent,
    limit: TimeLimit,
) -> SqsBatchResponse {
    let mut report = Report::default();
    let lane = deliver.lane_of(&batch);
    let asked = parse(batch.records, &mut report);
    let messages: Vec<_> = asked.iter().map(|asked| asked.message.clone()).collect();
    // A process asks for the keys once, while its first batch is loaded, and now and then after that.
    let (loads, keys) = tokio::join!(deliver.store.load(&messages), deliver.keys.at(clock::now()));
    let targets = deliver.targets(&loads).await;
    let (latencies, mut known) = mpsc::unbounded_channel();
    let begin = |((Asked { message, held }, load), target): ((Asked, Result<Load, _>), _)| {
        let (deliver, keys) = (Arc::clone(deliver), keys.clone());
        let latencies = latencies.clone();
        let task = tokio::spawn(async move {
            let round = Round {
                keys: keys?,
                limit,
                lane,
                latencies,
            };
            // A whole delivery is a large future: on the heap it is moved by its address.
            Box::pin(deliver.deliver(message, load?, target, &round)).await
        });
        Begun { held, task }
    };
    let begun: Vec<Begun> = asked
        .into_iter()
        .zip(loads)
        .zip(targets)
        .map(begin)
        .collect();
    report.await_all(begun).await;
    let mut metrics = Metrics::new(&deliver.config.stack, "deliver");
    report.count(&mut metrics);
    let known: Vec<_> = std::iter::from_fn(|| known.try_recv().ok()).collect();
    metrics.times("EventToPost", &known);
    // What follows may take its time, or find the time over.
    metrics.emit(clock::now());
    report.give_back(deliver.source(lane)).await
}

/// Reads each message on its own. We wrote them: one that cannot be read is a fault of ours, and goes the way of faults, to the
/// dead-letter queue and its alarm.
fn parse(records: Vec<SqsMessage>, report: &mut Report) -> Vec<Asked> {
    let mut all: Vec<Asked> = Vec::with_capacity(records.len());
    for record in records {
        let held = Held::of(&record);
        let message = match DeliveryMessage::from_json(&record.body.unwrap_or_default()) {
            Ok(message) => message,
            Err(error) => {
                report.fail(vec![held], &error.into());
                continue;
            }
        };
        match all.iter_mut().find(|asked| asked.message == message) {
            Some(same) => same.held.push(held),
            None => all.push(Asked {
                message,
                held: vec![held],
            }),
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(id: &str, body: &str) -> SqsMessage {
        let mut record = SqsMessage::default();
        record.message_id = Some(id.to_owned());
        record.body = Some(body.to_owned());
        record
    }

    fn sample() -> SqsMessage {
        let batch = include_str!("../../../infra/events/deliver.json");
        let batch: SqsEvent = serde_json::from_str(batch).unwrap();
        batch.records.into_iter().next().unwrap()
    }

    #[test]
    fn the_sample_event_is_a_delivery_message() {
        let mut report = Report::default();
        assert_eq!(parse(vec![sample()], &mut report).len(), 1);
        assert_eq!(report.failed_ids(), [] as [&str; 0]);
    }

    #[test]
    fn a_message_that_cannot_be_read_fails_alone() {
        let mut report = Report::default();
        let records = vec![record("bad", "no message"), sample(), record("empty", "")];
        assert_eq!(parse(records, &mut report).len(), 1);
        assert_eq!(report.failed_ids(), ["bad", "empty"]);
    }

    #[test]
    fn an_attempt_that_is_asked_for_twice_in_a_batch_is_made_once() {
        let mut report = Report::default();
        let asked = parse(vec![sample(), sample()], &mut report);
        assert_eq!(asked.len(), 1);
        assert_eq!(asked[0].held.len(), 2);
    }
}
