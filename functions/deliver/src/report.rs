//! How the messages of a batch were dealt with, for Lambda, for the queue and for whoever watches.

use std::error::Error;
use std::time::Duration;

use aws_lambda_events::sqs::SqsBatchResponse;
use domain::backoff::{Progress, wait};
use queue::{Held, QueueError, SourceQueue};
use runtime::chance;
use runtime::metrics::Metrics;
use store::StoreError;
use tokio::task::{JoinError, JoinHandle};

/// Why a message must come again. Always our fault or AWS's: nobody needs to tell more than that
/// and whether to hurry, and the log shows the rest.
pub(crate) type Failure = Box<dyn Error + Send + Sync>;

/// An attempt was made, and nobody will know.
#[derive(Debug, thiserror::Error)]
#[error("an attempt was made and could not be recorded: {0}")]
pub(crate) struct Unrecorded(#[source] pub(crate) StoreError);

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

/// An attempt that is being made, and the messages that ask for it: a batch may hold one twice.
pub(crate) struct Begun {
    pub(crate) held: Vec<Held>,
    pub(crate) task: JoinHandle<Result<Ending, Failure>>,
}

/// How the messages of a batch were dealt with.
#[derive(Debug, Default)]
pub(crate) struct Report {
    endings: Vec<Ending>,
    /// The messages that must come again, each with how long until then.
    failed: Vec<(Held, Duration)>,
    /// How many of them were only too much at once.
    throttled: usize,
}

impl Report {
    /// Waits for the tasks, and notes how each has ended. One that panicked has failed like any
    /// other.
    pub(crate) async fn await_all(&mut self, begun: Vec<Begun>) {
        for Begun { held, task } in begun {
            match task.await.unwrap_or_else(|panic| Err(panic.into())) {
                Ok(ending) => self.endings.extend(held.iter().map(|_| ending)),
                Err(failure) => self.fail(held, &failure),
            }
        }
    }

    /// Notes that these messages must come again.
    pub(crate) fn fail(&mut self, held: Vec<Held>, failure: &Failure) {
        for held in held {
            let wait = wait(held.receives, progress(failure), chance::jitter());
            let (message_id, receives, again_in_s) = (&held.id, held.receives, wait.as_secs());
            if is_throttled(failure) {
                self.throttled += 1;
                tracing::warn!(%message_id, receives, error = %failure, again_in_s, "a delivery was throttled and comes again");
            } else {
                tracing::error!(%message_id, receives, error = %failure, again_in_s, "a delivery could not be handled and comes again");
            }
            self.failed.push((held, wait));
        }
    }

    /// What is counted of the batch.
    pub(crate) fn count(&self, metrics: &mut Metrics) {
        let count = |ending| {
            self.endings
                .iter()
                .filter(|&&ended| ended == ending)
                .count()
        };
        metrics.count("Delivered", count(Ending::Delivered));
        metrics.count("Retried", count(Ending::Retried));
        metrics.count("GivenUp", count(Ending::GivenUp));
        metrics.count("Skipped", count(Ending::Skipped));
        metrics.count("DeliveriesFailed", self.failed.len() - self.throttled);
        metrics.count("DeliveriesThrottled", self.throttled);
    }

    /// Sees to it that what has failed comes again soon, and names it for Lambda.
    ///
    /// Repeating this is safe because a message is only hidden anew. One that cannot be hidden
    /// comes again when its visibility is over.
    pub(crate) async fn give_back(self, source: &SourceQueue) -> SqsBatchResponse {
        if let Err(error) = source.hide(&self.failed).await {
            tracing::error!(%error, "deliveries will not reappear until their visibility timeout expires");
        }
        let mut response = SqsBatchResponse::default();
        response.set_failures(self.failed.into_iter().map(|(held, _)| held.id));
        response
    }
}

/// How far a message had come. A panic does not say: it may have come after the call.
fn progress(failure: &Failure) -> Progress {
    if failure.is::<Unrecorded>() || failure.is::<JoinError>() {
        Progress::Called
    } else if is_throttled(failure) {
        Progress::Throttled
    } else {
        Progress::Nothing
    }
}

/// Whether nothing is wrong but that there was too much to do.
fn is_throttled(failure: &Failure) -> bool {
    let unrecorded = failure.downcast_ref().map(|Unrecorded(error)| error);
    let stored = unrecorded.or_else(|| failure.downcast_ref::<StoreError>());
    let sent = failure.downcast_ref::<QueueError>();
    stored.is_some_and(StoreError::is_throttled) || sent.is_some_and(QueueError::is_throttled)
}

#[cfg(test)]
impl Report {
    pub(crate) fn failed_ids(&self) -> Vec<&str> {
        self.failed
            .iter()
            .map(|(held, _)| held.id.as_str())
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn held(id: &str) -> Held {
        Held {
            id: id.to_owned(),
            receipt_handle: "handle".to_owned(),
            receives: 1,
        }
    }

    fn begun(
        id: &str,
        delivery: impl Future<Output = Result<Ending, Failure>> + Send + 'static,
    ) -> Begun {
        Begun {
            held: vec![held(id)],
            task: tokio::spawn(delivery),
        }
    }

    async fn buggy() -> Result<Ending, Failure> {
        panic!("a bug")
    }

    async fn report() -> Report {
        let unrecorded = || {
            Unrecorded(StoreError::PutOff {
                operation: "record",
                left: 1,
            })
        };
        let begun = vec![
            begun("1", async { Ok(Ending::Delivered) }),
            begun("2", buggy()),
            begun("3", async { Err("no table".into()) }),
            begun("4", async { Ok(Ending::Retried) }),
            begun("5", async move { Err(unrecorded().into()) }),
        ];
        let mut report = Report::default();
        report.await_all(begun).await;
        report
    }

    #[tokio::test]
    async fn a_panic_or_a_failure_in_one_delivery_leaves_its_neighbours_unharmed() {
        let report = report().await;
        assert_eq!(report.failed_ids(), ["2", "3", "5"]);
        assert_eq!(report.endings, [Ending::Delivered, Ending::Retried]);
    }

    #[tokio::test]
    async fn what_may_have_called_its_receiver_does_not_come_again_within_seconds() {
        let report = report().await;
        let seconds: Vec<_> = report
            .failed
            .iter()
            .map(|(_, wait)| wait.as_secs())
            .collect();
        assert!(
            seconds[0] > 90 && seconds[1] <= 5 && seconds[2] > 90,
            "{seconds:?}"
        );
    }
}
