//! Defining webhooks and reading them.

use std::collections::HashMap;

use domain::condition::Condition;
use domain::definition::Templates;
use domain::request_url::RequestUrl;
use domain::webhook::{Label, Webhook, WebhookState};
use store::{Created, Limits};

use crate::samples::{
    ad_hoc, alice, at, dispatch, event, id, keyed, removed, run, webhook, without_templates,
};
use crate::stage::{Stage, WEBHOOKS};

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
    assert_eq!(stage.listed(&alice()).await, [plain, of_one_run]);
    assert_eq!(stage.waiting(&event(1)).await.len(), 2);
    assert_eq!(stage.found(&id(9)).await, None);
}

/// What is refused of new definitions was taken once.
#[tokio::test]
async fn what_could_not_be_defined_today_is_read() {
    let stage = Stage::new().await;
    let mut odd = webhook(1);
    odd.definition.request_url = RequestUrl::parse("https://*.example.com/").unwrap();
    odd.definition.templates = Templates::parse(Some(r#"["\ud83d"]"#), None, false).unwrap();
    stage.define(&odd).await;
    assert_eq!(stage.found(&odd.id).await, Some(odd));
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
    assert_eq!(stage.listed(&alice()).await, [first, second, third]);
}

#[tokio::test]
async fn a_user_has_no_more_standing_webhooks_than_allowed() {
    let stage = Stage::new().await;
    stage.register(&[&ad_hoc(9, 1)]).await;
    stage.define(&webhook(1)).await;
    stage.define(&webhook(2)).await;
    let third = keyed(webhook(3), "key");
    let limits = Limits {
        standing_per_user: 2,
        ad_hoc_per_run: 0,
    };
    let create = || stage.store.create_webhook(&third, limits);
    assert_eq!(create().await.unwrap(), Created::TooMany);
    assert_eq!(stage.found(&third.id).await, None);
    // A deleted one makes room, and the key that came too early can be used.
    assert!(stage.delete(&id(1)).await);
    assert_eq!(create().await.unwrap(), Created::New);
}

#[tokio::test]
async fn dispatches_find_their_webhooks_as_they_are_now_deleted_ones_too_and_expired_ones_not() {
    let stage = Stage::new().await;
    let (standing, deleted, expired) = (webhook(1), webhook(2), webhook(3));
    for webhook in [&standing, &deleted, &expired] {
        stage.define(webhook).await;
    }
    let (waits, gone) = (ad_hoc(4, 1), ad_hoc(5, 1));
    stage.register(&[&waits, &gone]).await;
    for id in [&deleted.id, &gone.id] {
        assert!(stage.delete(id).await);
    }
    let definition = format!("W#{}", expired.id);
    stage.remove(WEBHOOKS, ("U#alice", &definition)).await;

    let all = [&standing, &deleted, &expired, &waits, &gone];
    let dispatches = all.map(|webhook| [1, 2].map(|number| dispatch(webhook, &event(number))));
    let found = stage.store.webhooks_of(dispatches.as_flattened()).await;
    let expected = [standing, removed(&deleted), waits, removed(&gone)];
    let expected = expected.map(|webhook| (webhook.id.clone(), without_templates(&webhook)));
    assert_eq!(found.unwrap(), HashMap::from(expected));
    assert!(stage.store.webhooks_of(&[]).await.unwrap().is_empty());
}
