//! A busy webhook gets more partition keys for its dispatches, and whatever is asked about them
//! finds those of all keys, and those of before.

use std::collections::HashSet;
use std::ops::Range;

use domain::dispatch::{Dispatch, DispatchState};
use domain::dispatch_id::Partition;
use domain::id::JobId;
use domain::redelivery_job::{Job, JobState, Progress};
use domain::spread::Spread;
use domain::timestamp::Timestamp;
use domain::webhook::Webhook;
use store::{Page, Replaced};

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

#[tokio::test]
async fn growth_is_no_new_version_of_a_webhook_and_a_change_meanwhile_loses_neither() {
    let stage = Stage::new().await;
    stage.define(&webhook(1)).await;
    let before = stage.found(&webhook(1).id).await.unwrap();
    let grown = grow(&stage).await;
    // So nobody who edits it is told of somebody else, and what was sent is of this version.
    assert_eq!(
        (grown.version, grown.modified_at),
        (before.version, before.modified_at)
    );
    let edit = async |read: &Webhook| {
        let edited = Webhook {
            version: read.version + 1,
            modified_at: at(500),
            ..read.clone()
        };
        let replaced = stage.store.replace_webhook(read, &edited);
        replaced.await.unwrap()
    };
    // Who has read it before would take the keys away.
    assert_eq!(edit(&before).await, Replaced::ChangedMeanwhile);
    assert_eq!(edit(&grown).await, Replaced::Done);
    let found = stage.found(&webhook(1).id).await.unwrap();
    assert_eq!((found.version, found.spread), (2, grown.spread));
}

#[tokio::test]
async fn an_event_dated_ahead_keeps_its_keys_whenever_the_webhook_grows_and_it_comes_again() {
    let stage = Stage::new().await;
    stage.define(&webhook(1)).await;
    // Dated a minute and more after what the growth would wait for.
    let events: Vec<_> = (FROM + 60..FROM + 80).map(event).collect();
    let ids = async || {
        let mut entry = stage.waiting(&events[0]).await.remove(0);
        for event in &events {
            let held = hold(&stage, event.created_at).await;
            entry.spread = held.unwrap();
        }
        let ids = events.iter().map(|event| entry.dispatch_id(event));
        ids.collect::<Vec<_>>()
    };
    let before = ids().await;
    let grown = grow(&stage).await;
    assert_eq!((grown.spread.keys(), ids().await), (10, before.clone()));
    // When their time has come, they are as other events.
    let entry = stage.waiting(&events[0]).await.remove(0);
    let after: Vec<_> = events
        .iter()
        .map(|event| entry.dispatch_id(event))
        .collect();
    assert_eq!(after, before);
    // Ten minutes later at most, all events have the new keys.
    let later = event(FROM + 1000);
    let all = (0..200).map(|number| entry.dispatch_id(&event(FROM + 1000 + number)));
    let keys: HashSet<_> = all.map(|id| id.partition().clone()).collect();
    assert_eq!(keys.len(), 10);
    // What is on record stays, and a webhook that is not there has nothing.
    let held = hold(&stage, later.created_at).await.unwrap();
    assert!(held.ahead() >= Some(later.created_at));
    assert_eq!(hold(&stage, events[0].created_at).await, Some(held));
    let (alice, nobody) = (alice(), webhook(9));
    let held = stage.store.hold_spread(&alice, &nobody.id, at(500));
    assert_eq!(held.await.unwrap(), None);
}

#[tokio::test]
async fn growth_that_did_not_see_an_event_dated_ahead_is_not_made() {
    let stage = Stage::new().await;
    stage.define(&webhook(1)).await;
    let read = stage.found(&webhook(1).id).await.unwrap();
    let grown = Webhook {
        spread: read.spread.grown(166.0, at(GROWN_AT)).unwrap(),
        ..read.clone()
    };
    hold(&stage, at(FROM + 60)).await.unwrap();
    let replaced = stage.store.replace_webhook(&read, &grown).await;
    assert_eq!(replaced.unwrap(), Replaced::ChangedMeanwhile);
}

async fn hold(stage: &Stage, created_at: Timestamp) -> Option<Spread> {
    let (alice, webhook) = (alice(), webhook(1));
    let held = stage.store.hold_spread(&alice, &webhook.id, created_at);
    held.await.unwrap()
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
