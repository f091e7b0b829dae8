//! What webhooks have done: how many dispatches, and which was the last.

use domain::dispatch::{Dispatch, DispatchState, Next};
use domain::webhook::Webhook;
use store::{Activity, Counts, Firing, Recorded};

use crate::samples::{ad_hoc, dispatch, event, failed_call, message, test_dispatch, webhook};
use crate::stage::{DISPATCHES, Stage};

#[tokio::test]
async fn a_webhook_has_made_the_dispatches_that_were_counted_and_knows_the_last() {
    let stage = Stage::new().await;
    let [first, second, third] = [1, 2, 3].map(|number| dispatch(&webhook(1), &event(number)));
    let other = dispatch(&webhook(2), &event(9));
    for claimed in [&first, &second, &third, &other] {
        stage.claim(claimed).await;
    }
    // One batch, not in the order of events.
    count(&stage, &[&second, &other, &first]).await;
    assert_eq!(activity(&stage, &webhook(1)).await, made(2, second));
    assert_eq!(activity(&stage, &webhook(2)).await, made(1, other.clone()));
    count(&stage, &[&third]).await;
    count(&stage, &[]).await;
    assert_eq!(activity(&stage, &webhook(1)).await, made(3, third));
    assert_eq!(activity(&stage, &webhook(2)).await, made(1, other));
}

#[tokio::test]
async fn the_last_dispatch_is_shown_as_it_is_now() {
    let stage = Stage::new().await;
    let claimed = dispatch(&webhook(1), &event(1));
    stage.claim(&claimed).await;
    count(&stage, &[&claimed]).await;
    let delivered = stage
        .record_attempt(&message(&claimed, 1), &failed_call(1), &Next::Succeeded)
        .await;
    assert_eq!(delivered.unwrap(), Recorded::Written);
    let now = Dispatch {
        state: DispatchState::Succeeded,
        calls: vec![failed_call(1)],
        ..claimed
    };
    assert_eq!(activity(&stage, &webhook(1)).await, made(1, now));
}

#[tokio::test]
async fn the_activities_of_many_webhooks_are_told_together() {
    let stage = Stage::new().await;
    let (busy, idle) = (webhook(1), webhook(2));
    let (fired, waits) = (ad_hoc(3, 7), ad_hoc(4, 7));
    stage.register(&[&fired, &waits]).await;
    let of_busy = dispatch(&busy, &event(1));
    let of_fired = dispatch(&fired, &event(7));
    assert_eq!(stage.fire(&of_fired).await, Firing::Ours);
    for claimed in [&of_busy, &of_fired] {
        stage.claim(claimed).await;
    }
    // That an ad hoc webhook has fired is known without counting.
    count(&stage, &[&of_busy, &of_fired]).await;
    let webhooks = [busy, idle, fired, waits];
    let activities = stage.store.activity(&webhooks).await.unwrap();
    let expected = [
        made(1, of_busy),
        Activity::default(),
        made(1, of_fired),
        Activity::default(),
    ];
    assert_eq!(activities.len(), 4);
    for (webhook, expected) in webhooks.iter().zip(expected) {
        assert_eq!(activities[&webhook.id], expected);
    }
    assert!(stage.store.activity(&[]).await.unwrap().is_empty());
}

#[tokio::test]
async fn trial_deliveries_are_noted_but_do_not_count() {
    let stage = Stage::new().await;
    let (standing, ad_hoc) = (webhook(1), ad_hoc(2, 7));
    stage.register(&[&ad_hoc]).await;
    for webhook in [standing, ad_hoc] {
        for seconds in [4, 5] {
            let trial = test_dispatch(&webhook, seconds);
            stage.claim(&trial).await;
            // Noted twice, it is the same.
            for _ in 0..2 {
                stage.store.note_test(&trial).await.unwrap();
            }
            assert_eq!(activity(&stage, &webhook).await, made(0, trial));
        }
    }
}

#[tokio::test]
async fn a_trial_changes_no_count_and_the_next_dispatch_is_the_last_again() {
    let stage = Stage::new().await;
    let standing = webhook(1);
    let [before, after] = [1, 3].map(|number| dispatch(&standing, &event(number)));
    let trial = test_dispatch(&standing, 2);
    for claimed in [&before, &trial, &after] {
        stage.claim(claimed).await;
    }
    count(&stage, &[&before]).await;
    stage.store.note_test(&trial).await.unwrap();
    assert_eq!(activity(&stage, &standing).await, made(1, trial));
    count(&stage, &[&after]).await;
    assert_eq!(activity(&stage, &standing).await, made(2, after));
}

#[tokio::test]
async fn the_last_of_an_ad_hoc_webhook_is_what_came_later_its_event_or_a_trial() {
    let stage = Stage::new().await;
    let webhook = ad_hoc(1, 7);
    stage.register(&[&webhook]).await;
    let fired = dispatch(&webhook, &event(7));
    let (early, late) = (test_dispatch(&webhook, 6), test_dispatch(&webhook, 8));
    for claimed in [&early, &fired, &late] {
        stage.claim(claimed).await;
    }
    stage.store.note_test(&early).await.unwrap();
    assert_eq!(stage.fire(&fired).await, Firing::Ours);
    assert_eq!(activity(&stage, &webhook).await, made(1, fired));
    stage.store.note_test(&late).await.unwrap();
    assert_eq!(activity(&stage, &webhook).await, made(1, late));
}

#[tokio::test]
async fn a_last_dispatch_whose_record_has_expired_is_none_and_the_count_stays() {
    let stage = Stage::new().await;
    let (standing, ad_hoc) = (webhook(1), ad_hoc(2, 7));
    stage.register(&[&ad_hoc]).await;
    // Never claimed, it has no record, as one that has expired.
    let [gone, fired] = [&standing, &ad_hoc].map(|webhook| dispatch(webhook, &event(7)));
    count(&stage, &[&gone]).await;
    assert_eq!(stage.fire(&fired).await, Firing::Ours);
    for webhook in [standing, ad_hoc] {
        let expected = Activity {
            total_dispatches: 1,
            last: None,
        };
        assert_eq!(activity(&stage, &webhook).await, expected);
    }
}

#[tokio::test]
async fn the_counters_of_a_standing_webhook_go_with_it() {
    let stage = Stage::new().await;
    let webhook = webhook(1);
    stage.define(&webhook).await;
    count(&stage, &[&dispatch(&webhook, &event(1))]).await;
    let partition = format!("U#alice#W#{}", webhook.id);
    assert_eq!(stage.items(DISPATCHES, &partition).await.len(), 1);
    assert!(stage.delete(&webhook.id).await);
    assert!(stage.items(DISPATCHES, &partition).await.is_empty());
}

async fn count(stage: &Stage, won: &[&Dispatch]) {
    stage.store.correct(&Counts::of_new(won)).await.unwrap();
}

async fn activity(stage: &Stage, webhook: &Webhook) -> Activity {
    let mut activities = stage
        .store
        .activity(std::slice::from_ref(webhook))
        .await
        .unwrap();
    activities.remove(&webhook.id).unwrap()
}

fn made(total_dispatches: u64, last: Dispatch) -> Activity {
    Activity {
        total_dispatches,
        last: Some(last),
    }
}
