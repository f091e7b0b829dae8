//! What goes in comes out, with the digests that SDKs compare.

use aws_sdk_sqs::primitives::Blob;
use aws_sdk_sqs::types::{
    MessageAttributeValue, MessageSystemAttributeName, MessageSystemAttributeNameForSends,
    MessageSystemAttributeValue,
};

use crate::served::{Served, code};

pub(crate) fn text(value: &str) -> MessageAttributeValue {
    let attribute = MessageAttributeValue::builder().data_type("String");
    attribute.string_value(value).build().unwrap()
}

fn binary(value: &[u8]) -> MessageAttributeValue {
    let attribute = MessageAttributeValue::builder().data_type("Binary");
    attribute.binary_value(Blob::new(value)).build().unwrap()
}

#[tokio::test]
async fn a_message_is_sent_received_and_deleted() {
    let served = Served::start().await;
    let url = served.queue("q", &[]).await;
    let send = served.client.send_message().queue_url(&url);
    let sent = send.message_body("test").send().await.unwrap();
    // The digest of "test", from elsewhere.
    let md5 = "098f6bcd4621d373cade4e832627b4f6";
    assert_eq!(sent.md5_of_message_body(), Some(md5));
    assert_eq!(sent.md5_of_message_attributes(), None);

    let message = served.receive_one(&url).await;
    assert_eq!(message.body(), Some("test"));
    assert_eq!(message.md5_of_body(), Some(md5));
    assert_eq!(message.message_id(), sent.message_id());
    assert!(served.receive(&url).await.is_empty());

    let delete = served.client.delete_message().queue_url(&url);
    let handle = message.receipt_handle().unwrap();
    delete.receipt_handle(handle).send().await.unwrap();
    assert!(served.inside(&url).depth().is_empty());
}

#[tokio::test]
async fn attributes_have_the_digests_that_aws_gives_them() {
    let served = Served::start().await;
    let url = served.queue("q", &[]).await;
    let send = || {
        let request = served.client.send_message().queue_url(&url);
        request.message_body("test")
    };
    // Both digests were recorded from AWS.
    let trace = b"traceparent\x1e00-774062d6c37081a5a0b9b5b88e30627c-2d2482211f6489da-01";
    let sent = send().message_attributes("attr1", binary(trace));
    let sent = sent.send().await.unwrap();
    let binary_md5 = "8cbe4db156db8a94db8b801b7addb984";
    assert_eq!(sent.md5_of_message_attributes(), Some(binary_md5));
    let received = served.receive_one(&url).await;
    assert_eq!(received.md5_of_message_attributes(), Some(binary_md5));
    let value = &received.message_attributes().unwrap()["attr1"];
    assert_eq!(value.binary_value().unwrap().as_ref(), trace);

    let sent = send()
        .message_attributes("Hello", text("There"))
        .message_attributes("General", text("Kenobi"));
    let sent = sent.send().await.unwrap();
    let texts_md5 = "fca026605781cb4126a1e9044df24232";
    assert_eq!(sent.md5_of_message_attributes(), Some(texts_md5));
}

#[tokio::test]
async fn a_received_message_says_who_sent_it_and_when_and_how_often_it_came() {
    let served = Served::start().await;
    let url = served.queue("q", &[]).await;
    served.send(&url, "hello").await;
    let first = served.receive_one(&url).await;
    let first = first.attributes().unwrap().clone();
    assert_eq!(
        first[&MessageSystemAttributeName::ApproximateReceiveCount],
        "1"
    );
    assert_eq!(first[&MessageSystemAttributeName::SenderId], "000000000000");
    let sent: u64 = first[&MessageSystemAttributeName::SentTimestamp]
        .parse()
        .unwrap();
    let received: u64 = first[&MessageSystemAttributeName::ApproximateFirstReceiveTimestamp]
        .parse()
        .unwrap();
    assert!(1_700_000_000_000 < sent && sent <= received, "{first:?}");

    served.inside(&url).expire_visibility();
    let again = served.receive_one(&url).await;
    let again = again.attributes().unwrap();
    assert_eq!(
        again[&MessageSystemAttributeName::ApproximateReceiveCount],
        "2"
    );
    for unchanged in [
        MessageSystemAttributeName::SentTimestamp,
        MessageSystemAttributeName::ApproximateFirstReceiveTimestamp,
    ] {
        assert_eq!(again[&unchanged], first[&unchanged]);
    }
}

#[tokio::test]
async fn a_group_id_on_a_standard_queue_is_kept() {
    let served = Served::start().await;
    let url = served.queue("q", &[]).await;
    let send = || {
        let request = served.client.send_message().queue_url(&url);
        request.message_body("hello")
    };
    send().message_group_id("user-1").send().await.unwrap();
    let message = served.receive_one(&url).await;
    let attributes = message.attributes().unwrap();
    let group = &attributes[&MessageSystemAttributeName::MessageGroupId];
    assert_eq!(group, "user-1");

    for refused in ["", "group 123", &"a".repeat(129)] {
        let outcome = send().message_group_id(refused).send().await;
        assert_eq!(code(outcome), "InvalidParameterValue", "{refused}");
    }
    let outcome = send().message_deduplication_id("once").send().await;
    assert_eq!(code(outcome), "InvalidParameterValue");
}

#[tokio::test]
async fn a_trace_header_travels_with_the_message() {
    let served = Served::start().await;
    let url = served.queue("q", &[]).await;
    let trace = "Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1";
    let header = MessageSystemAttributeValue::builder()
        .data_type("String")
        .string_value(trace)
        .build()
        .unwrap();
    let sent = served
        .client
        .send_message()
        .queue_url(&url)
        .message_body("hello")
        .message_system_attributes(MessageSystemAttributeNameForSends::AwsTraceHeader, header)
        .send()
        .await
        .unwrap();
    assert!(sent.md5_of_message_system_attributes().is_some());
    assert_eq!(sent.md5_of_message_attributes(), None);
    let message = served.receive_one(&url).await;
    let attributes = message.attributes().unwrap();
    assert_eq!(
        attributes[&MessageSystemAttributeName::AwsTraceHeader],
        trace
    );
}

#[tokio::test]
async fn texts_that_sqs_cannot_carry_are_refused() {
    let served = Served::start().await;
    let url = served.queue("q", &[]).await;
    let send = |body: &str| {
        let request = served.client.send_message().queue_url(&url);
        request.message_body(body).send()
    };
    for refused in ["\u{0}", "a\u{8}", "\u{b}", "\u{1f}", "\u{fffe}", "\u{ffff}"] {
        let outcome = send(refused).await;
        assert_eq!(code(outcome), "InvalidMessageContents", "{refused:?}");
    }
    assert_eq!(code(send("").await), "MissingParameter");
    let fine = "\t\n\r ~ä€\u{d7ff}\u{e000}\u{fffd}\u{10000}\u{10ffff}";
    send(fine).await.unwrap();
    assert_eq!(served.receive_one(&url).await.body(), Some(fine));
}

#[tokio::test]
async fn attributes_that_sqs_does_not_take_are_refused() {
    let served = Served::start().await;
    let url = served.queue("q", &[]).await;
    let send = |name: &str, value: MessageAttributeValue| {
        let request = served.client.send_message().queue_url(&url);
        request
            .message_body("hello")
            .message_attributes(name, value)
    };
    let long = "L".repeat(257);
    for name in ["", "aWs.x", "AMAZON.x", ".x", "x.", "x..y", "x!y", &long] {
        let outcome = send(name, text("fine")).send().await;
        assert_eq!(code(outcome), "InvalidParameterValue", "{name:?}");
    }
    for value in [text(""), text("\u{8}"), binary(b"")] {
        let outcome = send("fine", value.clone()).send().await;
        assert_eq!(code(outcome), "InvalidParameterValue", "{value:?}");
    }
    let typed = MessageAttributeValue::builder().data_type("Strange");
    let typed = typed.string_value("fine").build().unwrap();
    let outcome = send("fine", typed).send().await;
    assert_eq!(code(outcome), "InvalidParameterValue");

    let number = MessageAttributeValue::builder().data_type("Number.int");
    let number = number.string_value("1").build().unwrap();
    let mut ten = send("attr.1øßä", number);
    for index in 1..10 {
        ten = ten.message_attributes(format!("a{index}"), text("fine"));
    }
    ten.clone().send().await.unwrap();
    let eleven = ten.message_attributes("one-more", text("fine"));
    assert_eq!(code(eleven.send().await), "InvalidParameterValue");
}
