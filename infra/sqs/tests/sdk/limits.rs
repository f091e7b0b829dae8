//! The numbers of SQS: the last value that passes, and the first that does not.

use std::time::Duration;

use aws_sdk_sqs::types::SendMessageBatchRequestEntry;
use sqs::NewMessage;

use crate::sending::text;
use crate::served::{Served, code, refusal};

const MIB: usize = 1_048_576;

#[tokio::test]
async fn a_message_of_one_mebibyte_passes_and_one_byte_more_does_not() {
    let served = Served::start().await;
    let url = served.queue("q", &[]).await;
    let send = |bytes: usize| {
        let request = served.client.send_message().queue_url(&url);
        request.message_body("a".repeat(bytes))
    };
    send(MIB).send().await.unwrap();
    let (code, text_of) = refusal(send(MIB + 1).send().await);
    assert_eq!(code, "InvalidParameterValue");
    assert_eq!(
        text_of,
        "One or more parameters are invalid. Reason: Message must be shorter than 1048576 bytes."
    );

    // Attributes count: their names, types and values.
    let attribute = "k".len() + "String".len() + "x".len();
    let with_attribute = |bytes: usize| send(bytes).message_attributes("k", text("x")).send();
    with_attribute(MIB - attribute).await.unwrap();
    let outcome = with_attribute(MIB - attribute + 1).await;
    assert_eq!(self::code(outcome), "InvalidParameterValue");
    assert_eq!(served.inside(&url).depth().visible, 2);
}

#[tokio::test]
async fn a_batch_of_one_mebibyte_in_all_passes_and_one_byte_more_does_not() {
    let served = Served::start().await;
    let url = served.queue("q", &[]).await;
    let send = |bytes: usize| {
        let entry = |id: &str, bytes: usize| {
            let entry = SendMessageBatchRequestEntry::builder().id(id);
            entry.message_body("a".repeat(bytes)).build().unwrap()
        };
        let request = served.client.send_message_batch().queue_url(&url);
        request
            .entries(entry("a", 1))
            .entries(entry("b", bytes - 1))
            .send()
    };
    assert_eq!(send(MIB).await.unwrap().successful().len(), 2);
    let error = send(MIB + 1).await.unwrap_err().into_service_error();
    assert!(error.is_batch_request_too_long());
    let text = "Batch requests cannot be longer than 1048576 bytes. You have sent 1048577 bytes.";
    assert_eq!(error.meta().message(), Some(text));
    assert_eq!(served.inside(&url).depth().visible, 2);
}

#[tokio::test]
async fn a_queue_may_have_a_smaller_limit() {
    let served = Served::start().await;
    let url = served.queue("q", &[("MaximumMessageSize", "1024")]).await;
    served.send(&url, &"a".repeat(1024)).await;
    let send = served.client.send_message().queue_url(&url);
    let (code, text) = refusal(send.message_body("a".repeat(1025)).send().await);
    assert_eq!(code, "InvalidParameterValue");
    assert!(text.ends_with("shorter than 1024 bytes."), "{text}");
}

#[tokio::test]
async fn a_delay_of_900_seconds_passes_and_901_do_not() {
    let served = Served::start().await;
    let url = served.queue("q", &[]).await;
    let send = |delay: i32| {
        let request = served.client.send_message().queue_url(&url);
        request.message_body("hello").delay_seconds(delay).send()
    };
    send(900).await.unwrap();
    for refused in [901, -1] {
        let (code, text) = refusal(send(refused).await);
        assert_eq!(code, "InvalidParameterValue");
        let reason = "Reason: DelaySeconds must be >= 0 and <= 900.";
        assert_eq!(
            text,
            format!("Value {refused} for parameter DelaySeconds is invalid. {reason}")
        );
    }
    served.sqs.advance(Duration::from_secs(800));
    assert!(served.receive(&url).await.is_empty());
    served.sqs.advance(Duration::from_secs(100));
    assert_eq!(served.receive(&url).await.len(), 1);
}

#[tokio::test]
async fn ten_messages_can_be_received_at_once_and_eleven_cannot() {
    let served = Served::start().await;
    let url = served.queue("q", &[]).await;
    let receive = |max: i32| {
        let request = served.client.receive_message().queue_url(&url);
        request.max_number_of_messages(max).send()
    };
    receive(10).await.unwrap();
    for refused in [0, 11] {
        let (code, text) = refusal(receive(refused).await);
        assert_eq!(code, "InvalidParameterValue");
        let reason = "Reason: Must be between 1 and 10, if provided.";
        assert!(text.ends_with(reason), "{text}");
    }
}

#[tokio::test]
async fn a_receive_waits_for_20_seconds_at_most() {
    let served = Served::start().await;
    let url = served.queue("q", &[]).await;
    served.send(&url, "so that nobody waits").await;
    let receive = |wait: i32| {
        let request = served.client.receive_message().queue_url(&url);
        request.wait_time_seconds(wait).send()
    };
    receive(20).await.unwrap();
    for refused in [21, -1] {
        assert_eq!(code(receive(refused).await), "InvalidParameterValue");
    }
}

#[tokio::test]
async fn with_120_000_messages_in_flight_a_short_poll_is_refused_and_a_long_poll_waits() {
    let served = Served::start().await;
    let url = served.queue("q", &[("VisibilityTimeout", "900")]).await;
    let queue = served.inside(&url);
    for _ in 0..120_001 {
        let message = NewMessage {
            body: "a".to_owned(),
            ..NewMessage::default()
        };
        queue.send(message).unwrap();
    }
    let received = queue.receive(120_001, Duration::ZERO, None).await.unwrap();
    assert_eq!(received.len(), 120_000);

    let receive = |wait: i32| {
        let request = served.client.receive_message().queue_url(&url);
        request.wait_time_seconds(wait).send()
    };
    let error = receive(0).await.unwrap_err().into_service_error();
    assert!(error.is_over_limit());
    assert!(receive(1).await.unwrap().messages().is_empty());

    let mut waiting = Box::pin(queue.receive(10, Duration::from_secs(20), None));
    assert!(futures::poll!(&mut waiting).is_pending());
    queue.delete(&received[0].receipt_handle).unwrap();
    assert_eq!(waiting.await.unwrap().len(), 1);
}
