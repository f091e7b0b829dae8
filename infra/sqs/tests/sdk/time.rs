//! What time does to messages that nobody touches: delays end, messages expire.

use std::time::{Duration, Instant};

use aws_sdk_sqs::types::SendMessageBatchRequestEntry;
use sqs::NewMessage;

use crate::served::Served;

#[tokio::test]
async fn a_message_sent_with_a_delay_of_two_seconds_stays_hidden_for_two_seconds() {
    let served = Served::start().await;
    let url = served.queue("q", &[]).await;
    let start = Instant::now();
    let request = served.client.send_message().queue_url(&url);
    request
        .message_body("late")
        .delay_seconds(2)
        .send()
        .await
        .unwrap();
    let request = served.client.receive_message().queue_url(&url);
    let answer = request.wait_time_seconds(20).send().await.unwrap();
    assert_eq!(answer.messages()[0].body(), Some("late"));
    assert!(
        start.elapsed() >= Duration::from_millis(1_990),
        "{:?}",
        start.elapsed()
    );
}

#[tokio::test]
async fn a_queue_may_delay_all_its_messages() {
    let served = Served::start().await;
    let url = served.queue("q", &[("DelaySeconds", "60")]).await;
    served.send(&url, "as the queue says").await;
    let request = served.client.send_message().queue_url(&url);
    request
        .message_body("at once")
        .delay_seconds(0)
        .send()
        .await
        .unwrap();
    assert_eq!(served.receive_one(&url).await.body(), Some("at once"));
    served.sqs.advance(Duration::from_secs(60));
    let depth = served.inside(&url).depth();
    assert_eq!((depth.visible, depth.delayed), (2, 0));
}

#[tokio::test]
async fn the_depth_can_be_awaited() {
    let served = Served::start().await;
    let url = served.queue("q", &[]).await;
    let queue = served.inside(&url);
    let delay = Some(Duration::from_secs(60));
    let message = NewMessage {
        body: "late".to_owned(),
        delay,
        ..NewMessage::default()
    };
    queue.send(message).unwrap();
    let mut changes = queue.changed();
    assert_eq!(
        changes
            .wait_for(|depth| depth.delayed == 1)
            .await
            .unwrap()
            .visible,
        0
    );
    served.sqs.advance(Duration::from_secs(60));
    changes.wait_for(|depth| depth.visible == 1).await.unwrap();
    let received = served.receive_one(&url).await;
    changes
        .wait_for(|depth| depth.in_flight == 1)
        .await
        .unwrap();
    queue.delete(received.receipt_handle().unwrap()).unwrap();
    changes.wait_for(|depth| depth.is_empty()).await.unwrap();
}

#[tokio::test]
async fn each_entry_of_a_batch_has_its_own_delay() {
    let served = Served::start().await;
    let url = served.queue("q", &[]).await;
    let entry = |id: &str, delay: i32| {
        let entry = SendMessageBatchRequestEntry::builder().id(id);
        entry.message_body(id).delay_seconds(delay).build().unwrap()
    };
    let request = served.client.send_message_batch().queue_url(&url);
    let request = request.entries(entry("now", 0)).entries(entry("late", 60));
    let answer = request.entries(entry("never", 901)).send().await.unwrap();
    assert_eq!(answer.failed()[0].id(), "never");
    assert_eq!(answer.failed()[0].code(), "InvalidParameterValue");
    assert_eq!(served.receive_one(&url).await.body(), Some("now"));
    served.sqs.advance(Duration::from_secs(30));
    let visible = served.inside(&url).depth();
    assert_eq!(
        (visible.delayed, visible.in_flight + visible.visible),
        (1, 1)
    );
    served.sqs.advance(Duration::from_secs(30));
    assert_eq!(served.inside(&url).depth().delayed, 0);
}

#[tokio::test]
async fn messages_expire_when_their_retention_is_over_wherever_they_are() {
    let served = Served::start().await;
    let url = served
        .queue(
            "q",
            &[
                ("MessageRetentionPeriod", "60"),
                ("VisibilityTimeout", "900"),
            ],
        )
        .await;
    served.send(&url, "in flight").await;
    let received = served.receive_one(&url).await;
    served.send(&url, "visible").await;
    let request = served.client.send_message().queue_url(&url);
    request
        .message_body("delayed")
        .delay_seconds(900)
        .send()
        .await
        .unwrap();
    served.sqs.advance(Duration::from_secs(30));
    let depth = served.inside(&url).depth();
    assert_eq!((depth.visible, depth.delayed, depth.in_flight), (1, 1, 1));
    let mut changes = served.inside(&url).changed();
    served.sqs.advance(Duration::from_secs(30));
    changes.wait_for(|depth| depth.is_empty()).await.unwrap();
    let delete = served.client.delete_message().queue_url(&url);
    delete
        .set_receipt_handle(received.receipt_handle)
        .send()
        .await
        .unwrap();
}
