//! Sending deliveries.

use std::time::Duration;

use aws_sdk_sqs::types::MessageSystemAttributeName;
use domain::delivery_message::DeliveryMessage;
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
        let message = DeliveryMessage::from_json(received.body().unwrap()).unwrap();
        let attributes = received.attributes().unwrap();
        let group = &attributes[&MessageSystemAttributeName::MessageGroupId];
        assert_eq!(group, message.user.as_str());
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
async fn nothing_to_send_is_sent() {
    let stage = Stage::new().await;
    assert!(stage.delivery_queue().send(&[]).await.is_empty());
    assert!(stage.depth("DeliveryQueue").await.is_empty());
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
