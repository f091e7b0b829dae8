//! One batch of event messages, from the queue to the acknowledgement.

use std::collections::HashMap;

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent, SqsMessage, SqsMessageAttribute};
use domain::event::Event;
use domain::event_message::{self, MessageError};
use domain::timestamp::Timestamp;
use domain::trace_context::TraceContext;
use futures::future::join;
use queue::{Held, QueueError, Rejected};
use runtime::clock;
use runtime::metrics::Metrics;
use store::Kept;

use crate::Ingest;
use crate::arrived::Arrived;
use crate::claims::Claims;
use crate::failures::{Failures, Place};
use crate::registration::register;

/// See the crate's documentation for the steps.
pub(crate) async fn handle(ingest: &Ingest, batch: SqsEvent, now: Timestamp) -> SqsBatchResponse {
    let held: Vec<Held> = batch.records.iter().map(Held::of).collect();
    let mut metrics = Metrics::new(&ingest.config.stack, "ingest");
    metrics.count("Events", held.len());

    let Parsed {
        arrived,
        bad,
        ignored,
    } = parse(batch.records, ingest.config.ad_hoc_webhooks_per_run);
    metrics.count("EventsRejected", bad.len());
    metrics.count("EventsIgnored", ignored);
    let (parked, taken) = join(park(ingest, bad), take(ingest, arrived, now)).await;
    let Taken {
        claims,
        ad_hoc_rejected,
        mut failures,
    } = taken;
    for (place, error) in parked {
        failures.note(place, error);
    }
    metrics.count("AdHocRejected", ad_hoc_rejected);
    claims.count(&mut metrics);
    let (failed, throttled) = failures.count();
    metrics.count("EventsFailed", failed);
    metrics.count("EventsThrottled", throttled);
    // What follows may take its time, or find the time over.
    metrics.emit(clock::now());
    failures.give_back(&held, &ingest.events).await
}

struct Bad {
    place: Place,
    rejected: Rejected,
}

/// What the messages of a batch are.
#[derive(Default)]
struct Parsed {
    arrived: Vec<Arrived>,
    bad: Vec<Bad>,
    /// Those about a status that is no event: nothing is left to do about them.
    ignored: usize,
}

/// Reads each message on its own.
fn parse(records: Vec<SqsMessage>, ad_hoc_limit: usize) -> Parsed {
    let mut parsed = Parsed::default();
    for (place, record) in records.into_iter().enumerate() {
        let body = record.body.unwrap_or_default();
        match event_message::parse(&body, ad_hoc_limit) {
            Ok(mut arrival) => {
                let own = arrival.event.trace.take();
                let trace = own.or_else(|| trace_of(&record.message_attributes));
                arrival.event.trace = trace;
                parsed.arrived.push(Arrived { place, arrival });
            }
            Err(MessageError::NoEvent(_)) => parsed.ignored += 1,
            Err(error) => {
                let message_id = record.message_id.unwrap_or_default();
                let reason = error.to_string();
                tracing::warn!(%message_id, %reason, "rejected an event");
                parsed.bad.push(Bad {
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
    parsed
}

/// The trace that a message belongs to by its attribute, where the platform's own SQS client has put it.
fn trace_of(attributes: &HashMap<String, SqsMessageAttribute>) -> Option<TraceContext> {
    let traceparent = attributes.get("traceparent")?;
    TraceContext::parse(traceparent.string_value.as_deref()?)
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

/// What became of the good events of a batch.
struct Taken {
    claims: Claims,
    /// How many of the definitions that they brought came to nothing.
    ad_hoc_rejected: usize,
    failures: Failures,
}

/// Takes good events all the way to the delivery queue.
async fn take(ingest: &Ingest, arrived: Vec<Arrived>, now: Timestamp) -> Taken {
    let mut failures = Failures::default();
    let until = now.after(ingest.config.record);
    let kept = keep(ingest, arrived, until, &mut failures).await;
    let (due, ad_hoc_rejected) = register(ingest, kept, now, &mut failures).await;
    let claims = Claims::of(ingest, &due, (now, until), &mut failures).await;
    join(
        claims.enqueue(ingest, &mut failures),
        claims.correct_counts(ingest),
    )
    .await;
    claims.measure(ingest, now).await;
    Taken {
        claims,
        ad_hoc_rejected,
        failures,
    }
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
    for (mut arrived, result) in arrived.into_iter().zip(results) {
        match result {
            Ok(Kept::AsItCame) => kept.push(arrived),
            Ok(Kept::Before(event)) => {
                arrived.arrival.event = *event;
                kept.push(arrived);
            }
            Err(error) => failures.note(arrived.place, error),
        }
    }
    kept
}
