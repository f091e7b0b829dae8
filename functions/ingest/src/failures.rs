//! The messages of a batch that could not be handled, and come again.

use std::collections::BTreeMap;
use std::time::Duration;

use aws_lambda_events::sqs::SqsBatchResponse;
use domain::backoff::{Progress, wait};
use queue::{Held, QueueError, SourceQueue};
use runtime::chance;
use store::StoreError;

/// Place of a message in its batch.
pub(crate) type Place = usize;

/// Why a message must come again. Always our fault or AWS's: what is wrong with an event itself
/// gets it rejected.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Queue(#[from] QueueError),
}

impl Failure {
    /// Whether nothing is wrong but that there was too much to do.
    fn is_throttled(&self) -> bool {
        match self {
            Self::Store(error) => error.is_throttled(),
            Self::Queue(error) => error.is_throttled(),
        }
    }
}

/// The messages of a batch that must come again, each with the first reason.
#[derive(Debug, Default)]
pub(crate) struct Failures(BTreeMap<Place, Failure>);

impl Failures {
    pub(crate) fn note(&mut self, place: Place, failure: impl Into<Failure>) {
        self.0.entry(place).or_insert_with(|| failure.into());
    }

    /// How many have failed, and how many were only too much.
    pub(crate) fn count(&self) -> (usize, usize) {
        let throttled = self.0.values().filter(|failure| failure.is_throttled());
        let throttled = throttled.count();
        (self.0.len() - throttled, throttled)
    }

    /// Sees to it that they come again soon, and names them for Lambda.
    ///
    /// Repeating this is safe because a message is only hidden anew. One that cannot be hidden
    /// comes again when its visibility is over.
    pub(crate) async fn give_back(self, held: &[Held], events: &SourceQueue) -> SqsBatchResponse {
        let mut response = SqsBatchResponse::default();
        let mut hidden: Vec<(Held, Duration)> = Vec::with_capacity(self.0.len());
        for (place, failure) in self.0 {
            let held = &held[place];
            let progress = match failure.is_throttled() {
                true => Progress::Throttled,
                false => Progress::Nothing,
            };
            let wait = wait(held.receives, progress, chance::jitter());
            log(held, &failure, wait);
            response.add_failure(held.id.clone());
            hidden.push((held.clone(), wait));
        }
        if let Err(error) = events.hide(&hidden).await {
            tracing::error!(%error, "events will not reappear until their visibility timeout expires");
        }
        response
    }
}

fn log(held: &Held, failure: &Failure, wait: Duration) {
    let (message_id, receives, again_in_s) = (&held.id, held.receives, wait.as_secs());
    if failure.is_throttled() {
        tracing::warn!(%message_id, receives, error = %failure, again_in_s, "an event was throttled and comes again");
    } else {
        tracing::error!(%message_id, receives, error = %failure, again_in_s, "an event could not be handled and comes again");
    }
}
