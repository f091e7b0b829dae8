//! One batch of delivery messages, from the queue to the acknowledgement.

use std::error::Error;
use std::sync::Arc;

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};
use domain::delivery_message::DeliveryMessage;
use domain::endpoint::Lane;
use domain::signature::MasterKeys;
use runtime::clock;
use runtime::metrics::Metrics;
use store::Load;
use tokio::task::JoinHandle;

use crate::Deliver;
use crate::time_limit::TimeLimit;

/// Why a message must come again. Always our fault or AWS's: nobody needs to tell more than that, and the log shows the rest.
pub(crate) type Failure = Box<dyn Error + Send + Sync>;

/// How a message was dealt with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    /// The receiver has accepted.
    Delivered,
    /// The attempt has failed, and another is scheduled.
    Retried,
    /// The dispatch has failed.
    GivenUp,
    /// There was nothing to attempt, or not yet.
    Skipped,
}

/// One attempt that is asked for, and the messages that ask for it: a batch may hold one twice.
#[derive(Debug)]
struct Asked {
    message: DeliveryMessage,
    ids: Vec<String>,
}

/// The same, begun.
struct Begun {
    ids: Vec<String>,
    task: JoinHandle<Result<Ending, Failure>>,
}

/// How the messages of a batch were dealt with.
#[derive(Debug, Default)]
struct Report {
    endings: Vec<Ending>,
    /// Ids of the messages that must come again.
    failed: Vec<String>,
}

/// What all messages of a batch have in common.
#[derive(Clone)]
pub(crate) struct Round {
    pub(crate) keys: MasterKeys,
    pub(crate) limit: TimeLimit,
    pub(crate) lane: Lane,
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
    let begin = |((Asked { message, ids }, load), target): ((Asked, Result<Load, _>), _)| {
        let (deliver, keys) = (Arc::clone(deliver), keys.clone());
        let task = tokio::spawn(async move {
            let round = Round {
                keys: keys?,
                limit,
                lane,
            };
            // A whole delivery is a large future: on the heap it is moved by its address.
            Box::pin(deliver.deliver(message, load?, target, &round)).await
        });
        Begun { ids, task }
    };
    let begun: Vec<Begun> = asked
        .into_iter()
        .zip(loads)
        .zip(targets)
        .map(begin)
        .collect();
    report.await_all(begun).await;
    report.metrics().emit(clock::now());

    let mut response = SqsBatchResponse::default();
    response.set_failures(report.failed);
    response
}

/// Reads each message on its own. We wrote them: one that cannot be read is a fault of ours, and goes the way of faults, to the
/// dead-letter queue and its alarm.
fn parse(records: Vec<SqsMessage>, report: &mut Report) -> Vec<Asked> {
    let mut all: Vec<Asked> = Vec::with_capacity(records.len());
    for record in records {
        let id = record.message_id.unwrap_or_default();
        let message = match DeliveryMessage::from_json(&record.body.unwrap_or_default()) {
            Ok(message) => message,
            Err(error) => {
                report.fail(vec![id], &error.into());
                continue;
            }
        };
        match all.iter_mut().find(|asked| asked.message == message) {
            Some(same) => same.ids.push(id),
            None => all.push(Asked {
                message,
                ids: vec![id],
            }),
        }
    }
    all
}

impl Report {
    /// Waits for the tasks, and notes how each has ended. One that panicked has failed like any other.
    async fn await_all(&mut self, begun: Vec<Begun>) {
        for Begun { ids, task } in begun {
            match task.await.unwrap_or_else(|panic| Err(panic.into())) {
                Ok(ending) => self.endings.extend(ids.iter().map(|_| ending)),
                Err(failure) => self.fail(ids, &failure),
            }
        }
    }

    fn fail(&mut self, ids: Vec<String>, failure: &Failure) {
        tracing::error!(message_ids = ?ids, error = %failure, "a delivery could not be handled and comes again");
        self.failed.extend(ids);
    }

    fn metrics(&self) -> Metrics {
        let count = |ending| {
            self.endings
                .iter()
                .filter(|&&ended| ended == ending)
                .count()
        };
        let mut metrics = Metrics::new("deliver");
        metrics.count("Deliveries", self.endings.len() + self.failed.len());
        metrics.count("Delivered", count(Ending::Delivered));
        metrics.count("Retried", count(Ending::Retried));
        metrics.count("GivenUp", count(Ending::GivenUp));
        metrics.count("Skipped", count(Ending::Skipped));
        metrics.count("DeliveriesFailed", self.failed.len());
        metrics
    }
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

    fn begun(
        id: &str,
        delivery: impl Future<Output = Result<Ending, Failure>> + Send + 'static,
    ) -> Begun {
        Begun {
            ids: vec![id.to_owned()],
            task: tokio::spawn(delivery),
        }
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
        assert!(report.failed.is_empty());
    }

    #[test]
    fn a_message_that_cannot_be_read_fails_alone() {
        let mut report = Report::default();
        let records = vec![record("bad", "no message"), sample(), record("empty", "")];
        assert_eq!(parse(records, &mut report).len(), 1);
        assert_eq!(report.failed, ["bad", "empty"]);
    }

    #[test]
    fn an_attempt_that_is_asked_for_twice_in_a_batch_is_made_once() {
        let mut report = Report::default();
        let asked = parse(vec![sample(), sample()], &mut report);
        assert_eq!(asked.len(), 1);
        assert_eq!(asked[0].ids.len(), 2);
    }

    #[tokio::test]
    async fn a_panic_or_a_failure_in_one_delivery_leaves_its_neighbours_unharmed() {
        async fn buggy() -> Result<Ending, Failure> {
            panic!("a bug")
        }
        let begun = vec![
            begun("1", async { Ok(Ending::Delivered) }),
            begun("2", buggy()),
            begun("3", async { Err("no table".into()) }),
            begun("4", async { Ok(Ending::Retried) }),
        ];
        let mut report = Report::default();
        report.await_all(begun).await;
        assert_eq!(report.failed, ["2", "3"]);
        assert_eq!(report.endings, [Ending::Delivered, Ending::Retried]);
    }
}
