//! Test deliveries: recorded, loaded and listed like any other, though no event of theirs is kept.

use domain::dispatch::Dispatch;
use domain::event::Event;
use domain::webhook::Webhook;
use store::{Firing, Page};

use crate::samples::{
    ALL, ad_hoc, alice, at, dispatch, event, message, test_dispatch, texts, webhook,
};
use crate::stage::Stage;

#[tokio::test]
async fn a_message_of_a_trial_leads_to_its_webhook_and_to_an_event_that_is_made_anew() {
    let stage = Stage::new().await;
    let (standing, ad_hoc) = (webhook(1), ad_hoc(2, 7));
    stage.define(&standing).await;
    stage.register(&[&ad_hoc]).await;
    for webhook in [standing, ad_hoc] {
        let trial = test_dispatch(&webhook, 5);
        stage.claim(&trial).await;
        let load = stage.load(&message(&trial, 1)).await;
        assert_eq!(load.webhook.as_deref(), Some(&webhook));
        let event = stage.event_of(&load).await;
        let anew = Event::test(&alice(), at(5)).unwrap();
        assert_eq!(texts(&event), texts([&anew]));
        assert_eq!(event.unwrap().key(), trial.event);
        assert_eq!(load.dispatch, Some(trial));
    }
}

#[tokio::test]
async fn a_trial_is_found_by_its_id() {
    let stage = Stage::new().await;
    for trial in [
        test_dispatch(&webhook(1), 5),
        test_dispatch(&ad_hoc(2, 7), 5),
    ] {
        stage.claim(&trial).await;
        let found = stage.store.dispatch(&alice(), &trial.id).await.unwrap();
        assert_eq!(found, Some(trial));
    }
}

#[tokio::test]
async fn a_standing_webhook_lists_its_trials_among_its_other_dispatches() {
    let stage = Stage::new().await;
    let webhook = webhook(1);
    let [first, third] = [1, 3].map(|number| dispatch(&webhook, &event(number)));
    let all = [
        first,
        test_dispatch(&webhook, 2),
        third,
        test_dispatch(&webhook, 4),
    ];
    for claimed in &all {
        stage.claim(claimed).await;
    }
    assert_eq!(listed(&stage, &webhook).await, all);
}

#[tokio::test]
async fn an_ad_hoc_webhook_lists_its_trials_beside_the_dispatch_that_it_has_fired() {
    let stage = Stage::new().await;
    let webhook = ad_hoc(1, 7);
    stage.register(&[&webhook]).await;
    let mut all = fired_and_trials(&stage, &webhook).await;
    for newest_first in [false, true] {
        for offset in 0..=5 {
            let page = Page {
                offset,
                limit: 2,
                newest_first,
            };
            let list = stage.store.dispatches_of_webhook(&webhook, 0, page).await;
            let list = list.unwrap();
            assert_eq!(list.total, 4);
            let expected = all.iter().skip(offset).take(2).cloned();
            assert_eq!(list.items, Vec::from_iter(expected));
        }
        all.reverse();
    }
}

#[tokio::test]
async fn a_deleted_webhook_still_lists_its_dispatches_and_its_trials() {
    let stage = Stage::new().await;
    let (standing, ad_hoc) = (webhook(1), ad_hoc(2, 7));
    stage.define(&standing).await;
    let of_standing = [dispatch(&standing, &event(7)), test_dispatch(&standing, 8)];
    for claimed in &of_standing {
        stage.claim(claimed).await;
    }
    stage.register(&[&ad_hoc]).await;
    let of_ad_hoc = fired_and_trials(&stage, &ad_hoc).await;
    for (webhook, expected) in [(standing, &of_standing[..]), (ad_hoc, &of_ad_hoc)] {
        assert!(stage.delete(&webhook.id).await);
        let deleted = stage.record(&webhook.id).await.unwrap();
        assert_eq!(listed(&stage, &deleted).await, expected);
    }
}

/// What an ad hoc webhook for run 7 has made, in the order of time: it has fired, and there were
/// three trials.
async fn fired_and_trials(stage: &Stage, webhook: &Webhook) -> Vec<Dispatch> {
    let fired = dispatch(webhook, &event(7));
    assert_eq!(stage.fire(&fired).await, Firing::Ours);
    let [first, third, fourth] = [6, 8, 9].map(|seconds| test_dispatch(webhook, seconds));
    for trial in [&fourth, &first, &third] {
        stage.store.note_test(trial).await.unwrap();
    }
    let all = vec![first, fired, third, fourth];
    for claimed in &all {
        stage.claim(claimed).await;
    }
    all
}

async fn listed(stage: &Stage, webhook: &Webhook) -> Vec<Dispatch> {
    let list = stage.store.dispatches_of_webhook(webhook, 0, ALL).await;
    let list = list.unwrap();
    assert_eq!(list.total, list.items.len());
    list.items
}
