//! G5: a 2xx status line means delivered, whatever comes after it.

use serde_json::json;

use crate::receiver::Answer;
use crate::run::{Run, ad_hoc};
use crate::stage::Stage;

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
    let run = Run::new("run1");
    let created = run.created_with(&json!([ad_hoc(&["CREATED"], &stage.receiver.url("/hook"))]));
    let message = stage.delivery_message_of(&created).await;
    stage.receiver.wait_for(1).await;
    stage.settled().await;
    for _ in 0..3 {
        assert!(stage.deliver(&[message.clone()]).await.is_empty());
    }
    assert_eq!(stage.receiver.received().len(), 1);
}
