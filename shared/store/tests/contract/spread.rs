//! A busy webhook gets more partition keys for its dispatches, and whatever is asked about them
//! finds those of all keys, and those of before.

use std::collections::HashSet;
use std::ops::Range;

use domain::dispatch::{Dispatch, DispatchState};
use domain::dispatch_id::Partition;
use domain::id::JobId;
use domain::redelivery_job::{Job, JobState, Progress};
use domain::spread::Spread;
use domain::webhook::Webhook;
use store::Page;

use crate::samples::{ALL, alice, at, event, until, webhook};
use crate::stage::Stage;

/// The first event for which a webhook that has grown at the time `GROWN_AT` has several keys.
const GROWN_AT: u32 = 100;
const FROM: u32 = 160;

#[tokio::test]
async fn a_busy_webhook_gets_more_keys_for_events_of_later_and_every_event_keeps_its_own() {
    let stage = Stage::new().await;
    stage.define(&webhook(1)).await;
    let before = claimed(&stage, 150..160).await;
    let grown = grow(&stage).await;
    assert_eq!(grown.spread.keys(), 10);
    // Events of before are what they were, and found.
    let again = claimed(&stage, 150..160).await;
    assert_eq!(ids(&before), ids(&again));
    let after = claimed(&stage, FROM..FROM + 100).await;
    let keys: HashSet<&Partition> = after.iter().map(|one| one.id.partition()).collect();
    assert_eq!(keys.len(), 10);
    assert_eq!(ids(&after), ids(&claimed(&stage, FROM..FROM + 100).await));
    // A change that is under way is not made again.
    assert_eq!(asked_to_grow(&stage, 1e6).await, None);
}

#[tokio::test]
async fn lists_show_the_dispatches_of_all_keys_in_the_order_of_time() {
    let stage = Stage::new().await;
    stage.define(&webhook(1)).await;
    let mut all = claimed(&stage, 140..160).await;
    grow(&stage).await;
    all.extend(claimed(&stage, FROM..FROM + 200).await);
    let grown = stage.found(&webhook(1).id).await.unwrap();
    for newest_first in [false, true] {
        for limit in [7, 90, 1000] {
            let (mut of_webhook, mut of_user) = (Vec::new(), Vec::new());
            for offset in (0..all.len()).step_by(limit) {
                let page = Page {
                    offset,
                    limit,
                    newest_first,
                };
                let list = stage.store.dispatches_of_webhook(&grown, all.len(), page);
                let list = list.await.unwrap();
                assert_eq!(list.total, all.len());
                of_webhook.extend(list.items);
                let list = stage
                    .store
                    .dispatches_of_user(&alice(), None, page)
                    .await
                    .unwrap();
                assert_eq!(list.total, all.len());
                of_user.extend(list.items);
            }
            assert!(of_webhook == all && of_user == all, "pages of {limit}");
        }
        all.reverse();
    }
}

#[tokio::test]
async fn a_deleted_webhook_leaves_the_dispatches_of_all_keys_behind() {
    let stage = Stage::new().await;
    stage.define(&webhook(1)).await;
    let mut all = claimed(&stage, 150..160).await;
    grow(&stage).await;
    all.extend(claimed(&stage, FROM..FROM + 60).await);
    assert!(stage.delete(&webhook(1).id).await);
    let list = stage
        .store
        .dispatches_of_user(&alice(), None, ALL)
        .await
        .unwrap();
    assert_eq!(list.total, all.len());
    assert!(list.items == all);
}

#[tokio::test]
async fn a_deleted_webhook_gets_no_more_keys_and_stays_deleted() {
    let stage = Stage::new().await;
    stage.define(&webhook(1)).await;
    assert!(stage.delete(&webhook(1).id).await);
    assert_eq!(asked_to_grow(&stage, 1e6).await, None);
    assert!(stage.waiting(&event(1)).await.is_empty());
    assert!(stage.listed(&alice()).await.is_empty());
}

#[tokio::test]
async fn a_job_comes_to_the_failed_dispatches_of_all_keys() {
    let stage = Stage::new().await;
    stage.define(&webhook(1)).await;
    let mut all = given_up(&stage, 155..160).await;
    grow(&stage).await;
    all.extend(given_up(&stage, FROM..FROM + 60).await);
    let mut job = Job {
        id: JobId::from_bytes([1; 16]),
        user: alice(),
        webhook: webhook(1).id,
        since: None,
        until: at(1000),
        started_at: at(0),
        progress: Progress::default(),
        state: JobState::Running,
    };
    let (mut found, mut left) = (Vec::new(), all.len());
    loop {
        assert_eq!(stage.store.left_of(&job).await.unwrap(), left);
        let part = stage.store.next_part(&job, 4).await.unwrap();
        left -= part.dispatches.len();
        assert!(part.dispatches.len() <= 4);
        found.extend(part.dispatches.into_iter().map(|one| one.id));
        match part.cursor {
            Some(cursor) => job.progress.cursor = Some(cursor),
            None => break,
        }
    }
    let (found, all): (HashSet<_>, HashSet<_>) = (
        found.into_iter().collect(),
        all.into_iter().map(|one| one.id).collect(),
    );
    assert_eq!(found, all);
}

#[tokio::test]
async fn the_pace_of_a_webhook_is_what_was_counted_in_a_time() {
    let stage = Stage::new().await;
    stage.define(&webhook(1)).await;
    let pace = async |seconds| {
        let (alice, webhook) = (alice(), webhook(1));
        let pace = stage.store.pace(&alice, &webhook.id, at(seconds));
        pace.await.unwrap()
    };
    assert_eq!(pace(1).await, None);
    claimed(&stage, 1..10).await;
    assert_eq!(pace(10).await, None);
    claimed(&stage, 10..50).await;
    // Too soon.
    assert_eq!(pace(14).await, None);
    assert_eq!(pace(20).await, Some(4.0));
    // Too long ago to tell.
    assert_eq!(pace(2000).await, None);
}

/// Makes the dispatches of these events exist, as the match document says.
async fn claimed(stage: &Stage, numbers: Range<u32>) -> Vec<Dispatch> {
    let dispatches = dispatches(stage, numbers).await;
    claim(stage, &dispatches).await;
    dispatches
}

/// The same, of dispatches that were given up.
async fn given_up(stage: &Stage, numbers: Range<u32>) -> Vec<Dispatch> {
    let reason = "given up".to_owned();
    let mut dispatches = dispatches(stage, numbers).await;
    for dispatch in &mut dispatches {
        dispatch.state = DispatchState::Failed {
            reason: reason.clone(),
        };
    }
    claim(stage, &dispatches).await;
    dispatches
}

async fn dispatches(stage: &Stage, numbers: Range<u32>) -> Vec<Dispatch> {
    let events: Vec<_> = numbers.map(event).collect();
    let references: Vec<_> = events.iter().collect();
    let waiting = stage.store.waiting_for(&references);
    let waiting = events.iter().zip(waiting.await);
    waiting
        .map(|(event, entries)| Dispatch::new(&entries.unwrap()[0], event))
        .collect()
}

async fn claim(stage: &Stage, dispatches: &[Dispatch]) {
    let references: Vec<_> = dispatches.iter().collect();
    let claims = stage.store.claim_all(&references, until()).await;
    for result in &claims.results {
        assert!(result.is_ok(), "{result:?}");
    }
    stage.store.correct(&claims.counts).await.unwrap();
}

async fn grow(stage: &Stage) -> Webhook {
    assert!(asked_to_grow(stage, 166.0).await.is_some());
    stage.found(&webhook(1).id).await.unwrap()
}

async fn asked_to_grow(stage: &Stage, pace: f64) -> Option<Spread> {
    let (alice, webhook) = (alice(), webhook(1));
    let grown = stage.store.grow(&alice, &webhook.id, pace, at(GROWN_AT));
    grown.await.unwrap()
}

fn ids(dispatches: &[Dispatch]) -> Vec<String> {
    dispatches.iter().map(|one| one.id.to_string()).collect()
}
