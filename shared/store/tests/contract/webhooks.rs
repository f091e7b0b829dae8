//! Defining webhooks and reading them.

use domain::condition::Condition;
use domain::request_url::RequestUrl;
use domain::webhook::{Label, Webhook, WebhookState};
use futures::future::join_all;
use store::Created;

use crate::samples::{AMPLE, ad_hoc, alice, at, event, id, run, webhook};
use crate::stage::Stage;

#[tokio::test]
async fn a_new_webhook_is_found_listed_and_matched_as_it_was_defined() {
    let stage = Stage::new().await;
    let plain = Webhook {
        label: Label::default(),
        state: WebhookState::Disabled,
        ..webhook(1)
    };
    let of_one_run = Webhook {
        condition: Condition::Run(run(1)),
        ..webhook(2)
    };
    for webhook in [&plain, &of_one_run] {
        stage.define(webhook).await;
        assert_eq!(stage.found(&webhook.id).await.as_ref(), Some(webhook));
    }
    assert_eq!(
        stage.store.webhooks(&alice()).await.unwrap(),
        [plain, of_one_run]
    );
    assert_eq!(stage.waiting(&event(1)).await.len(), 2);
    assert_eq!(stage.found(&id(9)).await, None);
}

#[tokio::test]
async fn standing_webhooks_are_listed_with_the_oldest_first() {
    let stage = Stage::new().await;
    let defined = |number, seconds| Webhook {
        created_at: at(seconds),
        ..webhook(number)
    };
    // Ids are no help: they are random.
    let (first, second, third) = (defined(9, 1), defined(1, 2), defined(5, 3));
    for webhook in [&second, &third, &first] {
        stage.define(webhook).await;
    }
    stage.register(&[&ad_hoc(7, 1)]).await;
    assert_eq!(
        stage.store.webhooks(&alice()).await.unwrap(),
        [first, second, third]
    );
}

#[tokio::test]
async fn an_idempotency_key_that_was_used_finds_the_webhook_that_it_made() {
    let stage = Stage::new().await;
    let first = webhook(1);
    assert_eq!(stage.define_with(&first, Some("key")).await, Created::New);
    let mut other = webhook(2);
    other.definition.request_url = RequestUrl::parse("https://example.com/other").unwrap();
    // Also when there is no room for another.
    for limit in [AMPLE, 1] {
        let again = stage.store.create_webhook(&other, Some("key"), limit).await;
        assert_eq!(again.unwrap(), Created::Existing(Box::new(first.clone())));
    }
    assert_eq!(stage.store.webhooks(&alice()).await.unwrap(), [first]);
    assert_eq!(stage.found(&other.id).await, None);
}

#[tokio::test]
async fn two_keys_or_none_make_two_webhooks() {
    let stage = Stage::new().await;
    let keys = [Some("key"), Some("key#"), Some("KEY"), None, None];
    for (key, number) in keys.into_iter().zip(1..) {
        let created = stage.define_with(&webhook(number), key).await;
        assert_eq!(created, Created::New, "{key:?}");
    }
    assert_eq!(stage.store.webhooks(&alice()).await.unwrap().len(), 5);
}

#[tokio::test]
async fn creates_that_race_with_one_idempotency_key_make_one_webhook() {
    let stage = Stage::new().await;
    let webhooks: Vec<Webhook> = (1..=10).map(webhook).collect();
    let define = |webhook| stage.define_with(webhook, Some("key"));
    let answers = join_all(webhooks.iter().map(define)).await;
    let [made] = &stage.store.webhooks(&alice()).await.unwrap()[..] else {
        panic!("one webhook")
    };
    for (answer, webhook) in answers.into_iter().zip(&webhooks) {
        let expected = if webhook == made {
            Created::New
        } else {
            Created::Existing(Box::new(made.clone()))
        };
        assert_eq!(answer, expected);
    }
    assert_eq!(stage.waiting(&event(1)).await.len(), 1);
}

#[tokio::test]
async fn a_user_has_no_more_standing_webhooks_than_allowed() {
    let stage = Stage::new().await;
    stage.register(&[&ad_hoc(9, 1)]).await;
    stage.define(&webhook(1)).await;
    stage.define(&webhook(2)).await;
    let third = webhook(3);
    let create = || stage.store.create_webhook(&third, Some("key"), 2);
    assert_eq!(create().await.unwrap(), Created::TooMany);
    assert_eq!(stage.found(&third.id).await, None);
    // A deleted one makes room, and the key that came too early can be used.
    assert!(stage.delete(&id(1)).await);
    assert_eq!(create().await.unwrap(), Created::New);
}
