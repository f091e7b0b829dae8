//! Registering the ad hoc webhooks of a run, and firing each of them once.

use domain::dispatch::Dispatch;
use domain::event::Event;
use domain::matching::MatchEntry;
use domain::request_url::RequestUrl;
use domain::spread::Spread;
use domain::webhook::{Webhook, WebhookState};
use futures::future::join_all;
use store::{Firing, Replaced};

use crate::samples::{ad_hoc, at, changed, dispatch, event};
use crate::stage::Stage;

#[tokio::test]
async fn a_registered_webhook_waits_for_the_events_of_its_run() {
    let stage = Stage::new().await;
    let webhooks = [ad_hoc(1, 7), ad_hoc(2, 7)];
    stage.register(&webhooks.each_ref()).await;
    let waits = |webhook: &Webhook| MatchEntry {
        webhook: webhook.id.clone(),
        events: webhook.definition.event_types.mask(),
        enabled: true,
        lifetime: webhook.lifetime.clone(),
        fired_by: None,
        hears_from: None,
        spread: Spread::default(),
        is_removed: false,
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
    let mut changed = Webhook {
        state: WebhookState::Disabled,
        ..changed(&webhook)
    };
    changed.definition.request_url = RequestUrl::parse("https://example.com/changed").unwrap();
    assert_eq!(stage.replace(&webhook, &changed).await, Replaced::Done);
    stage.register(&[&webhook]).await;
    assert_eq!(stage.found(&changed.id).await, Some(changed));
    assert!(stage.triggered(&event(7)).await.is_empty());
}

#[tokio::test]
async fn the_first_dispatch_to_ask_fires_the_webhook_and_no_other_ever_does() {
    let stage = Stage::new().await;
    let [one, other] = &dispatches_of_a_registered_webhook(&stage, 2).await[..] else {
        panic!("two")
    };
    assert_eq!(stage.fire(one).await, Firing::Ours);
    assert_eq!(stage.fire(one).await, Firing::Ours, "it may ask again");
    assert_eq!(stage.fire(other).await, Firing::Another);
    assert_eq!(
        stage.fire(one).await,
        Firing::Ours,
        "a loser takes nothing away"
    );
}

#[tokio::test]
async fn of_fifty_dispatches_that_ask_at_once_one_fires_the_webhook() {
    let stage = Stage::new().await;
    let dispatches = dispatches_of_a_registered_webhook(&stage, 50).await;
    let answers = join_all(dispatches.iter().map(|dispatch| stage.fire(dispatch))).await;
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
    let again = join_all(dispatches.iter().map(|dispatch| stage.fire(dispatch))).await;
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
    assert_eq!(stage.fire(&dispatch(&fired, &event(7))).await, Firing::Ours);
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
