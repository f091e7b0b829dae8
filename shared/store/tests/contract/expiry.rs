//! What stays and what goes by itself: everything that belongs to one run expires, and nothing else
//! that is in force.

use std::time::Duration;

use domain::webhook::{Lifetime, Webhook};
use store::{Counts, Replaced};

use crate::samples::{
    ad_hoc, at, changed, dispatch, event, id, keyed, test_dispatch, until, webhook,
};
use crate::stage::{DISPATCHES, Item, Stage, WEBHOOKS, text};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

#[tokio::test]
async fn everything_about_an_ad_hoc_webhook_expires_and_a_change_does_not_put_that_off() {
    let stage = Stage::new().await;
    let created = keyed(ad_hoc(1, 7), "created");
    let registered = keyed(ad_hoc(2, 7), "registered");
    stage.define(&created).await;
    stage.register(&[&registered]).await;
    for webhook in [&created, &registered] {
        stage
            .store
            .note_test(&test_dispatch(webhook, 3))
            .await
            .unwrap();
    }
    for change_it in [false, true] {
        for webhook in [&created, &registered] {
            if change_it {
                let replaced = stage.replace(webhook, &changed(webhook)).await;
                assert_eq!(replaced, Replaced::Done);
            }
            let end = Some(webhook.created_at.after(90 * DAY).as_seconds());
            let key = webhook.idempotency_key.as_deref().unwrap();
            let pointer = format!("A#{}", webhook.id);
            for sk in [pointer, format!("K#{key}")] {
                assert_eq!(ttl(&item(&stage, WEBHOOKS, "U#alice", &sk).await), end);
            }
            let definition = definition(&stage, webhook).await;
            assert_eq!(ttl(&definition), end);
            // What both share stays as long as either.
            let document = item(&stage, WEBHOOKS, "U#alice#R#run7", "M").await;
            assert!(ttl(&document) >= end);
            let counters = format!("U#alice#W#{}", webhook.id);
            assert!(ttl(&item(&stage, DISPATCHES, &counters, "N").await) >= end);
        }
    }
}

#[tokio::test]
async fn nothing_about_a_standing_webhook_expires() {
    let stage = Stage::new().await;
    let before = keyed(webhook(1), "key");
    stage.define(&before).await;
    let counted = dispatch(&before, &event(1));
    stage
        .store
        .correct(&Counts::of_new(&[&counted]))
        .await
        .unwrap();
    stage
        .store
        .note_test(&test_dispatch(&before, 2))
        .await
        .unwrap();
    let replaced = stage.replace(&before, &changed(&before)).await;
    assert_eq!(replaced, Replaced::Done);
    let counters = format!("U#alice#W#{}", before.id);
    for (table, partition, count) in [
        (WEBHOOKS, "U#alice", 2),
        (WEBHOOKS, "U#alice#A#actor", 1),
        (DISPATCHES, &counters, 1),
    ] {
        let items = stage.items(table, partition).await;
        assert_eq!(items.len(), count);
        assert!(items.iter().all(|item| ttl(item).is_none()), "{items:?}");
    }
}

#[tokio::test]
async fn the_record_of_a_deleted_webhook_is_kept_as_long_as_asked_but_for_a_month_at_least() {
    let stage = Stage::new().await;
    let (now, month) = (at(9), at(9).after(30 * DAY));
    let year = at(9).after(365 * DAY);
    for (asked, kept, number) in [(at(10), month, 1), (month, month, 3), (year, year, 5)] {
        let (standing, ad_hoc) = (webhook(number), ad_hoc(number + 1, 7));
        stage.define(&standing).await;
        stage.register(&[&ad_hoc]).await;
        for webhook in [standing, ad_hoc] {
            let deleted = stage.store.delete_webhook(&webhook, now, asked).await;
            assert_eq!(deleted.unwrap(), Replaced::Done);
            let record = definition(&stage, &webhook).await;
            assert_eq!(ttl(&record), Some(kept.as_seconds()), "{asked}");
        }
    }
}

#[tokio::test]
async fn a_dispatch_expires_when_its_claim_says() {
    let stage = Stage::new().await;
    let claimed = dispatch(&webhook(1), &event(1));
    stage.claim(&claimed).await;
    let items = stage
        .items(DISPATCHES, &format!("U#alice#W#{}", id(1)))
        .await;
    assert_eq!(ttl(&items[0]), Some(until().as_seconds()));
}

/// The item that defines a webhook of Alice's, an ad hoc one for run 7.
async fn definition(stage: &Stage, webhook: &Webhook) -> Item {
    let partition = match webhook.lifetime {
        Lifetime::Standing => "U#alice",
        Lifetime::AdHoc(_) => "U#alice#R#run7",
    };
    item(stage, WEBHOOKS, partition, &format!("W#{}", webhook.id)).await
}

async fn item(stage: &Stage, table: &str, pk: &str, sk: &str) -> Item {
    let mut items = stage.items(table, pk).await.into_iter();
    items.find(|item| item["sk"] == text(sk)).unwrap()
}

/// When an item expires, in seconds of the epoch.
fn ttl(item: &Item) -> Option<i64> {
    let ttl = item.get("ttl")?;
    Some(ttl.as_n().unwrap().parse().unwrap())
}
