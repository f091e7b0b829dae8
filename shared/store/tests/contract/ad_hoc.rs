//! Registering the ad hoc webhooks of a run, and firing each of them once.

use aws_sdk_dynamodb::types::AttributeValue;
use domain::dispatch::Dispatch;
use domain::event::Event;
use domain::matching::MatchEntry;
use domain::request_url::RequestUrl;
use domain::webhook::{Lifetime, Webhook};
use futures::future::join_all;
use store::Firing;

use crate::samples::{ad_hoc, at, dispatch, event, run};
use crate::stage::{Stage, WEBHOOKS, text};

#[tokio::test]
async fn a_registered_webhook_waits_for_the_events_of_its_run() {
    let stage = Stage::new().await;
    let webhooks = [ad_hoc(1, 7), ad_hoc(2, 7)];
    stage.register(&webhooks.each_ref()).await;
    let waits = |webhook: &Webhook| MatchEntry {
        webhook: webhook.id.clone(),
        events: webhook.definition.event_types.mask(),
        enabled: true,
        lifetime: Lifetime::AdHoc,
        fired_by: None,
    };
    assert_eq!(
        stage.waiting(&event(7)).await,
        webhooks.each_ref().map(waits)
    );
    assert!(stage.waiting(&event(8)).await.is_empty());
    for webhook in webhooks {
        let found = stage.found(&webhook.id).await;
        assert_eq!(found, Some(webhook));
    }
}

#[tokio::test]
async fn registering_again_changes_nothing_and_adds_what_is_new() {
    let stage = Stage::new().await;
    let (first, second) = (ad_hoc(1, 7), ad_hoc(2, 7));
    let later = |webhook: &Webhook| Webhook {
        created_at: at(60),
        ..webhook.clone()
    };
    stage.register(&[&first]).await;
    let both = [later(&first), later(&second)];
    stage.store.register_ad_hoc(&both, at(60)).await.unwrap();
    stage.store.register_ad_hoc(&[], at(70)).await.unwrap();
    assert_eq!(stage.found(&first.id).await, Some(first));
    assert_eq!(stage.found(&second.id).await, Some(later(&second)));
    assert_eq!(stage.waiting(&event(7)).await.len(), 2);
}

#[tokio::test]
async fn registering_again_does_not_revive_a_deleted_webhook() {
    let stage = Stage::new().await;
    let webhook = ad_hoc(1, 7);
    stage.register(&[&webhook]).await;
    assert!(stage.delete(&webhook.id).await);
    stage.register(&[&webhook]).await;
    assert_eq!(stage.found(&webhook.id).await, None);
    assert!(stage.triggered(&event(7)).await.is_empty());
}

#[tokio::test]
async fn registering_again_does_not_undo_a_change() {
    let stage = Stage::new().await;
    let webhook = ad_hoc(1, 7);
    stage.register(&[&webhook]).await;
    let (partition, entry) = ("U#alice#R#run7", format!("w_{}", webhook.id));
    let definition = format!("W#{}", webhook.id);
    let url = "https://example.com/changed";
    stage
        .change(WEBHOOKS, (partition, &definition), "url", text(url))
        .await;
    let items = stage.items(WEBHOOKS, partition).await;
    let document = items.iter().find(|item| item["sk"] == text("M")).unwrap();
    let mut switched_off = document[&entry].as_m().unwrap().clone();
    switched_off.insert("e".to_owned(), AttributeValue::Bool(false));
    let switched_off = AttributeValue::M(switched_off);
    stage
        .change(WEBHOOKS, (partition, "M"), &entry, switched_off)
        .await;

    stage.register(&[&webhook]).await;
    let mut changed = webhook;
    changed.definition.request_url = RequestUrl::parse(url).unwrap();
    assert_eq!(stage.found(&changed.id).await, Some(changed));
    assert!(stage.triggered(&event(7)).await.is_empty());
}

#[tokio::test]
async fn the_first_dispatch_to_ask_fires_the_webhook_and_no_other_ever_does() {
    let stage = Stage::new().await;
    let [one, other] = &dispatches_of_a_registered_webhook(&stage, 2).await[..] else {
        panic!("two")
    };
    assert_eq!(fire(&stage, one).await, Firing::Ours);
    assert_eq!(fire(&stage, one).await, Firing::Ours, "it may ask again");
    assert_eq!(fire(&stage, other).await, Firing::Another);
    assert_eq!(
        fire(&stage, one).await,
        Firing::Ours,
        "a loser takes nothing away"
    );
}

#[tokio::test]
async fn of_fifty_dispatches_that_ask_at_once_one_fires_the_webhook() {
    let stage = Stage::new().await;
    let dispatches = dispatches_of_a_registered_webhook(&stage, 50).await;
    let answers = join_all(dispatches.iter().map(|dispatch| fire(&stage, dispatch))).await;
    let winners: Vec<_> = dispatches
        .iter()
        .zip(&answers)
        .filter(|(_, answer)| **answer == Firing::Ours)
        .collect();
    let [(winner, _)] = winners[..] else {
        panic!("{} have fired it", winners.len())
    };
    let [entry] = &stage.waiting(&event(7)).await[..] else {
        panic!("one webhook")
    };
    assert_eq!(entry.fired_by.as_ref(), Some(&winner.id));
    let again = join_all(dispatches.iter().map(|dispatch| fire(&stage, dispatch))).await;
    assert_eq!(again, answers, "the second answer differs from the first");
}

#[tokio::test]
async fn a_webhook_that_has_fired_is_triggered_by_no_event_but_the_one_it_fired_for() {
    let stage = Stage::new().await;
    let (fired, waits) = (ad_hoc(1, 7), ad_hoc(2, 7));
    stage.register(&[&fired, &waits]).await;
    let resurrected_and_done = Event {
        created_at: at(60),
        ..event(7)
    };
    assert_eq!(
        fire(&stage, &dispatch(&fired, &event(7))).await,
        Firing::Ours
    );
    assert_eq!(
        stage.triggered(&event(7)).await,
        [fired.id, waits.id.clone()]
    );
    assert_eq!(stage.triggered(&resurrected_and_done).await, [waits.id]);
}

/// Dispatches that different events of run 7 make of one registered webhook.
async fn dispatches_of_a_registered_webhook(stage: &Stage, count: u32) -> Vec<Dispatch> {
    let webhook = ad_hoc(1, 7);
    stage.register(&[&webhook]).await;
    let event = |seconds| Event {
        created_at: at(seconds),
        ..event(7)
    };
    (0..count)
        .map(|seconds| dispatch(&webhook, &event(seconds)))
        .collect()
}

async fn fire(stage: &Stage, dispatch: &Dispatch) -> Firing {
    stage.store.fire(dispatch, &run(7)).await.unwrap()
}
