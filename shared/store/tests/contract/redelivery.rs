//! Setting dispatches going again: once, whoever asks at the same time.

use domain::dispatch::{Dispatch, DispatchState, Next};
use domain::id::JobId;
use domain::redelivery::Step;
use futures::future::join_all;
use store::{Recorded, Revived};

use crate::samples::{at, dispatch, event, failed_call, message, webhook};
use crate::stage::Stage;

#[tokio::test]
async fn a_dispatch_that_has_ended_goes_on_after_its_last_attempt() {
    let stage = Stage::new().await;
    let reason = "given up".to_owned();
    for (number, end) in [(1, Next::Failed { reason }), (2, Next::Succeeded)] {
        let ended = ended(&stage, number, &end).await;
        let again = again(&ended, 60);
        assert_eq!(revive(&stage, &ended, &again).await, Revived::Done);
        let found = found(&stage, &ended).await;
        assert_eq!(found, again);
        assert_eq!(found.calls, [failed_call(1)]);
        // The attempt after it is the one that is recorded next.
        let next = Next::Retry { at: at(90) };
        for (attempt, expected) in [(1, Recorded::AlreadyThere), (2, Recorded::Written)] {
            let recorded = stage
                .record_attempt(&message(&again, attempt), &failed_call(2), &next)
                .await;
            assert_eq!(recorded.unwrap(), expected);
        }
    }
}

#[tokio::test]
async fn of_many_who_ask_at_once_one_sets_it_going() {
    let stage = Stage::new().await;
    let ended = ended(&stage, 1, &Next::Succeeded).await;
    let again = again(&ended, 60);
    let asked = join_all((0..20).map(|_| revive(&stage, &ended, &again))).await;
    let done = asked.iter().filter(|asked| **asked == Revived::Done);
    assert_eq!(done.count(), 1);
}

#[tokio::test]
async fn a_retry_comes_forward_only_if_it_is_still_the_one_that_was_read() {
    let stage = Stage::new().await;
    let waiting = ended(&stage, 1, &Next::Retry { at: at(3600) }).await;
    let Step::BringForward(sooner) = waiting.redelivery_step(at(60)) else {
        panic!("it does not wait")
    };
    assert_eq!(revive(&stage, &waiting, &sooner).await, Revived::Done);
    assert_eq!(found(&stage, &waiting).await, *sooner);
    let too_late = revive(&stage, &waiting, &sooner).await;
    assert_eq!(too_late, Revived::ChangedMeanwhile);
}

#[tokio::test]
async fn a_redelivery_by_name_takes_the_place_of_one_by_a_job() {
    let stage = Stage::new().await;
    let ended = ended(&stage, 1, &Next::Succeeded).await;
    let job = JobId::from_bytes([1; 16]);
    let by_job = ended.redelivered(at(60), Some(job));
    assert_eq!(revive(&stage, &ended, &by_job).await, Revived::Done);
    assert_eq!(found(&stage, &ended).await, by_job);
    let recorded = stage
        .record_attempt(&message(&by_job, 2), &failed_call(2), &Next::Succeeded)
        .await;
    assert_eq!(recorded.unwrap(), Recorded::Written);
    let ended = found(&stage, &ended).await;
    let by_name = again(&ended, 90);
    assert_eq!(revive(&stage, &ended, &by_name).await, Revived::Done);
    assert_eq!(found(&stage, &ended).await, by_name);
}

/// A dispatch with one failed call, and with what followed it.
async fn ended(stage: &Stage, number: u32, end: &Next) -> Dispatch {
    let dispatch = dispatch(&webhook(1), &event(number));
    stage.claim(&dispatch).await;
    let recorded = stage
        .record_attempt(&message(&dispatch, 1), &failed_call(1), end)
        .await;
    assert_eq!(recorded.unwrap(), Recorded::Written);
    found(stage, &dispatch).await
}

/// What becomes of a dispatch that its owner asks for so many seconds after the beginning.
fn again(ended: &Dispatch, seconds: u32) -> Dispatch {
    ended.redelivered(at(seconds), None)
}

async fn revive(stage: &Stage, read: &Dispatch, again: &Dispatch) -> Revived {
    let due = match again.state {
        DispatchState::Active { next_at } => next_at,
        DispatchState::Succeeded | DispatchState::Failed { .. } => None,
    };
    stage.store.revive(read, again, due.unwrap()).await.unwrap()
}

async fn found(stage: &Stage, dispatch: &Dispatch) -> Dispatch {
    let found = stage.store.dispatch(&dispatch.user, &dispatch.id).await;
    found.unwrap().unwrap()
}
