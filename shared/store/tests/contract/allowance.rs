//! What users may still ask of the fast lane: trials one at a time, and hosts that hang are
//! counted.

use std::slice;

use domain::endpoint::{Allowance, MOST_HANGS};
use futures::future::join_all;

use crate::samples::{alice, at};
use crate::stage::Stage;

#[tokio::test]
async fn of_many_who_begin_a_trial_at_once_one_does_and_the_next_when_its_time_is_over() {
    let stage = Stage::new().await;
    for (now, begun) in [(0, 1), (2, 0), (3, 1)] {
        let user = alice();
        let trials = (0..20).map(|_| stage.store.begin_trial(&user, at(now + 3), at(now)));
        let trials = join_all(trials).await;
        let done = trials.into_iter().map(Result::unwrap).filter(|done| *done);
        assert_eq!(done.count(), begun, "{now}");
    }
}

#[tokio::test]
async fn a_host_that_hangs_keeps_its_user_from_trials_until_it_is_over() {
    let stage = Stage::new().await;
    assert!(begin_trial(&stage, 0).await);
    hang(&stage, 120, 1).await;
    assert!(!begin_trial(&stage, 119).await);
    assert!(begin_trial(&stage, 120).await);
}

#[tokio::test]
async fn hosts_that_hang_are_counted_for_ten_minutes_and_then_anew() {
    let stage = Stage::new().await;
    for hangs in 1..=MOST_HANGS {
        assert!(!known(&stage).await.is_held(at(hangs)));
        hang(&stage, 120 + hangs, hangs).await;
        assert_eq!(known(&stage).await.hangs, hangs);
    }
    assert!(known(&stage).await.is_held(at(600)));
    assert!(!known(&stage).await.is_held(at(601)));
    hang(&stage, 800, 700).await;
    let anew = Allowance {
        trial_until: Some(at(800)),
        hangs: 1,
        hangs_since: Some(at(700)),
    };
    assert_eq!(known(&stage).await, anew);
}

#[tokio::test]
async fn hangs_at_once_are_all_counted() {
    let stage = Stage::new().await;
    hang(&stage, 120, 1).await;
    join_all((0..20).map(|_| hang(&stage, 120, 2))).await;
    assert_eq!(known(&stage).await.hangs, 21);
}

async fn known(stage: &Stage) -> Allowance {
    let read = stage.store.healths(&[], slice::from_ref(&alice())).await;
    read.unwrap().users.remove(&alice()).unwrap_or_default()
}

async fn hang(stage: &Stage, over_at: u32, now: u32) {
    let noted = stage.store.note_hang(&alice(), at(over_at), at(now)).await;
    noted.unwrap();
}

async fn begin_trial(stage: &Stage, now: u32) -> bool {
    let begun = stage
        .store
        .begin_trial(&alice(), at(now + 3), at(now))
        .await;
    begun.unwrap()
}
