//! Deleting webhooks.

use domain::webhook::{Webhook, WebhookState};
use futures::future::join_all;
use store::Created;

use crate::samples::{ad_hoc, alice, at, dispatch, event, id, message, webhook};
use crate::stage::Stage;

#[tokio::test]
async fn a_deleted_webhook_is_neither_found_nor_listed_nor_matched() {
    let stage = Stage::new().await;
    for number in [1, 2] {
        stage.define(&webhook(number)).await;
    }
    assert!(stage.delete(&id(1)).await);
    assert_eq!(stage.found(&id(1)).await, None);
    assert_eq!(stage.store.webhooks(&alice()).await.unwrap(), [webhook(2)]);
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
        let removed = Webhook {
            state: WebhookState::Removed,
            version: 2,
            modified_at: at(9),
            ..webhook
        };
        assert_eq!(load.webhook, Some(removed));
        assert_eq!(load.dispatch, Some(dispatch));
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
    assert_eq!(
        stage.define_with(&webhook(1), Some("key")).await,
        Created::New
    );
    let id = id(1);
    let answers = join_all((0..10).map(|_| stage.delete(&id))).await;
    assert_eq!(answers.iter().filter(|&&deleted| deleted).count(), 1);
}

#[tokio::test]
async fn the_idempotency_key_of_a_deleted_webhook_is_free_again() {
    let stage = Stage::new().await;
    for number in [1, 2] {
        let created = stage.define_with(&webhook(number), Some("key")).await;
        assert_eq!(created, Created::New);
        assert!(stage.delete(&id(number)).await);
    }
    let created = stage.define_with(&webhook(3), Some("key")).await;
    assert_eq!(created, Created::New);
    // The first one's key is the third one's now: it stays when the first is deleted once more.
    assert!(!stage.delete(&id(1)).await);
    let again = stage.define_with(&webhook(4), Some("key")).await;
    assert_eq!(again, Created::Existing(Box::new(webhook(3))));
}
