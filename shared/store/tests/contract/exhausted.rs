//! Exhausted dispatches, from the record of the last attempt to the notice that counts it: each is
//! counted once, whatever dies and whatever comes late.

use std::collections::BTreeMap;

use domain::dispatch::Next;
use domain::due::Minute;
use domain::notice::{Change, Notice, SHARDS};
use futures::future::join_all;
use store::Recorded;

use crate::samples::{at, dispatch, event, failed_call, message, webhook};
use crate::stage::Stage;

/// Long after everything that is recorded here.
const LATER: u32 = 3600;

#[tokio::test]
async fn the_exhausted_dispatches_of_a_minute_make_one_notice_that_names_the_first() {
    let stage = Stage::new().await;
    let numbers: Vec<u32> = (1..=250).collect();
    join_all(numbers.iter().map(|&number| exhaust(&stage, number))).await;
    count(&stage).await;
    let told = told(&stage).await;
    let [notice] = told.as_slice() else {
        panic!("{} notices", told.len());
    };
    assert_eq!(counted(&told).values().sum::<usize>(), 250);
    let Change::DispatchExhausted { dispatch_ids, .. } = &notice.change else {
        panic!("{notice:?}");
    };
    assert_eq!(dispatch_ids.len(), 10);
}

#[tokio::test]
async fn what_comes_late_is_counted_apart_although_the_notice_before_is_sent_again() {
    let stage = Stage::new().await;
    exhaust(&stage, 1).await;
    count(&stage).await;
    // Sent, and then the sweep dies.
    let before = counted(&told(&stage).await);
    assert_eq!(before.values().sum::<usize>(), 1);
    exhaust(&stage, 2).await;
    count(&stage).await;
    let after = counted(&told(&stage).await);
    for (id, count) in &before {
        assert_eq!(after.get(id), Some(count), "it was sent with this count");
    }
    assert_eq!(after.values().sum::<usize>(), 2);
}

#[tokio::test]
async fn sweeps_that_count_at_the_same_time_count_everything_once() {
    let stage = Stage::new().await;
    join_all((1..=120).map(|number| exhaust(&stage, number))).await;
    join_all((0..3).map(|_| count(&stage))).await;
    count(&stage).await;
    assert_eq!(counted(&told(&stage).await).values().sum::<usize>(), 120);
}

#[tokio::test]
async fn a_minute_that_is_not_over_is_not_counted() {
    let stage = Stage::new().await;
    exhaust(&stage, 1).await;
    count_before(&stage, minute_of(2)).await;
    assert!(told(&stage).await.is_empty());
    count_before(&stage, minute_of(2 + 60)).await;
    assert_eq!(told(&stage).await.len(), 1);
}

#[tokio::test]
async fn what_was_sent_is_told_no_more() {
    let stage = Stage::new().await;
    exhaust(&stage, 1).await;
    count(&stage).await;
    let sent = told(&stage).await;
    let sent: Vec<_> = sent.iter().collect();
    stage.store.note_sent(&sent).await.unwrap();
    count(&stage).await;
    assert!(told(&stage).await.is_empty());
}

/// The last attempt of the dispatch of Alice's run of this number fails, in the first minute.
async fn exhaust(stage: &Stage, number: u32) {
    let dispatch = dispatch(&webhook(1), &event(number));
    stage.claim(&dispatch).await;
    let reason = "All 11 retries failed".to_owned();
    let next = Next::Exhausted { reason };
    let recorded = stage
        .record_attempt(&message(&dispatch, 1), &failed_call(1), &next)
        .await;
    assert_eq!(recorded.unwrap(), Recorded::Written);
}

async fn count(stage: &Stage) {
    count_before(stage, minute_of(LATER)).await;
}

async fn count_before(stage: &Stage, minute: Minute) {
    for shard in 0..SHARDS {
        let counted = stage.store.count_exhausted(shard, minute).await;
        assert!(counted.unwrap().is_empty());
    }
}

/// What is to be sent.
async fn told(stage: &Stage) -> Vec<Notice> {
    let mut told = Vec::new();
    for shard in 0..SHARDS {
        let pending = stage.store.pending_notices(shard).await;
        told.extend(pending.unwrap().into_iter().map(Result::unwrap));
    }
    told
}

/// How many dispatches each notice counts, by its id.
fn counted(told: &[Notice]) -> BTreeMap<String, usize> {
    let count = |notice: &Notice| match notice.change {
        Change::DispatchExhausted { count, .. } => count,
        _ => 0,
    };
    let counts = told
        .iter()
        .map(|notice| (notice.id.as_str().to_owned(), count(notice)));
    counts.collect()
}

fn minute_of(seconds: u32) -> Minute {
    Minute::of(at(seconds))
}
