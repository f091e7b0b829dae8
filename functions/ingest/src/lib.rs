//! `ingest`: run events in, dispatches claimed, deliveries enqueued.
//!
//! For each event of a batch, and for all of them side by side:
//!
//! 1. **parse**; what is permanently bad is parked on the rejected queue with the reason, and a
//!    status that is no event is done with;
//! 2. **keep** the event;
//! 3. **register** the ad hoc webhooks that came with it, note the invalid ones for their owner, and
//!    process again the run's kept events that still hold ([`domain::late`]): one of them may have
//!    come first;
//! 4. **match**: which webhooks wait for it;
//! 5. **claim** a dispatch for each;
//! 6. **enqueue** the claimed dispatches;
//! 7. **acknowledge** the events for which all of this has succeeded. The others come again, after seconds at first ([`domain::backoff`]).
//!
//! There is no outbox: the event queue is one. An event that was not acknowledged repeats every step, and every step is safe to repeat.
//! Two orders matter. An event is kept *before* the match documents are read, and ad hoc webhooks are listed *before* the run's kept
//! events are read: so of two workers that handle an event and its ad hoc webhooks at the same time, at least one sees the other's. And a
//! dispatch is claimed *before* it is sent: a worker that dies in between leaves a claim that the next one finds waiting, and sends.

mod arrived;
mod batch;
mod claims;
mod config;
mod failures;
mod registration;

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use domain::timestamp::Timestamp;
use queue::{DeliveryQueue, RejectedQueue, SourceQueue};
use runtime::aws::SdkConfig;
use store::Store;

pub use config::Config;

/// The function, with everything that it needs. Made once per process.
#[derive(Clone, Debug)]
pub struct Ingest {
    store: Store,
    events: SourceQueue,
    deliveries: DeliveryQueue,
    rejected: RejectedQueue,
    config: Config,
}

impl Ingest {
    /// Prepares the function; makes no call.
    pub fn new(aws: &SdkConfig, config: Config) -> Self {
        Self {
            store: Store::new(aws, config.tables.clone()),
            events: SourceQueue::new(aws, config.event_queue_url.clone()),
            deliveries: DeliveryQueue::new(aws, config.delivery_queue_url.clone()),
            rejected: RejectedQueue::new(aws, config.rejected_queue_url.clone()),
            config,
        }
    }

    /// Handles a batch of event messages, and names those that must come again.
    pub async fn handle(&self, batch: SqsEvent, now: Timestamp) -> SqsBatchResponse {
        batch::handle(self, batch, now).await
    }
}
