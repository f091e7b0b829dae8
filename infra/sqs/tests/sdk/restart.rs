//! What a snapshot keeps.

use std::time::Duration;

use sqs::{QueueAttributes, Sqs};

use crate::sending::text;
use crate::served::Served;

#[tokio::test]
async fn queues_and_messages_survive_a_restart_with_their_place_and_their_past() {
    let before = Served::start().await;
    let url = before.queue("q", &[("VisibilityTimeout", "600")]).await;
    let send = before
        .client
        .send_message()
        .queue_url(&url)
        .message_body("in flight");
    send.message_attributes("kind", text("good"))
        .send()
        .await
        .unwrap();
    let received = before.receive_one(&url).await;
    before.send(&url, "visible").await;
    let send = before
        .client
        .send_message()
        .queue_url(&url)
        .message_body("delayed");
    send.delay_seconds(900).send().await.unwrap();
    let snapshot = before.sqs.snapshot().unwrap().to_string();

    let sqs = Sqs::new();
    sqs.restore(serde_json::from_str(&snapshot).unwrap())
        .unwrap();
    let after = Served::serve(sqs).await;
    assert_eq!(after.inside(&url).depth(), before.inside(&url).depth());
    assert_eq!(after.receive_one(&url).await.body(), Some("visible"));
    // The URL and the handle from before are still good.
    let change = after.client.change_message_visibility().queue_url(&url);
    let change = change.set_receipt_handle(received.receipt_handle.clone());
    change.visibility_timeout(0).send().await.unwrap();
    let again = after.receive_one(&url).await;
    assert_eq!(again.message_id(), received.message_id());
    assert_eq!(again.message_attributes(), received.message_attributes());
    let count = "ApproximateReceiveCount".into();
    assert_eq!(again.attributes().unwrap()[&count], "2");
}

#[tokio::test]
async fn a_queue_that_is_there_before_the_snapshot_keeps_its_attributes() {
    let before = Served::start().await;
    let url = before.queue("q", &[]).await;
    before.send(&url, "hello").await;
    let snapshot = before.sqs.snapshot().unwrap();

    let after = Served::start().await;
    let delay = Duration::from_secs(7);
    let attributes = QueueAttributes {
        delay,
        ..QueueAttributes::default()
    };
    let queue = after.sqs.create_queue("q", attributes).unwrap();
    let mut waiting = Box::pin(queue.receive(1, Duration::from_secs(20), None));
    assert!(futures::poll!(&mut waiting).is_pending());
    after.sqs.restore(snapshot).unwrap();
    assert_eq!(waiting.await.unwrap()[0].message.body, "hello");
    assert_eq!(queue.attributes().unwrap().delay, delay);
}

#[tokio::test]
async fn a_snapshot_of_something_else_is_refused() {
    let sqs = Sqs::new();
    assert!(sqs.restore(serde_json::json!({ "tables": [] })).is_err());
}
