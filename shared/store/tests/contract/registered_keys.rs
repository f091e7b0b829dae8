//! Idempotency keys of ad hoc webhooks that come with the start of a run.

use futures::future::join_all;
use store::Created;

use crate::front::Trouble::Busy;
use crate::front::store_in_trouble;
use crate::samples::{ad_hoc, at, event, id, keyed, webhook};
use crate::stage::Stage;

#[tokio::test]
async fn registering_a_webhook_with_a_key_again_changes_nothing() {
    let stage = Stage::new().await;
    let webhooks = [keyed(ad_hoc(1, 7), "one"), keyed(ad_hoc(2, 7), "two")];
    for _ in 0..2 {
        stage.register(&webhooks.each_ref()).await;
        assert_eq!(stage.triggered(&event(7)).await, [id(1), id(2)]);
    }
    for webhook in webhooks {
        assert_eq!(stage.found(&webhook.id).await, Some(webhook));
    }
}

#[tokio::test]
async fn a_webhook_whose_key_another_has_comes_to_nothing_and_is_reported() {
    let stage = Stage::new().await;
    stage.define(&keyed(webhook(1), "standing")).await;
    stage.define(&keyed(ad_hoc(2, 1), "created")).await;
    stage.register(&[&keyed(ad_hoc(3, 1), "registered")]).await;
    let list = [
        keyed(ad_hoc(11, 7), "standing"),
        ad_hoc(12, 7),
        keyed(ad_hoc(13, 7), "created"),
        keyed(ad_hoc(14, 7), "of its own"),
        keyed(ad_hoc(15, 7), "registered"),
    ];
    // The same when the event comes once more.
    for _ in 0..2 {
        let refused = stage.refused(&list.each_ref()).await;
        assert_eq!(refused, [id(11), id(13), id(15)]);
        // The standing one waits for the same actor.
        let triggered = stage.triggered(&event(7)).await;
        assert_eq!(triggered, [id(1), id(12), id(14)]);
    }
    for refused in [11, 13, 15] {
        assert_eq!(stage.record(&id(refused)).await, None);
    }
}

#[tokio::test]
async fn a_list_of_which_nothing_comes_is_no_error() {
    let stage = Stage::new().await;
    stage.define(&keyed(ad_hoc(1, 1), "key")).await;
    let refused = stage.refused(&[&keyed(ad_hoc(2, 7), "key")]).await;
    assert_eq!(refused, [id(2)]);
    assert!(stage.waiting(&event(7)).await.is_empty());
}

#[tokio::test]
async fn of_two_webhooks_in_one_list_with_one_key_the_first_counts() {
    let stage = Stage::new().await;
    let list = [2, 1, 3].map(|number| keyed(ad_hoc(number, 7), "key"));
    for _ in 0..2 {
        assert_eq!(stage.refused(&list.each_ref()).await, [id(1), id(3)]);
        assert_eq!(stage.triggered(&event(7)).await, [id(2)]);
    }
}

#[tokio::test]
async fn of_registrations_that_race_with_one_key_for_ten_runs_one_makes_a_webhook() {
    let stage = Stage::new().await;
    let webhooks: Vec<_> = (1..=10)
        .map(|number| keyed(ad_hoc(number, number.into()), "key"))
        .collect();
    let register = async |webhook| stage.refused(&[webhook]).await;
    let refused = join_all(webhooks.iter().map(register)).await;
    assert_eq!(
        refused.iter().filter(|refused| refused.is_empty()).count(),
        1
    );
    for (webhook, refused) in webhooks.iter().zip(refused) {
        let made = stage.found(&webhook.id).await;
        assert_eq!(made.is_some(), refused.is_empty());
    }
}

#[tokio::test]
async fn a_registration_that_breaks_off_leaves_no_key_behind_that_finds_nothing() {
    let stage = Stage::new().await;
    let keyed_one = keyed(ad_hoc(99, 7), "key");
    let mut list: Vec<_> = (1..=10).map(|number| ad_hoc(number, 7)).collect();
    list.push(keyed_one.clone());
    let store = store_in_trouble(&stage, Busy, u32::MAX).await;
    let broken_off = store.register_ad_hoc(&list, at(99)).await;
    assert!(broken_off.is_err(), "{broken_off:?}");
    assert!(stage.waiting(&event(7)).await.is_empty());
    let other = stage.create(&keyed(webhook(100), "key")).await;
    assert_eq!(other, Created::Existing(Box::new(keyed_one)));

    let refused = stage.store.register_ad_hoc(&list, at(99)).await;
    assert!(refused.unwrap().is_empty());
    assert_eq!(stage.triggered(&event(7)).await.len(), 11);
}

#[tokio::test]
async fn the_key_of_a_deleted_webhook_is_free_and_registering_it_again_revives_nothing() {
    let stage = Stage::new().await;
    let webhook = keyed(ad_hoc(1, 7), "key");
    stage.register(&[&webhook]).await;
    assert!(stage.delete(&webhook.id).await);
    stage.register(&[&webhook]).await;
    assert_eq!(stage.found(&webhook.id).await, None);
    assert!(stage.triggered(&event(7)).await.is_empty());

    let other = keyed(ad_hoc(2, 8), "key");
    stage.register(&[&other]).await;
    assert_eq!(stage.triggered(&event(8)).await, [id(2)]);
    // Nor does it take the key back.
    stage.register(&[&webhook]).await;
    let again = stage.create(&keyed(ad_hoc(3, 9), "key")).await;
    assert_eq!(again, Created::Existing(Box::new(other)));
}
