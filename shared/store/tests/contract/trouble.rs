//! What DynamoDB refuses for the moment, or puts off, is asked for again.

use domain::delivery_message::DeliveryMessage;
use domain::event::Event;
use futures::future::join;
use store::{Counts, Created, Firing, Replaced, StoreError};

use crate::front::Trouble::{Busy, Collision};
use crate::front::store_in_trouble;
use crate::samples::{
    AMPLE, ad_hoc, alice, at, changed, dispatch, event, message, test_dispatch, texts, until,
    webhook,
};
use crate::stage::Stage;

#[tokio::test]
async fn a_transaction_that_collides_with_another_is_made_again() {
    let stage = Stage::new().await;
    let store = store_in_trouble(&stage, Collision, 2).await;
    let created = store.create_webhook(&webhook(1), AMPLE).await;
    assert_eq!(created.unwrap(), Created::New);
    assert_eq!(stage.listed(&alice()).await, [webhook(1)]);
    let changed = changed(&webhook(1));
    let store = store_in_trouble(&stage, Collision, 2).await;
    let replaced = store.replace_webhook(&webhook(1), &changed).await;
    assert_eq!(replaced.unwrap(), Replaced::Done);
    let store = store_in_trouble(&stage, Collision, 2).await;
    let deleted = store.delete_webhook(&changed, at(9), until()).await;
    assert_eq!(deleted.unwrap(), Replaced::Done);
    assert!(stage.listed(&alice()).await.is_empty());
}

#[tokio::test]
async fn a_single_change_that_collides_with_a_transaction_is_made_again() {
    let stage = Stage::new().await;
    let webhook = ad_hoc(1, 7);
    // The definition, and the entry in the match document, each once.
    for calls in [1, 2] {
        let store = store_in_trouble(&stage, Collision, calls).await;
        store
            .register_ad_hoc(std::slice::from_ref(&webhook), at(0))
            .await
            .unwrap();
    }
    let store = store_in_trouble(&stage, Collision, 2).await;
    let dispatch = dispatch(&webhook, &event(7));
    let firings = store.fire(&[&dispatch]).await;
    assert!(matches!(firings[..], [Ok(Firing::Ours)]), "{firings:?}");
    let entries = stage.waiting(&event(7)).await;
    assert_eq!(entries[0].fired_by.as_ref(), Some(&dispatch.id));
}

#[tokio::test]
async fn counting_that_collides_with_a_deletion_is_done_again_and_counts_once() {
    let stage = Stage::new().await;
    stage.define(&webhook(1)).await;
    let dispatch = dispatch(&webhook(1), &event(1));
    let store = store_in_trouble(&stage, Collision, 2).await;
    store.correct(&Counts::of_new(&[&dispatch])).await.unwrap();
    let store = store_in_trouble(&stage, Collision, 2).await;
    store
        .note_test(&test_dispatch(&webhook(1), 2))
        .await
        .unwrap();
    let activity = stage.store.activity(&[webhook(1)]).await.unwrap();
    assert_eq!(activity[&webhook(1).id].total_dispatches, 1);
}

#[tokio::test]
async fn a_change_that_collides_again_and_again_is_an_error_and_changes_nothing() {
    let stage = Stage::new().await;
    let store = store_in_trouble(&stage, Collision, u32::MAX).await;
    let webhook = webhook(1);
    let dispatch = dispatch(&ad_hoc(2, 7), &event(7));
    let create = store.create_webhook(&webhook, AMPLE);
    let asked = [&dispatch];
    let (created, fired) = join(create, store.fire(&asked)).await;
    assert!(
        matches!(created, Err(StoreError::Call { .. })),
        "{created:?}"
    );
    assert!(
        matches!(fired[..], [Err(StoreError::Call { .. })]),
        "{fired:?}"
    );
    assert!(stage.listed(&alice()).await.is_empty());
}

#[tokio::test]
async fn items_that_are_put_off_are_written_and_read_in_the_end() {
    let stage = Stage::new().await;
    let events: Vec<Event> = (1..=20).map(event).collect();
    let store = store_in_trouble(&stage, Busy, 3).await;
    let kept = store
        .keep(&events.iter().collect::<Vec<_>>(), until())
        .await;
    assert!(kept.iter().all(Result::is_ok), "{kept:?}");
    let store = store_in_trouble(&stage, Busy, 3).await;
    let loads = store.load(&messages(&events)).await;
    for (load, event) in loads.into_iter().zip(&events) {
        let loaded = stage.event_of(&load.unwrap()).await;
        assert_eq!(texts(&loaded), texts([event]));
    }
}

#[tokio::test]
async fn items_that_are_put_off_again_and_again_are_an_error() {
    let stage = Stage::new().await;
    let events: Vec<Event> = (1..=20).map(event).collect();
    let store = store_in_trouble(&stage, Busy, u32::MAX).await;
    let (events, messages) = (events.iter().collect::<Vec<_>>(), messages(&events));
    let (kept, loads) = join(store.keep(&events, until()), store.load(&messages)).await;
    assert_eq!((kept.len(), loads.len()), (20, 20));
    let was_put_off = |error: StoreError| matches!(error, StoreError::PutOff { .. });
    assert!(kept.into_iter().all(|kept| kept.is_err_and(was_put_off)));
    assert!(loads.into_iter().all(|load| load.is_err_and(was_put_off)));
}

fn messages(events: &[Event]) -> Vec<DeliveryMessage> {
    let message = |event| message(&dispatch(&webhook(1), event), 1);
    events.iter().map(message).collect()
}
