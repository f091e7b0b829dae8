//! Claiming dispatches: each exists once, whoever races.

use domain::dispatch::{Dispatch, DispatchState, Next};
use domain::event::Event;
use futures::future::join_all;
use store::{Claim, Claims, Recorded, StoreError};

use crate::front::Trouble::Busy;
use crate::front::store_in_trouble;
use crate::samples::{ad_hoc, at, dispatch, event, failed_call, message, until, webhook};
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
        .record_attempt(&message(&dispatch, 1), &failed_call(1), &retry)
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

#[tokio::test]
async fn each_of_many_claims_has_its_own_answer_in_their_order() {
    let stage = Stage::new().await;
    stage.register(&[&ad_hoc(2, 7)]).await;
    let (standing, of_ad_hoc) = (webhook(1), ad_hoc(2, 7));
    let [waiting, attempted, new] = [1, 2, 3].map(|number| dispatch(&standing, &event(number)));
    let fires = dispatch(&of_ad_hoc, &event(7));
    let again = Event {
        created_at: at(90),
        ..event(7)
    };
    let comes_late = dispatch(&of_ad_hoc, &again);
    for there in [&waiting, &attempted] {
        assert_eq!(claim(&stage, there).await, Claim::Won);
    }
    let recorded = stage
        .record_attempt(&message(&attempted, 1), &failed_call(1), &Next::Succeeded)
        .await;
    assert_eq!(recorded.unwrap(), Recorded::Written);
    let first = [&waiting, &fires, &attempted, &new];
    let claims = stage.store.claim_all(&first, until()).await;
    let expected = [Claim::Waiting, Claim::Won, Claim::Attempted, Claim::Won];
    assert_eq!(unwrapped(claims), expected);
    let then = [&comes_late, &fires];
    let claims = stage.store.claim_all(&then, until()).await;
    assert_eq!(unwrapped(claims), [Claim::FiredByAnother, Claim::Waiting]);
    let none = stage.store.dispatch(&comes_late.user, &comes_late.id).await;
    assert_eq!(none.unwrap(), None);
}

/// A call carries 25, and one item once.
#[tokio::test]
async fn any_number_of_ad_hoc_webhooks_of_one_run_is_fired_at_once() {
    let stage = Stage::new().await;
    let webhooks: Vec<_> = (1..=30).map(|number| ad_hoc(number, 7)).collect();
    stage.register(&webhooks.iter().collect::<Vec<_>>()).await;
    let dispatches: Vec<_> = webhooks
        .iter()
        .map(|webhook| dispatch(webhook, &event(7)))
        .collect();
    let dispatches: Vec<&Dispatch> = dispatches.iter().collect();
    for expected in [Claim::Won, Claim::Waiting] {
        let claims = stage.store.claim_all(&dispatches, until()).await;
        assert_eq!(unwrapped(claims), [expected; 30]);
    }
}

#[tokio::test]
async fn of_fifty_workers_that_claim_the_same_batch_each_dispatch_has_one_winner() {
    let stage = Stage::new().await;
    let dispatches = [1, 2, 3].map(|number| dispatch(&webhook(1), &event(number)));
    let dispatches: Vec<&Dispatch> = dispatches.iter().collect();
    let workers = (0..50).map(|_| stage.store.claim_all(&dispatches, until()));
    let mut won = [0; 3];
    let mut counted = Vec::new();
    for claims in join_all(workers).await {
        for (won, result) in won.iter_mut().zip(&claims.results) {
            *won += usize::from(matches!(result, Ok(Claim::Won)));
        }
        counted.push(claims.counts);
    }
    assert_eq!(won, [1, 1, 1]);
    for counts in &counted {
        stage.store.correct(counts).await.unwrap();
    }
    let activity = stage.store.activity(&[webhook(1)]).await.unwrap();
    assert_eq!(activity[&webhook(1).id].total_dispatches, 3);
}

#[tokio::test]
async fn claims_that_aws_is_too_busy_for_are_made_again() {
    let stage = Stage::new().await;
    let store = store_in_trouble(&stage, Busy, 2).await;
    let dispatches = [1, 2, 3].map(|number| dispatch(&webhook(1), &event(number)));
    let dispatches: Vec<&Dispatch> = dispatches.iter().collect();
    let claims = store.claim_all(&dispatches, until()).await;
    assert_eq!(unwrapped(claims), [Claim::Won; 3]);
    // One is carried out each time.
    let store = store_in_trouble(&stage, Busy, u32::MAX).await;
    let others: Vec<_> = (4..=12)
        .map(|number| dispatch(&webhook(1), &event(number)))
        .collect();
    let others: Vec<&Dispatch> = others.iter().collect();
    let results = store.claim_all(&others, until()).await.results;
    let (won, failed) = results.split_at(6);
    assert!(
        won.iter().all(|one| matches!(one, Ok(Claim::Won))),
        "{won:?}"
    );
    assert!(
        failed
            .iter()
            .all(|one| matches!(one, Err(StoreError::Call { .. }))),
        "{failed:?}"
    );
}

fn unwrapped(claims: Claims) -> Vec<Claim> {
    claims.results.into_iter().map(Result::unwrap).collect()
}
