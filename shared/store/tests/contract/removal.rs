//! Deleting webhooks.

use futures::future::join_all;
use store::Replaced;

use crate::samples::{
    ad_hoc, alice, changed, dispatch, event, id, keyed, message, removed, webhook,
};
use crate::stage::Stage;

#[tokio::test]
async fn a_deleted_webhook_is_neither_found_nor_listed_nor_matched() {
    let stage = Stage::new().await;
    for number in [1, 2] {
        stage.define(&webhook(number)).await;
    }
    assert!(stage.delete(&id(1)).await);
    assert_eq!(stage.found(&id(1)).await, None);
    assert_eq!(stage.listed(&alice()).await, [webhook(2)]);
    assert_eq!(stage.triggered(&event(1)).await, [id(2)]);
}

#[tokio::test]
async fn a_dispatch_that_waits_finds_out_that_its_webhook_was_deleted() {
    let stage = Stage::new().await;
    let (standing, ad_hoc) = (webhook(1), ad_hoc(2, 1));
    stage.define(&standing).await;
    stage.register(&[&ad_hoc]).await;
    for webhook in [standing, ad_hoc] {
        let dispatch = dispatch(&webhook, &event(1));
        stage.claim(&dispatch).await;
        assert!(stage.delete(&webhook.id).await);
        let load = stage.load(&message(&dispatch, 1)).await;
        assert_eq!(load.webhook.as_deref(), Some(&removed(&webhook)));
        assert_eq!(load.dispatch, Some(dispatch));
    }
}

#[tokio::test]
async fn the_record_of_a_deleted_webhook_says_so_itself() {
    let stage = Stage::new().await;
    let (standing, ad_hoc) = (keyed(webhook(1), "key"), ad_hoc(2, 7));
    stage.define(&standing).await;
    stage.register(&[&ad_hoc]).await;
    for webhook in [standing, ad_hoc] {
        assert!(stage.delete(&webhook.id).await);
        assert_eq!(stage.record(&webhook.id).await, Some(removed(&webhook)));
    }
}

#[tokio::test]
async fn a_deleted_ad_hoc_webhook_is_neither_found_nor_triggered() {
    let stage = Stage::new().await;
    stage.register(&[&ad_hoc(1, 7), &ad_hoc(2, 7)]).await;
    assert!(stage.delete(&id(1)).await);
    assert_eq!(stage.found(&id(1)).await, None);
    assert_eq!(stage.triggered(&event(7)).await, [id(2)]);
}

#[tokio::test]
async fn what_is_not_there_or_no_longer_there_is_not_deleted() {
    let stage = Stage::new().await;
    stage.register(&[&ad_hoc(2, 7)]).await;
    stage.define(&webhook(1)).await;
    for number in [1, 2] {
        assert!(stage.delete(&id(number)).await);
        assert!(!stage.delete(&id(number)).await);
    }
    assert!(!stage.delete(&id(3)).await);
}

#[tokio::test]
async fn of_ten_deletions_at_once_one_deletes() {
    let stage = Stage::new().await;
    stage.define(&keyed(webhook(1), "key")).await;
    let id = id(1);
    let answers = join_all((0..10).map(|_| stage.delete(&id))).await;
    assert_eq!(answers.iter().filter(|&&deleted| deleted).count(), 1);
}

#[tokio::test]
async fn a_webhook_that_was_changed_after_it_was_read_is_not_deleted() {
    let stage = Stage::new().await;
    let (standing, ad_hoc) = (webhook(1), ad_hoc(2, 7));
    stage.define(&standing).await;
    stage.register(&[&ad_hoc]).await;
    for read in [standing, ad_hoc] {
        let changed = changed(&read);
        assert_eq!(stage.replace(&read, &changed).await, Replaced::Done);
        let deleted = stage.delete_version(&read).await;
        assert_eq!(deleted, Replaced::ChangedMeanwhile);
        assert_eq!(stage.found(&read.id).await, Some(changed));
    }
    assert_eq!(stage.triggered(&event(7)).await, [id(1), id(2)]);
}
