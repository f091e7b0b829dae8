//! The ad hoc webhooks that come with events.

use domain::ad_hoc::{AdHocDefinition, Rejected};
use domain::event::{Event, Subject};
use domain::event_message::Arrival;
use domain::event_type::EventType;
use domain::id::RunId;
use domain::late::still_true;
use domain::notice::Notice;
use domain::timestamp::Timestamp;
use domain::webhook::Webhook;
use futures::future::join_all;
use store::StoreError;

use crate::Ingest;
use crate::arrived::{Arrived, EventToMatch};
use crate::failures::Failures;

/// Registers ad hoc webhooks. What is due after that is every message's own event and, where
/// webhooks were registered, the events of the run that came before them and still hold. Also tells
/// how many definitions came to nothing.
pub(crate) async fn register(
    ingest: &Ingest,
    kept: Vec<Arrived>,
    now: Timestamp,
    failures: &mut Failures,
) -> (Vec<EventToMatch>, usize) {
    let registered = join_all(
        kept.iter()
            .map(|arrived| register_one(ingest, &arrived.arrival, now)),
    )
    .await;
    let mut due = Vec::with_capacity(kept.len());
    let mut rejected = 0;
    for (Arrived { place, arrival }, registered) in kept.into_iter().zip(registered) {
        match registered {
            Ok(registered) => {
                rejected += registered.rejected;
                let event = arrival.event;
                due.push(EventToMatch { place, event });
                let earlier = registered.earlier.into_iter();
                due.extend(earlier.map(|event| EventToMatch { place, event }));
            }
            Err(error) => failures.note(place, error),
        }
    }
    (due, rejected)
}

/// What became of the definitions of one event.
#[derive(Default)]
struct Registered {
    rejected: usize,
    /// The other events of the run that its new webhooks hear of.
    earlier: Vec<Event>,
}

/// Registers the ad hoc webhooks that came with this event, notes and tells their owner which came
/// to nothing, then reads the other kept events of its run.
///
/// Repeating this is safe because webhooks that are registered stay as they are, the note is the
/// same again, and the rest is reading.
async fn register_one(
    ingest: &Ingest,
    arrival: &Arrival,
    now: Timestamp,
) -> Result<Registered, StoreError> {
    let mut rejected = arrival.ad_hoc.rejected.clone();
    let Subject::Run { actor_run_id, .. } = &arrival.event.subject else {
        // A build has no ad hoc webhooks, and nobody asks what has become of its own.
        return Ok(Registered {
            rejected: rejected.count,
            ..Registered::default()
        });
    };
    let definitions = &arrival.ad_hoc.definitions;
    if !definitions.is_empty() {
        define(
            ingest,
            &arrival.event,
            actor_run_id,
            definitions,
            now,
            &mut rejected,
        )
        .await?;
    }
    if rejected.count > 0 {
        let (user, count) = (&arrival.event.user, rejected.count);
        tracing::info!(%user, run = %actor_run_id, count, "invalid ad hoc webhooks were dropped; their owner can read why");
        let until = now.after(ingest.config.record);
        let event = &arrival.event;
        let (run, trace) = ((user, actor_run_id), event.trace.as_ref());
        let notice = Notice::rejected(run, &event.key(), &rejected, trace, now);
        let told = (&notice, until);
        ingest.store.note_rejected(event, &rejected, told).await?;
    }
    let earlier = if definitions.is_empty() {
        Vec::new()
    } else {
        earlier(ingest, &arrival.event).await?
    };
    Ok(Registered {
        rejected: rejected.count,
        earlier,
    })
}

async fn define(
    ingest: &Ingest,
    event: &Event,
    run: &RunId,
    definitions: &[AdHocDefinition],
    now: Timestamp,
    rejected: &mut Rejected,
) -> Result<(), StoreError> {
    let user = &event.user;
    // Whatever is reported once more, the run had not ended for those who came when it was
    // resurrected.
    let resurrected = (event.kind == EventType::RunResurrected).then_some(event.created_at);
    let webhook = |defined: &AdHocDefinition| {
        if !defined.ignored.is_empty() {
            tracing::warn!(%user, %run, fields = ?defined.ignored, "ignored fields of an ad hoc webhook");
        }
        Webhook {
            hears_from: resurrected,
            ..Webhook::ad_hoc(defined, user, run, now)
        }
    };
    let webhooks: Vec<Webhook> = definitions.iter().map(webhook).collect();
    let refused = ingest.store.register_ad_hoc(&webhooks, now).await?;
    for (defined, webhook) in definitions.iter().zip(&webhooks) {
        if refused.contains(&webhook.id) {
            let position = defined.position;
            let reason = format!("[{position}].idempotencyKey: is taken by another webhook");
            rejected.add(Some(position), reason);
        }
    }
    Ok(())
}

/// The other events of the run that still hold.
async fn earlier(ingest: &Ingest, event: &Event) -> Result<Vec<Event>, StoreError> {
    let (user, subject, own) = (&event.user, event.subject.id(), event.key());
    let happened = ingest.store.happened(user, &subject).await?;
    let mut wanted = still_true(&happened);
    wanted.retain(|known| known.key != own);
    ingest.store.kept_among(user, &subject, &wanted).await
}
