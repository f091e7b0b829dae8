//! Entries of a batch that the queue service refuses.

use std::sync::atomic::Ordering;

use queue::Delivery;

use crate::front::{Fault, refusing};
use crate::stage::{Stage, delivery, texts};

#[tokio::test]
async fn entries_that_the_service_refuses_through_its_own_fault_are_sent_again_and_arrive_once() {
    let stage = Stage::new().await;
    let (queue, _) = refusing(&stage, Fault::Theirs, 3).await;
    let deliveries = deliveries();
    let results = queue.send(&deliveries).await;
    assert!(
        results.len() == 12 && results.iter().all(Result::is_ok),
        "{results:?}"
    );
    assert_eq!(arrived(&stage).await, texts(&deliveries));
}

#[tokio::test]
async fn an_entry_that_the_service_refuses_again_and_again_fails_alone() {
    let stage = Stage::new().await;
    let (queue, left) = refusing(&stage, Fault::Theirs, 1000).await;
    let deliveries = deliveries();
    let results = queue.send(&deliveries[..5]).await;
    let error = results[0].as_ref().unwrap_err().to_string();
    assert!(
        error.contains("InternalError") && error.contains("so it is"),
        "{error}"
    );
    assert!(results[1..].iter().all(Result::is_ok), "{results:?}");
    assert_eq!(arrived(&stage).await, texts(&deliveries[1..5]));
    assert!(left.load(Ordering::Relaxed) < 999, "it was not sent again");
}

#[tokio::test]
async fn an_entry_that_is_refused_through_our_fault_is_not_sent_again() {
    let stage = Stage::new().await;
    let (queue, left) = refusing(&stage, Fault::Ours, 1000).await;
    let deliveries = deliveries();
    let results = queue.send(&deliveries[..5]).await;
    let error = results[0].as_ref().unwrap_err().to_string();
    assert!(error.contains("InvalidMessageContents"), "{error}");
    assert!(results[1..].iter().all(Result::is_ok), "{results:?}");
    assert_eq!(arrived(&stage).await, texts(&deliveries[1..5]));
    assert_eq!(left.load(Ordering::Relaxed), 999, "it was sent again");
}

#[tokio::test]
async fn an_entry_that_is_too_much_is_sent_again_and_told_apart_if_it_stays_too_much() {
    let stage = Stage::new().await;
    let (queue, _) = refusing(&stage, Fault::TooMuch, 2).await;
    let deliveries = deliveries();
    let results = queue.send(&deliveries[..5]).await;
    assert!(results.iter().all(Result::is_ok), "{results:?}");
    assert_eq!(arrived(&stage).await, texts(&deliveries[..5]));
    let (queue, _) = refusing(&stage, Fault::TooMuch, 1000).await;
    let results = queue.send(&deliveries[..1]).await;
    assert!(results[0].as_ref().unwrap_err().is_throttled());
    let (queue, _) = refusing(&stage, Fault::Theirs, 1000).await;
    let results = queue.send(&deliveries[..1]).await;
    assert!(!results[0].as_ref().unwrap_err().is_throttled());
}

fn deliveries() -> Vec<Delivery> {
    (1..=12).map(|number| delivery("alice", number)).collect()
}

/// The bodies that have arrived, in an order of their own.
async fn arrived(stage: &Stage) -> Vec<String> {
    let received = stage.received("DeliveryQueue").await;
    let mut bodies: Vec<_> = received
        .iter()
        .map(|received| received.body().unwrap().to_owned())
        .collect();
    bodies.sort();
    bodies
}
