//! Loading what delivery messages lead to, each message on its own.

use std::sync::Arc;

use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use domain::dispatch::Dispatch;
use domain::event::Event;
use domain::webhook::Webhook;
use store::{Firing, Load, StoreError};

use crate::samples::{ad_hoc, dispatch, event, large_event, message, texts, webhook};
use crate::stage::{DISPATCHES, Stage, WEBHOOKS, text};

/// A dispatch with everything that it is made of.
struct Whole {
    webhook: Webhook,
    event: Event,
    dispatch: Dispatch,
}

#[tokio::test]
async fn a_message_leads_to_its_webhook_event_and_dispatch() {
    let stage = Stage::new().await;
    let mut wholes = Vec::new();
    for number in 1..=3 {
        wholes.push(standing(&stage, number).await);
    }
    wholes.push(fired(&stage, 4).await);
    let loads = load(&stage, &wholes).await;
    assert_eq!(loads.len(), wholes.len());
    for (load, whole) in loads.into_iter().zip(&wholes) {
        assert_leads_to(&stage, load.unwrap(), whole).await;
    }
}

#[tokio::test]
async fn what_is_not_there_is_none() {
    let stage = Stage::new().await;
    let unknown = dispatch(&webhook(1), &event(1));
    let load = stage.load(&message(&unknown, 1)).await;
    assert!(
        load.webhook.is_none() && load.event.is_none() && load.dispatch.is_none(),
        "{load:?}"
    );
    assert!(stage.store.load(&[]).await.is_empty());
}

#[tokio::test]
async fn an_item_that_cannot_be_read_fails_its_own_message_and_no_other() {
    let stage = Stage::new().await;
    let mut wholes = Vec::new();
    for number in 1..=5 {
        wholes.push(standing(&stage, number).await);
    }
    let of_webhook = format!("W#{}", wholes[1].webhook.id);
    stage
        .change(WEBHOOKS, ("U#alice", &of_webhook), "url", text("not a url"))
        .await;
    let key = wholes[2].event.key();
    let of_event = format!("E#{}#{}", key.created_at.as_millis(), key.hash);
    let garbage = AttributeValue::B(Blob::new("garbage"));
    stage
        .change(DISPATCHES, ("U#alice#R#run3", &of_event), "data", garbage)
        .await;
    let dispatch = &wholes[3].dispatch;
    let partition = format!("U#alice#W#{}", dispatch.webhook);
    let of_dispatch = format!(
        "D#{}#{}",
        dispatch.id.created_at().as_millis(),
        dispatch.id.hash()
    );
    stage
        .change(
            DISPATCHES,
            (&partition, &of_dispatch),
            "status",
            text("LOST"),
        )
        .await;

    let mut loads = load(&stage, &wholes).await;
    for broken in [3, 1] {
        assert!(
            matches!(loads.remove(broken), Err(StoreError::Item { .. })),
            "{broken}"
        );
    }
    let packed = loads.remove(1).unwrap().event.unwrap();
    let unpacked = stage.store.unpack(&packed).await;
    assert!(matches!(unpacked, Err(StoreError::Item { .. })));
    for (load, whole) in loads.into_iter().zip([&wholes[0], &wholes[4]]) {
        assert_leads_to(&stage, load.unwrap(), whole).await;
    }
}

#[tokio::test]
async fn more_messages_than_one_call_reads_are_all_loaded_in_their_order() {
    let stage = Stage::new().await;
    let mut wholes = Vec::new();
    // Three keys each: two calls.
    for number in 1..=50 {
        wholes.push(standing(&stage, number).await);
    }
    let loads = load(&stage, &wholes).await;
    assert_eq!(loads.len(), 50);
    for (load, whole) in loads.into_iter().zip(&wholes) {
        assert_leads_to(&stage, load.unwrap(), whole).await;
    }
}

#[tokio::test]
async fn events_of_several_items_are_loaded_beside_others() {
    let stage = Stage::new().await;
    let mut wholes = vec![standing(&stage, 1).await];
    for number in [2, 3] {
        let event = large_event(number.into(), 600_000);
        wholes.push(whole(&stage, webhook(number), event).await);
    }
    let loads = load(&stage, &wholes).await;
    for (load, whole) in loads.into_iter().zip(&wholes) {
        let load = load.unwrap();
        let length = load.event.as_ref().unwrap().length();
        assert!(length > whole.event.resource.get().len(), "{length}");
        let event = stage.event_of(&load).await;
        assert!(texts(&event) == texts([&whole.event]));
    }
}

#[tokio::test]
async fn messages_of_one_event_and_webhook_share_both() {
    let stage = Stage::new().await;
    let whole = standing(&stage, 1).await;
    let messages = [1, 2].map(|attempt| message(&whole.dispatch, attempt));
    let loads = stage.store.load(&messages).await;
    let loads: Vec<Load> = loads.into_iter().map(Result::unwrap).collect();
    let [one, other] = [0, 1].map(|index: usize| &loads[index]);
    assert!(Arc::ptr_eq(
        one.event.as_ref().unwrap(),
        other.event.as_ref().unwrap()
    ));
    assert!(Arc::ptr_eq(
        one.webhook.as_ref().unwrap(),
        other.webhook.as_ref().unwrap()
    ));
    for load in loads {
        assert_leads_to(&stage, load, &whole).await;
    }
}

/// A claimed dispatch of a standing webhook.
async fn standing(stage: &Stage, number: u8) -> Whole {
    let (webhook, event) = (webhook(number), event(number.into()));
    stage.define(&webhook).await;
    whole(stage, webhook, event).await
}

/// A claimed dispatch of an ad hoc webhook.
async fn fired(stage: &Stage, number: u8) -> Whole {
    let (webhook, event) = (ad_hoc(number, number.into()), event(number.into()));
    stage.register(&[&webhook]).await;
    let dispatch = dispatch(&webhook, &event);
    assert_eq!(stage.fire(&dispatch).await, Firing::Ours);
    whole(stage, webhook, event).await
}

async fn whole(stage: &Stage, webhook: Webhook, event: Event) -> Whole {
    stage.keep(&[&event]).await;
    let dispatch = dispatch(&webhook, &event);
    stage.claim(&dispatch).await;
    Whole {
        webhook,
        event,
        dispatch,
    }
}

async fn load(stage: &Stage, wholes: &[Whole]) -> Vec<Result<Load, StoreError>> {
    let messages: Vec<_> = wholes
        .iter()
        .map(|whole| message(&whole.dispatch, 1))
        .collect();
    stage.store.load(&messages).await
}

async fn assert_leads_to(stage: &Stage, load: Load, whole: &Whole) {
    assert_eq!(load.webhook.as_deref(), Some(&whole.webhook));
    assert_eq!(texts(&stage.event_of(&load).await), texts([&whole.event]));
    assert_eq!(load.dispatch.as_ref(), Some(&whole.dispatch));
}
