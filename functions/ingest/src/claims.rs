//! From events to dispatches: matching, claiming, enqueueing.

use std::collections::BTreeMap;
use std::time::Duration;

use domain::delivery_message::DeliveryMessage;
use domain::dispatch::{Dispatch, DispatchState};
use domain::dispatch_id::DispatchId;
use domain::event::Event;
use domain::matching::MatchEntry;
use domain::spread::Spread;
use domain::timestamp::Timestamp;
use futures::FutureExt;
use queue::Delivery;
use runtime::metrics::Metrics;
use store::{Claim, Counts, StoreError};

use crate::Ingest;
use crate::arrived::EventToMatch;
use crate::failures::{Failures, Place};

/// How long a dispatch that was found waiting is held back. As a rule another worker is just
/// sending it: by then its attempt is on record, and the second message finds that and does
/// nothing. If that worker has died, a few seconds add little to the time that the event was
/// invisible for.
const GRACE: Duration = Duration::from_secs(5);

/// The dispatches of a batch that are claimed and wait to be sent.
pub(crate) struct Claims {
    counts: Counts,
    /// New ones.
    won: Vec<Candidate>,
    /// Those that were found waiting.
    waiting: Vec<Candidate>,
    found: usize,
    skipped: usize,
}

/// A dispatch to claim, and the messages that lead to it: an event may stand in a batch twice.
struct Candidate {
    dispatch: Dispatch,
    places: Vec<Place>,
    delay: Duration,
}

impl Claims {
    /// Finds the webhooks that these events trigger, and claims a dispatch for each.
    pub(crate) async fn of(
        ingest: &Ingest,
        due: &[EventToMatch],
        (now, until): (Timestamp, Timestamp),
        failures: &mut Failures,
    ) -> Self {
        let candidates = candidates(ingest, due, now, failures).await;
        let dispatches: Vec<&Dispatch> = candidates
            .iter()
            .map(|candidate| &candidate.dispatch)
            .collect();
        let store::Claims { results, counts } = ingest.store.claim_all(&dispatches, until).await;
        let mut claims = Self {
            counts,
            won: Vec::new(),
            waiting: Vec::new(),
            found: 0,
            skipped: 0,
        };
        for (mut candidate, result) in candidates.into_iter().zip(results) {
            match result {
                Ok(Claim::Won)
                    if matches!(candidate.dispatch.state, DispatchState::Failed { .. }) =>
                {
                    claims.skipped += 1;
                }
                Ok(Claim::Won) => claims.won.push(candidate),
                Ok(Claim::Waiting) => {
                    claims.found += 1;
                    candidate.delay = GRACE;
                    claims.waiting.push(candidate);
                }
                Ok(Claim::Attempted | Claim::FiredByAnother) => claims.found += 1,
                Err(error) => candidate
                    .places
                    .iter()
                    .for_each(|&place| failures.note(place, error.clone())),
            }
        }
        claims
    }

    /// Puts the claimed dispatches on the delivery queue.
    ///
    /// Repeating this is safe because the deliverer finds out from the record what is left to do.
    pub(crate) async fn enqueue(&self, ingest: &Ingest, failures: &mut Failures) {
        let delivery = |candidate: &Candidate| Delivery {
            message: DeliveryMessage::next_of(&candidate.dispatch),
            delay: candidate.delay,
        };
        let to_send = || self.won.iter().chain(&self.waiting);
        let deliveries: Vec<Delivery> = to_send().map(delivery).collect();
        let results = ingest.deliveries.send(&deliveries).await;
        for (candidate, result) in to_send().zip(results) {
            if let Err(error) = result {
                candidate
                    .places
                    .iter()
                    .for_each(|&place| failures.note(place, error.clone()));
            }
        }
    }

    /// Corrects the dispatch counts that webhook owners see. What fails
    /// holds up no delivery: the count is a little wrong from then on, and the log says so.
    pub(crate) async fn correct_counts(&self, ingest: &Ingest) {
        if let Err(error) = ingest.store.correct(&self.counts).await {
            tracing::error!(%error, dispatches = self.won.len(), "new dispatches could not be counted");
        }
    }

    /// Gives a webhook more keys for its dispatches if it has become busy. One dispatch of many has
    /// that looked at, and what fails waits for the next one.
    pub(crate) async fn measure(&self, ingest: &Ingest, now: Timestamp) {
        let measuring = self.won.iter().map(|candidate| &candidate.dispatch);
        let measuring =
            measuring.filter(|dispatch| !dispatch.lifetime.is_ad_hoc() && dispatch.id.measures());
        for Dispatch { user, webhook, .. } in measuring {
            let grown = async {
                let pace = ingest.store.pace(user, webhook, now).await?;
                let Some(pace) = pace else {
                    return Ok(None);
                };
                ingest.store.grow(user, webhook, pace, now).await
            };
            // Boxed, because it is long and rare.
            match grown.boxed().await {
                Ok(Some(spread)) => {
                    tracing::info!(%webhook, keys = spread.keys(), "a webhook gets more keys");
                }
                Ok(None) => {}
                Err::<_, StoreError>(error) => {
                    tracing::warn!(%error, %webhook, "a webhook's pace could not be measured");
                }
            }
        }
    }

    pub(crate) fn count(&self, metrics: &mut Metrics) {
        metrics.count("DispatchesClaimed", self.won.len());
        metrics.count("DispatchesFound", self.found);
        metrics.count("DispatchesSkipped", self.skipped);
    }
}

/// The dispatches that these events make, each once.
async fn candidates(
    ingest: &Ingest,
    due: &[EventToMatch],
    now: Timestamp,
    failures: &mut Failures,
) -> Vec<Candidate> {
    let events: Vec<&Event> = due.iter().map(|due| &due.event).collect();
    let waiting = ingest.store.waiting_for(&events).await;
    let mut candidates: BTreeMap<DispatchId, Candidate> = BTreeMap::new();
    for (EventToMatch { place, event }, entries) in due.iter().zip(waiting) {
        let entries = match settled(ingest, event, now, entries).await {
            Ok(entries) => entries,
            Err(error) => {
                failures.note(*place, error);
                continue;
            }
        };
        for entry in &entries {
            let dispatch = if entry.is_triggered_by(event) {
                Dispatch::new(entry, event)
            } else if entry.is_skipped_by(event) {
                Dispatch::skipped(entry, event)
            } else {
                continue;
            };
            let same = candidates
                .entry(dispatch.id.clone())
                .or_insert_with(|| Candidate {
                    dispatch,
                    places: Vec::new(),
                    delay: Duration::ZERO,
                });
            same.places.push(*place);
        }
    }
    candidates.into_values().collect()
}

/// The entries with spreads that hold for the event whenever it comes again. As a rule they do; an
/// event that is dated ahead is put on record first.
async fn settled(
    ingest: &Ingest,
    event: &Event,
    now: Timestamp,
    entries: Result<Vec<MatchEntry>, StoreError>,
) -> Result<Vec<MatchEntry>, StoreError> {
    let mut entries = entries?;
    if !Spread::is_ahead(event.created_at, now) {
        return Ok(entries);
    }
    for entry in &mut entries {
        let makes_one = entry.is_triggered_by(event) || entry.is_skipped_by(event);
        if makes_one && !entry.lifetime.is_ad_hoc() {
            let held = ingest
                .store
                .hold_spread(&event.user, &entry.webhook, event.created_at);
            // Boxed, because it is long and rare.
            if let Some(spread) = held.boxed().await? {
                entry.spread = spread;
            }
        }
    }
    Ok(entries)
}
