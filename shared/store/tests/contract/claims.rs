//! Claiming dispatches: each exists once, whoever races.

use domain::dispatch::{Dispatch, DispatchState, Next};
use futures::future::join_all;
use store::{Claim, Recorded};

use crate::samples::{at, dispatch, event, failed_call, message, until, webhook};
use crate::stage::Stage;

#[tokio::test]
async fn a_dispatch_is_won_once_then_waits_until_it_was_attempted() {
    let stage = Stage::new().await;
    let dispatch = dispatch(&webhook(1), &event(1));
    assert_eq!(claim(&stage, &dispatch).await, Claim::Won);
    assert_eq!(claim(&stage, &dispatch).await, Claim::Waiting);
    assert_eq!(claim(&stage, &dispatch).await, Claim::Waiting);
    let retry = Next::Retry { at: at(60) };
    let recorded = stage
        .store
        .record(&message(&dispatch, 1), &failed_call(1), &retry)
        .await;
    assert_eq!(recorded.unwrap(), Recorded::Written);
    assert_eq!(claim(&stage, &dispatch).await, Claim::Attempted);
}

#[tokio::test]
async fn a_dispatch_that_ended_without_a_call_is_nobodys_to_send() {
    let stage = Stage::new().await;
    let ended = Dispatch {
        state: DispatchState::Failed {
            reason: "given up".to_owned(),
        },
        ..dispatch(&webhook(1), &event(1))
    };
    assert_eq!(claim(&stage, &ended).await, Claim::Won);
    assert_eq!(claim(&stage, &ended).await, Claim::Attempted);
}

#[tokio::test]
async fn claiming_again_leaves_the_dispatch_as_it_is() {
    let stage = Stage::new().await;
    let first = dispatch(&webhook(1), &event(1));
    assert_eq!(claim(&stage, &first).await, Claim::Won);
    let changed = Dispatch {
        state: DispatchState::Succeeded,
        ..first.clone()
    };
    assert_eq!(claim(&stage, &changed).await, Claim::Waiting);
    let found = stage.store.dispatch(&first.user, &first.id).await.unwrap();
    assert_eq!(found, Some(first));
}

#[tokio::test]
async fn of_fifty_workers_that_claim_at_once_one_wins_and_the_others_may_send_too() {
    let stage = Stage::new().await;
    let dispatch = dispatch(&webhook(1), &event(1));
    let claims = join_all((0..50).map(|_| claim(&stage, &dispatch))).await;
    let count = |what| claims.iter().filter(|claim| **claim == what).count();
    assert_eq!((count(Claim::Won), count(Claim::Waiting)), (1, 49));
}

async fn claim(stage: &Stage, dispatch: &Dispatch) -> Claim {
    stage.store.claim(dispatch, until()).await.unwrap()
}
