//! One batch of event messages, from the queue to the acknowledgement.

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};
use domain::ad_hoc::AdHocDefinition;
use domain::event::{Event, Subject};
use domain::event_message::{self, Arrival};
use domain::timestamp::Timestamp;
use domain::webhook::Webhook;
use futures::future::{join, join_all};
use queue::{Held, QueueError, Rejected};
use runtime::clock;
use runtime::metrics::Metrics;
use store::StoreError;

use crate::Ingest;
use crate::claiming::Claims;
use crate::failures::{Failures, Place};

/// An event that a message of the batch has brought to be handled: its own, or one of the same run that had come before.
pub(crate) struct Due {
    pub(crate) place: Place,
    pub(crate) event: Event,
}

/// See the crate's documentation for the steps.
pub(crate) async fn handle(ingest: &Ingest, batch: SqsEvent, now: Timestamp) -> SqsBatchResponse {
    let held: Vec<Held> = batch.records.iter().map(Held::of).collect();
    let mut metrics = Metrics::new(&ingest.config.stack, "ingest");
    metrics.count("Events", held.len());

    let (arrived, bad) = parse(batch.records, ingest.config.ad_hoc_webhooks_per_run);
    metrics.count("EventsRejected", bad.len());
    let (parked, (claims, mut failures)) =
        join(park(ingest, bad), take(ingest, arrived, now)).await;
    for (place, error) in parked {
        failures.note(place, error);
    }
    claims.count(&mut metrics);
    metrics.count("EventsFailed", failures.count());
    // What follows may take its time, or find the time over.
    metrics.emit(clock::now());
    failures.give_back(&held, &ingest.events).await
}

struct Arrived {
    place: Place,
    arrival: Arrival,
}

struct Bad {
    place: Place,
    rejected: Rejected,
}

/// Reads each message on its own.
fn parse(records: Vec<SqsMessage>, ad_hoc_limit: usize) -> (Vec<Arrived>, Vec<Bad>) {
    let (mut arrived, mut bad) = (Vec::new(), Vec::new());
    for (place, record) in records.into_iter().enumerate() {
        let body = record.body.unwrap_or_default();
        match event_message::parse(&body, ad_hoc_limit) {
            Ok(arrival) => arrived.push(Arrived { place, arrival }),
            Err(error) => {
                let message_id = record.message_id.unwrap_or_default();
                let reason = error.to_string();
                tracing::warn!(%message_id, %reason, "rejected an event");
                bad.push(Bad {
                    place,
                    rejected: Rejected {
                        body,
                        message_id,
                        reason,
                    },
                });
            }
        }
    }
    (arrived, bad)
}

/// Parks what is permanently bad. Returns the messages for which that failed.
///
/// Repeating this is safe because a human looks at the rejected queue; one message twice does no harm.
async fn park(ingest: &Ingest, bad: Vec<Bad>) -> Vec<(Place, QueueError)> {
    let (places, rejected): (Vec<_>, Vec<_>) =
        bad.into_iter().map(|bad| (bad.place, bad.rejected)).unzip();
    let results = ingest.rejected.park(rejected).await;
    places
        .into_iter()
        .zip(results)
        .filter_map(|(place, result)| Some((place, result.err()?)))
        .collect()
}

/// Takes good events all the way to the delivery queue.
async fn take(ingest: &Ingest, arrived: Vec<Arrived>, now: Timestamp) -> (Claims, Failures) {
    let mut failures = Failures::default();
    let until = now.after(ingest.config.record);
    let kept = keep(ingest, arrived, until, &mut failures).await;
    let due = register(ingest, kept, now, &mut failures).await;
    let claims = Claims::of(ingest, &due, until, &mut failures).await;
    join(
        claims.enqueue(ingest, &mut failures),
        claims.count_for_owners(ingest),
    )
    .await;
    (claims, failures)
}

async fn keep(
    ingest: &Ingest,
    arrived: Vec<Arrived>,
    until: Timestamp,
    failures: &mut Failures,
) -> Vec<Arrived> {
    let events: Vec<&Event> = arrived
        .iter()
        .map(|arrived| &arrived.arrival.event)
        .collect();
    let results = ingest.store.keep(&events, until).await;
    let mut kept = Vec::with_capacity(arrived.len());
    for (arrived, result) in arrived.into_iter().zip(results) {
        match result {
            Ok(()) => kept.push(arrived),
            Err(error) => failures.note(arrived.place, error),
        }
    }
    kept
}

/// Registers ad hoc webhooks. What is due after that is every message's own event and, where webhooks were registered, the events of
/// the run that came before them.
async fn register(
    ingest: &Ingest,
    kept: Vec<Arrived>,
    now: Timestamp,
    failures: &mut Failures,
) -> Vec<Due> {
    let earlier = join_all(
        kept.iter()
            .map(|arrived| register_one(ingest, &arrived.arrival, now)),
    )
    .await;
    let mut due = Vec::with_capacity(kept.len());
    for (Arrived { place, arrival }, earlier) in kept.into_iter().zip(earlier) {
        match earlier {
            Ok(events) => {
                due.push(Due {
                    place,
                    event: arrival.event,
                });
                due.extend(events.into_iter().map(|event| Due { place, event }));
            }
            Err(error) => failures.note(place, error),
        }
    }
    due
}

/// Registers the ad hoc webhooks that came with this event, then reads the other kept events of its run.
///
/// Repeating this is safe because webhooks that are registered stay as they are, and the rest is reading.
async fn register_one(
    ingest: &Ingest,
    arrival: &Arrival,
    now: Timestamp,
) -> Result<Vec<Event>, StoreError> {
    let Subject::Run { actor_run_id, .. } = &arrival.event.subject else {
        return Ok(Vec::new());
    };
    if arrival.ad_hoc.is_empty() {
        return Ok(Vec::new());
    }
    let user = &arrival.event.user;
    let define = |defined: &AdHocDefinition| {
        if !defined.ignored.is_empty() {
            tracing::warn!(%user, run = %actor_run_id, fields = ?defined.ignored, "ignored fields of an ad hoc webhook");
        }
        Webhook::ad_hoc(defined, user, actor_run_id, now)
    };
    let webhooks: Vec<Webhook> = arrival.ad_hoc.iter().map(define).collect();
    for webhook in ingest.store.register_ad_hoc(&webhooks, now).await? {
        tracing::warn!(%user, run = %actor_run_id, %webhook, "an ad hoc webhook came to nothing: its idempotency key is taken");
    }
    let own = arrival.event.key();
    let mut events = ingest
        .store
        .kept_events(user, &arrival.event.subject.id())
        .await?;
    events.retain(|event| event.key() != own);
    Ok(events)
}
