//! Sending deliveries for later.

use std::time::Duration;

use domain::delivery_message::DeliveryMessage;
use local::sqs::Depth;
use queue::Delivery;

use crate::stage::{Stage, delivery};

#[tokio::test]
async fn a_delayed_delivery_is_in_the_queue_and_is_not_received() {
    let stage = Stage::new().await;
    send_with_delays(&stage).await;
    let expected = Depth {
        visible: 1,
        delayed: 2,
        in_flight: 0,
    };
    assert_eq!(stage.depth("DeliveryQueue").await, expected);
    assert_eq!(attempts(&stage).await, [1]);
}

/// Only with queues of the platform's own can a test move the clock.
#[tokio::test]
async fn a_delayed_delivery_comes_when_its_delay_is_over() {
    let stage = Stage::new().await;
    send_with_delays(&stage).await;
    assert_eq!(attempts(&stage).await, [1]);
    stage.platform.advance(minutes(9)).unwrap();
    assert!(attempts(&stage).await.is_empty());
    stage.platform.advance(minutes(1)).unwrap();
    assert_eq!(attempts(&stage).await, [11]);
    // More than a queue can hold it back is cut to what it can: a quarter of an hour.
    stage.platform.advance(minutes(4)).unwrap();
    assert!(attempts(&stage).await.is_empty());
    stage.platform.advance(minutes(1)).unwrap();
    assert_eq!(attempts(&stage).await, [61]);
}

fn minutes(minutes: u64) -> Duration {
    Duration::from_secs(minutes * 60)
}

/// Sends attempts 1, 11 and 61, to be made after so many minutes less one.
async fn send_with_delays(stage: &Stage) {
    let deliveries = [0, 10, 60].map(|wait| Delivery {
        delay: minutes(wait),
        ..delivery("alice", 1 + wait as u32)
    });
    for sent in stage.delivery_queue().send(&deliveries).await {
        sent.unwrap();
    }
}

/// Takes the visible messages from the queue, and returns the numbers of their attempts.
async fn attempts(stage: &Stage) -> Vec<u32> {
    let mut attempts = Vec::new();
    for received in stage.received("DeliveryQueue").await {
        stage.delete("DeliveryQueue", &received).await;
        let message = DeliveryMessage::from_json(received.body().unwrap()).unwrap();
        attempts.push(message.attempt);
    }
    attempts
}
