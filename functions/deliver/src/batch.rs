//! One batch of delivery messages, from the queue to the acknowledgement.

use std::sync::Arc;

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};
use domain::delivery_message::DeliveryMessage;
use queue::Held;
use runtime::clock;
use runtime::metrics::Metrics;
use tokio::sync::mpsc;

use crate::Deliver;
use crate::asked::{Asked, BatchContext};
use crate::portion::{Portions, begin_all};
use crate::report::{Failure, Report};
use crate::time_limit::TimeLimit;

/// See the crate's documentation for the steps.
pub(crate) async fn handle(
    deliver: &Arc<Deliver>,
    batch: SqsEvent,
    limit: TimeLimit,
) -> SqsBatchResponse {
    let mut report = Report::default();
    let lane = deliver.lane_of(&batch);
    let mut asked = parse(batch.records, &mut report);
    in_turn(&mut asked);
    let mut portions = Portions::of(asked);
    let first = portions.next().unwrap_or_default();
    // A process asks for the keys once, while the first of its messages are read, and now and then
    // after that.
    let (keys, loads) = tokio::join!(deliver.keys.at(clock::now()), first.load(deliver));
    let (latencies, mut known) = mpsc::unbounded_channel();
    match keys {
        Ok(keys) => {
            let context = BatchContext {
                keys,
                limit,
                lane,
                latencies,
            };
            let begun = begin_all(deliver, (first, loads), portions, &context).await;
            report.await_all(begun).await;
        }
        Err(error) => {
            let error: Failure = error.into();
            for asked in first.0.into_iter().chain(portions.rest()) {
                report.fail(asked.held, &error);
            }
        }
    }
    let mut metrics = Metrics::new(&deliver.config.stack, "deliver");
    report.count(&mut metrics);
    let known: Vec<_> = std::iter::from_fn(|| known.try_recv().ok()).collect();
    metrics.times("EventToPost", &known);
    // What follows may take its time, or find the time over.
    metrics.emit(clock::now());
    report.give_back(deliver.source(lane)).await
}

/// Whoever comes first probes what is dead: those that have waited longest, so that all have their
/// turn. Dispatches of one event follow each other, so that they share it.
fn in_turn(asked: &mut [Asked]) {
    asked.sort_by(|a, b| {
        let key = |asked: &Asked| {
            let waited_since = asked.message.put_off_since;
            (waited_since.is_none(), waited_since)
        };
        let by_event = || a.message.event.cmp(&b.message.event);
        key(a).cmp(&key(b)).then_with(by_event)
    });
}

/// Reads each message on its own. We wrote them: one that cannot be read is a fault of ours, and
/// goes the way of faults, to the dead-letter queue and its alarm.
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
    use domain::timestamp::Timestamp;

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
    fn those_that_have_waited_longest_come_first_then_those_of_one_event_together() {
        let at = |seconds: i64| Timestamp::from_millis(seconds * 1000).unwrap();
        let asked = |event: i64, put_off_since: Option<i64>| {
            let mut asked = parse(vec![sample()], &mut Report::default()).remove(0);
            asked.message.event.created_at = at(event);
            asked.message.put_off_since = put_off_since.map(at);
            asked
        };
        let mut all = vec![
            asked(2, None),
            asked(1, Some(9)),
            asked(3, Some(8)),
            asked(1, None),
            asked(2, None),
        ];
        in_turn(&mut all);
        let order = all.iter().map(|asked| {
            let message = &asked.message;
            (message.event.created_at, message.put_off_since)
        });
        let expected = [(3, Some(8)), (1, Some(9)), (1, None), (2, None), (2, None)]
            .map(|(event, since)| (at(event), since.map(at)));
        assert_eq!(order.collect::<Vec<_>>(), expected);
    }

    #[test]
    fn an_attempt_that_is_asked_for_twice_in_a_batch_is_made_once() {
        let mut report = Report::default();
        let asked = parse(vec![sample(), sample()], &mut report);
        assert_eq!(asked.len(), 1);
        assert_eq!(asked[0].held.len(), 2);
    }
}
