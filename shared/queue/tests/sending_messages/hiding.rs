//! Messages that could not be handled, and come again when their function says so.

use std::time::Duration;

use queue::{Delivery, Held};

use crate::stage::{Stage, delivery};

#[tokio::test]
async fn hidden_messages_come_again_each_in_its_own_time() {
    let stage = Stage::new().await;
    let deliveries: Vec<Delivery> = (1..=12).map(|number| delivery("alice", number)).collect();
    stage.delivery_queue().send(&deliveries).await;
    let held = held(&stage).await;
    assert_eq!(held.len(), 12);
    let waits = held.iter().enumerate().map(|(place, held)| {
        let wait = if place < 11 { 5 } else { 100 };
        (held.clone(), Duration::from_secs(wait))
    });
    let source = stage.source_queue("DeliveryQueue");
    source.hide(&waits.collect::<Vec<_>>()).await.unwrap();

    let visible_after = async |seconds| {
        stage
            .platform
            .advance(Duration::from_secs(seconds))
            .unwrap();
        stage.depth("DeliveryQueue").await.visible
    };
    // The queue's clock goes on meanwhile, but not for a second.
    assert_eq!(visible_after(3).await, 0);
    assert_eq!(visible_after(3).await, 11);
    assert_eq!(visible_after(90).await, 11);
    assert_eq!(visible_after(5).await, 12);
    assert!(
        self::held(&stage)
            .await
            .iter()
            .all(|held| held.receives == 2)
    );
}

#[tokio::test]
async fn a_message_that_is_held_no_more_fails_alone_and_is_counted() {
    let stage = Stage::new().await;
    let deliveries = [delivery("alice", 1), delivery("alice", 2)];
    stage.delivery_queue().send(&deliveries).await;
    let received = stage.received("DeliveryQueue").await;
    let held: Vec<_> = received.iter().map(of).collect();
    stage.delete("DeliveryQueue", &received[0]).await;
    let waits: Vec<_> = held
        .into_iter()
        .map(|held| (held, Duration::from_secs(1)))
        .collect();
    let error = stage.source_queue("DeliveryQueue").hide(&waits).await;
    let error = error.unwrap_err().to_string();
    assert!(error.starts_with("1 of 2 messages: "), "{error}");
    stage.platform.advance(Duration::from_secs(2)).unwrap();
    assert_eq!(stage.depth("DeliveryQueue").await.visible, 1);
}

async fn held(stage: &Stage) -> Vec<Held> {
    let received = stage.received("DeliveryQueue").await;
    received.iter().map(of).collect()
}

fn of(message: &aws_sdk_sqs::types::Message) -> Held {
    let receives = aws_sdk_sqs::types::MessageSystemAttributeName::ApproximateReceiveCount;
    let receives = &message.attributes.as_ref().unwrap()[&receives];
    Held {
        id: message.message_id.clone().unwrap(),
        receipt_handle: message.receipt_handle.clone().unwrap(),
        receives: receives.parse().unwrap(),
    }
}
