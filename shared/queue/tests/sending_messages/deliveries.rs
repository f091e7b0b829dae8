//! Sending deliveries.

use std::time::Duration;

use domain::delivery_message::DeliveryMessage;
use local::sqs::Depth;
use queue::{Delivery, DeliveryQueue};

use crate::stage::{Stage, config, delivery, texts};

#[tokio::test]
async fn more_deliveries_than_one_call_takes_all_arrive_once_in_their_users_groups() {
    let stage = Stage::new().await;
    let user = |number| if number % 3 == 0 { "bob" } else { "alice" };
    let deliveries: Vec<Delivery> = (1..=25)
        .map(|number| delivery(user(number), number))
        .collect();
    let results = stage.delivery_queue().send(&deliveries).await;
    assert!(
        results.len() == 25 && results.iter().all(Result::is_ok),
        "{results:?}"
    );

    let mut arrived = Vec::new();
    for received in stage.received("DeliveryQueue").await {
        let message = DeliveryMessage::from_json(&received.message.body).unwrap();
        assert_eq!(
            received.message.group_id.as_deref(),
            Some(message.user.as_str())
        );
        arrived.push(Delivery {
            message,
            delay: Duration::ZERO,
        });
    }
    assert_eq!(texts(&arrived), texts(&deliveries));
    assert!(arrived.iter().all(|arrived| {
        deliveries
            .iter()
            .any(|sent| sent.message == arrived.message)
    }));
}

#[tokio::test]
async fn a_delayed_delivery_stays_hidden_until_its_delay_is_over() {
    let stage = Stage::new().await;
    let minutes = |minutes: u64| Duration::from_secs(minutes * 60);
    let deliveries = [0, 10, 60].map(|wait| Delivery {
        delay: minutes(wait),
        ..delivery("alice", 1 + wait as u32)
    });
    for sent in stage.delivery_queue().send(&deliveries).await {
        sent.unwrap();
    }
    let sqs = stage.platform.sqs();
    assert_eq!(
        stage.inside("DeliveryQueue").depth(),
        Depth {
            visible: 1,
            delayed: 2,
            in_flight: 0
        }
    );
    assert_eq!(attempts(&stage).await, [1]);
    sqs.advance(minutes(9));
    assert!(attempts(&stage).await.is_empty());
    sqs.advance(minutes(1));
    assert_eq!(attempts(&stage).await, [11]);
    // More than a queue can hold it back is cut to what it can: a quarter of an hour.
    sqs.advance(minutes(4));
    assert!(attempts(&stage).await.is_empty());
    sqs.advance(minutes(1));
    assert_eq!(attempts(&stage).await, [61]);
}

#[tokio::test]
async fn nothing_to_send_is_sent() {
    let stage = Stage::new().await;
    assert!(stage.delivery_queue().send(&[]).await.is_empty());
    assert!(stage.inside("DeliveryQueue").depth().is_empty());
}

#[tokio::test]
async fn every_delivery_fails_when_there_is_no_queue() {
    let stage = Stage::new().await;
    let endpoint = &stage.platform.endpoints().sqs;
    let queue = DeliveryQueue::new(
        &config(endpoint),
        format!("{endpoint}/000000000000/nowhere"),
    );
    let deliveries: Vec<Delivery> = (1..=12).map(|number| delivery("alice", number)).collect();
    let results = queue.send(&deliveries).await;
    assert_eq!(results.len(), 12);
    for result in results {
        let error = result.unwrap_err().to_string();
        assert!(
            error.contains("NonExistentQueue") || error.contains("QueueDoesNotExist"),
            "{error}"
        );
    }
}

/// Takes the visible messages from the queue, and returns the numbers of their attempts.
async fn attempts(stage: &Stage) -> Vec<u32> {
    let mut attempts = Vec::new();
    for received in stage.received("DeliveryQueue").await {
        stage
            .inside("DeliveryQueue")
            .delete(&received.receipt_handle)
            .unwrap();
        attempts.push(
            DeliveryMessage::from_json(&received.message.body)
                .unwrap()
                .attempt,
        );
    }
    attempts
}
