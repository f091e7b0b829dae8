//! G5: a 2xx status line means delivered, whatever comes after it.

use std::time::Duration;

use serde_json::json;

use crate::receiver::Answer;
use crate::run::{Run, ad_hoc};
use crate::stage::{Recorded, Stage};

/// The receiver says 202 and then never ends its body, until the time for the request is over.
#[tokio::test(flavor = "multi_thread")]
async fn g5_a_2xx_status_line_is_a_success_even_if_the_body_never_ends() {
    let stage = Stage::with(&[("RequestTimeoutSeconds", "2")]).await;
    stage
        .receiver
        .script("/slow", &[Answer::StatusThenHang(202)]);
    stage
        .send(
            &Run::new("run1")
                .created_with(&json!([ad_hoc(&["CREATED"], &stage.receiver.url("/slow"))])),
        )
        .await;
    stage.receiver.wait_for(1).await;
    stage.settled().await;
    let [dispatch] = &stage.dispatches().await[..] else {
        panic!("one dispatch")
    };
    assert_eq!(
        (dispatch.status.as_str(), dispatch.attempts),
        ("SUCCEEDED", 1)
    );
    assert_eq!(dispatch.calls[0]["status"].as_n().unwrap(), "202");
    assert_eq!(stage.receiver.received().len(), 1);
}

/// A delivery message that SQS repeats after the dispatch has ended sets nothing off.
#[tokio::test(flavor = "multi_thread")]
async fn g5_a_repeated_delivery_message_of_a_delivered_dispatch_sends_nothing() {
    let stage = Stage::new().await;
    let hook = stage.receiver.url("/hook");
    let created = Run::new("run1").created_with(&json!([ad_hoc(&["CREATED"], &hook)]));
    stage.send(&created).await;
    stage.receiver.wait_for(1).await;
    stage.settled().await;
    let message = stage.delivery_message_of(&created).await;
    for _ in 0..3 {
        assert!(
            stage
                .deliver(std::slice::from_ref(&message))
                .await
                .is_empty()
        );
    }
    assert_eq!(stage.receiver.received().len(), 1);
}

/// What is on record of a dispatch whose first attempt two workers made, the slower one with
/// success.
async fn race_of(faster: Answer) -> Recorded {
    let stage = Stage::new().await;
    stage.race(faster).await;
    stage.receiver.release();
    stage.idle("DeliveryQueue").await;
    stage.advance(Duration::from_secs(900));
    stage.settled().await;
    assert_eq!(
        stage.receiver.received().len(),
        2,
        "nobody asks a third time"
    );
    stage.dispatches().await.remove(0)
}

#[tokio::test(flavor = "multi_thread")]
async fn g5_a_success_that_comes_after_the_failure_of_a_rival_ends_the_dispatch() {
    let dispatch = race_of(Answer::Status(500)).await;
    assert_eq!(
        (dispatch.status.as_str(), dispatch.attempts),
        ("SUCCEEDED", 2)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn g5_a_success_that_was_recorded_first_stands() {
    let dispatch = race_of(Answer::Status(200)).await;
    assert_eq!(
        (dispatch.status.as_str(), dispatch.attempts),
        ("SUCCEEDED", 1)
    );
}
