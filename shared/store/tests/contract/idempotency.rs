//! Idempotency keys: one key, one webhook, standing or ad hoc, until it is deleted.

use aws_sdk_dynamodb::types::AttributeValue;
use domain::request_url::RequestUrl;
use domain::webhook::Webhook;
use futures::future::{join, join_all};
use store::{Created, Limits, Replaced};

use crate::samples::{AMPLE, ad_hoc, alice, at, changed, event, id, keyed, webhook};
use crate::stage::{Stage, WEBHOOKS};

#[tokio::test]
async fn a_key_that_was_used_finds_the_webhook_that_it_made() {
    let stage = Stage::new().await;
    let first = keyed(webhook(1), "key");
    stage.define(&first).await;
    let mut other = keyed(webhook(2), "key");
    other.definition.request_url = RequestUrl::parse("https://example.com/other").unwrap();
    // Also when there is no room for another.
    let full = Limits {
        standing_per_user: 1,
        ad_hoc_per_run: 0,
    };
    for limits in [AMPLE, full] {
        let again = stage.store.create_webhook(&other, limits).await;
        assert_eq!(again.unwrap(), Created::Existing(Box::new(first.clone())));
    }
    assert_eq!(stage.listed(&alice()).await, [first]);
    assert_eq!(stage.found(&other.id).await, None);
}

#[tokio::test]
async fn two_keys_or_none_make_two_webhooks() {
    let stage = Stage::new().await;
    for (key, number) in ["key", "key#", "KEY"].into_iter().zip(1..) {
        stage.define(&keyed(webhook(number), key)).await;
    }
    for number in [4, 5] {
        stage.define(&webhook(number)).await;
    }
    assert_eq!(stage.listed(&alice()).await.len(), 5);
}

#[tokio::test]
async fn one_key_is_shared_by_standing_and_ad_hoc_webhooks() {
    let stage = Stage::new().await;
    let standing = keyed(webhook(1), "one");
    let created = keyed(ad_hoc(2, 7), "two");
    let registered = keyed(ad_hoc(3, 7), "three");
    stage.define(&standing).await;
    stage.define(&created).await;
    stage.register(&[&registered]).await;
    for (holder, number) in [(standing, 4), (created, 6), (registered, 8)] {
        let key = holder.idempotency_key.as_deref().unwrap();
        for other in [webhook(number), ad_hoc(number + 1, 9)] {
            let answer = stage.create(&keyed(other.clone(), key)).await;
            assert_eq!(answer, Created::Existing(Box::new(holder.clone())));
            assert_eq!(stage.found(&other.id).await, None);
        }
    }
    assert_eq!(stage.triggered(&event(9)).await, [id(1)]);
}

#[tokio::test]
async fn creates_that_race_with_one_key_make_one_webhook() {
    let stage = Stage::new().await;
    // Half of them standing, half of them ad hoc, each of its own run.
    let standing = (1..=5).map(webhook);
    let ad_hoc = (6..=10).map(|number| ad_hoc(number, number.into()));
    let webhooks: Vec<Webhook> = standing
        .chain(ad_hoc)
        .map(|webhook| keyed(webhook, "key"))
        .collect();
    let answers = join_all(webhooks.iter().map(|webhook| stage.create(webhook))).await;
    let mut made = Vec::new();
    for webhook in &webhooks {
        made.extend(stage.found(&webhook.id).await);
    }
    let [made] = &made[..] else {
        panic!("{} webhooks", made.len())
    };
    for (answer, webhook) in answers.into_iter().zip(&webhooks) {
        let expected = if webhook == made {
            Created::New
        } else {
            Created::Existing(Box::new(made.clone()))
        };
        assert_eq!(answer, expected);
    }
    let mut triggered = Vec::new();
    for number in 6..=10 {
        triggered.extend(stage.triggered(&event(number)).await);
    }
    triggered.dedup();
    assert_eq!(triggered, std::slice::from_ref(&made.id));
}

#[tokio::test]
async fn a_create_that_races_with_a_registration_for_one_key_makes_one_webhook() {
    let stage = Stage::new().await;
    for number in 1..=20 {
        let key = format!("key{number}");
        let created = keyed(webhook(number), &key);
        let came = keyed(ad_hoc(number + 100, number.into()), &key);
        let came = [&came];
        let (answer, refused) = join(stage.create(&created), stage.refused(&came)).await;
        match answer {
            Created::New => {
                assert_eq!(refused, [came[0].id.clone()]);
                assert_eq!(stage.found(&came[0].id).await, None);
            }
            Created::Existing(holder) => {
                assert_eq!((&*holder, refused), (came[0], Vec::new()));
                assert_eq!(stage.found(&created.id).await, None);
            }
            Created::TooMany => panic!("there is room"),
        }
    }
}

#[tokio::test]
async fn a_key_stays_with_its_webhook_through_changes() {
    let stage = Stage::new().await;
    let (standing, ad_hoc) = (keyed(webhook(1), "one"), keyed(ad_hoc(2, 7), "two"));
    stage.define(&standing).await;
    stage.register(&[&ad_hoc]).await;
    for (before, other) in [(standing, webhook(3)), (ad_hoc, webhook(4))] {
        let after = changed(&before);
        assert_eq!(stage.replace(&before, &after).await, Replaced::Done);
        let other = keyed(other, after.idempotency_key.as_deref().unwrap());
        let again = stage.create(&other).await;
        assert_eq!(again, Created::Existing(Box::new(after.clone())));
        assert!(stage.delete(&after.id).await);
        stage.define(&other).await;
    }
}

#[tokio::test]
async fn the_key_of_a_deleted_webhook_is_free_again() {
    let stage = Stage::new().await;
    for number in [1, 2] {
        stage.define(&keyed(webhook(number), "key")).await;
        assert!(stage.delete(&id(number)).await);
    }
    let third = keyed(webhook(3), "key");
    stage.define(&third).await;
    // The first one's key is the third one's now: it stays when the first is deleted once more.
    let again = stage.delete_version(&keyed(webhook(1), "key")).await;
    assert_eq!(again, Replaced::ChangedMeanwhile);
    let again = stage.create(&keyed(webhook(4), "key")).await;
    assert_eq!(again, Created::Existing(Box::new(third)));
}

#[tokio::test]
async fn a_key_that_has_expired_and_waits_to_be_swept_away_is_free() {
    let stage = Stage::new().await;
    let (first, second, third) = (ad_hoc(1, 7), ad_hoc(2, 8), webhook(3));
    stage.register(&[&keyed(first, "key")]).await;
    expire_key(&stage).await;
    let second = keyed(second, "key");
    stage.register(&[&second]).await;
    assert_eq!(stage.found(&second.id).await, Some(second));
    expire_key(&stage).await;
    stage.define(&keyed(third, "key")).await;
    let again = stage.create(&keyed(webhook(4), "key")).await;
    assert_eq!(again, Created::Existing(Box::new(keyed(webhook(3), "key"))));
}

/// Puts the end of the key's time before everything but the beginning.
async fn expire_key(stage: &Stage) {
    let end = AttributeValue::N(at(0).as_seconds().to_string());
    stage
        .change(WEBHOOKS, ("U#alice", "K#key"), "ttl", end)
        .await;
}
