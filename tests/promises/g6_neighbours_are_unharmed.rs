//! G6: one bad event, webhook or endpoint never delays or repeats its neighbours in the batch.

use serde_json::json;

use crate::receiver::Answer;
use crate::run::{Run, ad_hoc};
use crate::stage::Stage;

/// Ten messages in one batch: one is poison, one goes to an endpoint that hangs. The other eight
/// arrive while it still hangs, so they have not waited for it.
#[tokio::test(flavor = "multi_thread")]
async fn g6_ten_messages_with_one_poison_and_one_hanging_endpoint_leave_eight_delivered() {
    let stage = Stage::new().await;
    stage.receiver.script("/hanging", &[Answer::Hang]);
    let message = |n: usize| {
        let path = if n == 3 {
            "/hanging".to_owned()
        } else {
            format!("/good{n}")
        };
        Run::new(&format!("run{n}"))
            .created_with(&json!([ad_hoc(&["CREATED"], &stage.receiver.url(&path))]))
    };
    let mut bodies: Vec<String> = (0..10).map(|n| message(n).to_string()).collect();
    bodies[5] = "{\"poison\":".to_owned();

    assert!(
        stage.ingest_texts(&bodies).await.is_empty(),
        "the poison is parked, not repeated"
    );
    let received = stage.receiver.wait_for(9).await;
    let good = received
        .iter()
        .filter(|post| post.path.starts_with("/good"))
        .count();
    assert_eq!(good, 8);
    let rejected = stage.rejected().await;
    assert_eq!(rejected.len(), 1);
    assert_eq!(rejected[0].0, bodies[5]);

    stage.receiver.release();
    stage.settled().await;
    assert_eq!(stage.receiver.received().len(), 9, "nothing was repeated");
    assert!(
        stage
            .dispatches()
            .await
            .iter()
            .all(|dispatch| dispatch.status == "SUCCEEDED")
    );
}

/// All ten deliveries of one batch are under way at once: none of them waits for another.
#[tokio::test(flavor = "multi_thread")]
async fn g6_the_deliveries_of_a_batch_do_not_wait_for_each_other() {
    let stage = Stage::new().await;
    let mut messages = Vec::new();
    for n in 0..10 {
        let path = format!("/hanging{n}");
        stage.receiver.script(&path, &[Answer::Hang]);
        messages.push(
            Run::new(&format!("run{n}"))
                .created_with(&json!([ad_hoc(&["CREATED"], &stage.receiver.url(&path))])),
        );
    }
    stage.ingest(&messages).await;
    // All ten hang at the same time, or this would wait for ever.
    stage.receiver.wait_for(10).await;
    stage.receiver.release();
    stage.settled().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn g6_an_unreadable_delivery_message_fails_alone() {
    let stage = Stage::new().await;
    let hook = stage.receiver.url("/hook");
    let created = Run::new("run1").created_with(&json!([ad_hoc(&["CREATED"], &hook)]));
    stage.send(&created).await;
    stage.receiver.wait_for(1).await;
    stage.settled().await;
    let good = stage.delivery_message_of(&created).await;
    let failures = stage.deliver(&["not a message".to_owned(), good]).await;
    assert_eq!(failures, ["message-0"]);
}
