//! Leases: of all who ask for an attempt at the same time one gets it, and whoever gets it later
//! knows of those before.

use domain::dispatch::{Dispatch, Next};
use futures::future::join_all;
use store::{Leased, Recorded};

use crate::samples::{at, dispatch, event, failed_call, message, webhook};
use crate::stage::Stage;

/// How long a lease is held, in seconds.
const LEASE: u32 = 180;

#[tokio::test]
async fn the_first_to_ask_gets_an_attempt_and_another_finds_it_taken_until_its_end() {
    let stage = Stage::new().await;
    let claimed = claimed(&stage).await;
    assert_eq!(lease(&stage, &claimed, 1, "a", 0).await, Leased::Ours);
    let taken = Leased::Taken { until: at(LEASE) };
    for now in [0, 60, LEASE] {
        assert_eq!(lease(&stage, &claimed, 1, "b", now).await, taken);
    }
}

#[tokio::test]
async fn a_holder_whose_answer_was_lost_gets_its_lease_again() {
    let stage = Stage::new().await;
    let claimed = claimed(&stage).await;
    for _ in 0..3 {
        assert_eq!(lease(&stage, &claimed, 1, "a", 0).await, Leased::Ours);
    }
}

#[tokio::test]
async fn whoever_follows_a_lease_that_has_ended_knows_that_there_was_another() {
    let stage = Stage::new().await;
    let claimed = claimed(&stage).await;
    assert_eq!(lease(&stage, &claimed, 1, "a", 0).await, Leased::Ours);
    for (holder, now) in [("b", LEASE + 1), ("c", 2 * LEASE + 2)] {
        // Also when the answer to its first call was lost.
        for _ in 0..2 {
            let leased = lease(&stage, &claimed, 1, holder, now).await;
            assert_eq!(leased, Leased::OursAfterAnother, "{holder}");
        }
        let until = at(now + LEASE);
        let late = lease(&stage, &claimed, 1, "late", now).await;
        assert_eq!(late, Leased::Taken { until });
    }
}

#[tokio::test]
async fn an_attempt_that_is_on_record_is_nobodys() {
    let stage = Stage::new().await;
    let claimed = claimed(&stage).await;
    assert_eq!(lease(&stage, &claimed, 1, "a", 0).await, Leased::Ours);
    record(&stage, &claimed, &Next::Retry { at: at(60) }).await;
    for holder in ["a", "b"] {
        assert_eq!(lease(&stage, &claimed, 1, holder, 1).await, Leased::Over);
    }
}

#[tokio::test]
async fn no_attempt_of_a_dispatch_that_has_ended_or_never_was_is_anybodys() {
    let stage = Stage::new().await;
    let reason = "given up".to_owned();
    for (number, end) in [(1, Next::Succeeded), (2, Next::Failed { reason })] {
        let ended = dispatch(&webhook(1), &event(number));
        stage.claim(&ended).await;
        record(&stage, &ended, &end).await;
        for attempt in [1, 2] {
            assert_eq!(lease(&stage, &ended, attempt, "a", 0).await, Leased::Over);
        }
    }
    let unknown = dispatch(&webhook(1), &event(3));
    assert_eq!(lease(&stage, &unknown, 1, "a", 0).await, Leased::Over);
    let found = stage.store.dispatch(&unknown.user, &unknown.id).await;
    assert_eq!(found.unwrap(), None);
}

#[tokio::test]
async fn the_lease_of_one_attempt_does_not_bind_the_next() {
    let stage = Stage::new().await;
    let claimed = claimed(&stage).await;
    assert_eq!(lease(&stage, &claimed, 1, "a", 0).await, Leased::Ours);
    record(&stage, &claimed, &Next::Retry { at: at(2) }).await;
    assert_eq!(lease(&stage, &claimed, 2, "b", 2).await, Leased::Ours);
    let until = at(2 + LEASE);
    let late = lease(&stage, &claimed, 2, "a", 2).await;
    assert_eq!(late, Leased::Taken { until });
}

#[tokio::test]
async fn of_fifty_workers_that_ask_at_once_one_gets_the_attempt() {
    let stage = Stage::new().await;
    let claimed = claimed(&stage).await;
    // And once more when that one has come to nothing.
    for (now, won) in [(0, Leased::Ours), (LEASE + 1, Leased::OursAfterAnother)] {
        let holders: Vec<String> = (0..50).map(|number| format!("{number} at {now}")).collect();
        let asked = holders
            .iter()
            .map(|holder| lease(&stage, &claimed, 1, holder, now));
        let answers = join_all(asked).await;
        let until = at(now + LEASE);
        let count = |what| answers.iter().filter(|answer| **answer == what).count();
        assert_eq!((count(won), count(Leased::Taken { until })), (1, 49));
    }
}

#[tokio::test]
async fn a_lease_leaves_the_dispatch_as_its_owner_sees_it() {
    let stage = Stage::new().await;
    let claimed = claimed(&stage).await;
    assert_eq!(lease(&stage, &claimed, 1, "a", 0).await, Leased::Ours);
    let found = stage.store.dispatch(&claimed.user, &claimed.id).await;
    assert_eq!(found.unwrap(), Some(claimed));
}

async fn claimed(stage: &Stage) -> Dispatch {
    let dispatch = dispatch(&webhook(1), &event(1));
    stage.claim(&dispatch).await;
    dispatch
}

/// Asks for an attempt so many seconds after the beginning.
async fn lease(stage: &Stage, of: &Dispatch, attempt: u32, holder: &str, now: u32) -> Leased {
    let leased = stage
        .store
        .lease(&message(of, attempt), holder, at(now), at(now + LEASE))
        .await;
    leased.unwrap()
}

/// Records the first attempt.
async fn record(stage: &Stage, of: &Dispatch, next: &Next) {
    let recorded = stage
        .record_attempt(&message(of, 1), &failed_call(1), next)
        .await;
    assert_eq!(recorded.unwrap(), Recorded::Written);
}
