//! Event source mappings, from a queue to a function.

use std::collections::BTreeMap;

use local::platform::Platform;
use local::sqs::{AttributeValue, Depth, MessageAttribute, NewMessage};
use serde_json::{Value, json};

use crate::fixture::{orders, send, start, told};

fn depth(platform: &Platform, queue: &str) -> Depth {
    platform.queue(queue).unwrap().depth()
}

async fn until(platform: &Platform, queue: &str, condition: impl FnMut(&Depth) -> bool) {
    let queue = platform.queue(queue).unwrap();
    queue.changed().wait_for(condition).await.unwrap();
}

/// Waits until the function has seen one batch and given all of it back.
async fn batch_given_back(platform: &Platform, queue: &str, size: usize) {
    told(platform).await;
    platform.idle().await;
    assert_eq!(
        depth(platform, queue),
        Depth {
            in_flight: size,
            ..Depth::default()
        }
    );
}

#[tokio::test]
async fn a_record_is_as_lambda_writes_it() {
    let platform = start().await;
    let queue = platform.queue("BatchQueue").unwrap();
    let attribute = |data_type: &str, value| MessageAttribute {
        data_type: data_type.into(),
        value,
    };
    let attributes = BTreeMap::from([
        (
            "bytes".to_owned(),
            attribute("Binary", AttributeValue::Binary(b"hi".to_vec())),
        ),
        (
            "text".to_owned(),
            attribute("String", AttributeValue::Text("yes".into())),
        ),
    ]);
    let message = NewMessage {
        body: "{}".into(),
        attributes,
        group_id: Some("me".into()),
        ..NewMessage::default()
    };
    let message = queue.send(message).unwrap();
    let record = &told(&platform).await[0];
    assert_eq!(record["messageId"], message.id.to_string());
    assert_eq!(
        (&record["body"], &record["md5OfBody"]),
        (&json!("{}"), &json!(message.md5_of_body))
    );
    assert_eq!(record["eventSource"], "aws:sqs");
    assert_eq!(record["eventSourceARN"], queue.arn());
    assert_eq!(record["awsRegion"], "us-east-1");
    assert!(record["receiptHandle"].is_string());
    assert_eq!(record["attributes"]["ApproximateReceiveCount"], "1");
    assert_eq!(record["attributes"]["MessageGroupId"], "me");
    let text = json!({ "stringValue": "yes", "stringListValues": [], "binaryListValues": [], "dataType": "String" });
    assert_eq!(record["messageAttributes"]["text"], text);
    assert_eq!(record["messageAttributes"]["bytes"]["binaryValue"], "aGk=");
    platform.settled().await;
}

#[tokio::test]
async fn a_batch_is_no_larger_than_it_may_be() {
    let platform = start().await;
    for number in 0..12 {
        send(&platform, "BatchQueue", &json!({ "number": number }));
    }
    let mut seen = Vec::new();
    while seen.len() < 12 {
        let batch = orders(&told(&platform).await);
        assert!(batch.len() <= 5, "{batch:?}");
        seen.extend(batch.iter().map(|order| order["number"].as_u64().unwrap()));
    }
    seen.sort_unstable();
    assert_eq!(seen, (0..12).collect::<Vec<_>>());
    platform.settled().await;
    assert!(depth(&platform, "BatchQueue").is_empty());
}

#[tokio::test]
async fn a_window_gathers_what_comes_within_it() {
    let platform = start().await;
    for number in 0..3 {
        send(&platform, "WindowQueue", &json!({ "number": number }));
        until(&platform, "WindowQueue", |depth| depth.in_flight > number).await;
    }
    assert_eq!(orders(&told(&platform).await).len(), 3);
    platform.settled().await;
}

#[tokio::test]
async fn only_the_messages_that_are_named_come_back() {
    let platform = start().await;
    send(&platform, "WindowQueue", &json!({ "do": "refuse" }));
    send(&platform, "WindowQueue", &json!({}));
    send(&platform, "WindowQueue", &json!({}));
    assert_eq!(orders(&told(&platform).await).len(), 3);
    until(&platform, "WindowQueue", |depth| depth.in_flight == 1).await;
    platform.queue("WindowQueue").unwrap().expire_visibility();
    assert_eq!(orders(&told(&platform).await), [json!({ "do": "refuse" })]);
}

#[tokio::test]
async fn nothing_named_means_that_all_were_handled() {
    let platform = start().await;
    for answer in [
        json!(null),
        json!({}),
        json!({ "batchItemFailures": null }),
        json!({ "batchItemFailures": [] }),
    ] {
        send(
            &platform,
            "BatchQueue",
            &json!({ "do": "answer", "answer": answer }),
        );
        told(&platform).await;
        platform.settled().await;
    }
}

#[tokio::test]
async fn an_answer_that_cannot_be_read_an_error_and_a_crash_fail_the_whole_batch() {
    let bad_answers = [
        json!("done"),
        json!({ "failures": [] }),
        json!({ "batchItemFailures": [{ "itemIdentifier": "" }] }),
        json!({ "batchItemFailures": [{ "itemIdentifier": "somebody-else" }] }),
        json!({ "batchItemFailures": [{ "id": "x" }] }),
    ];
    let answers = bad_answers.map(|answer| json!({ "do": "answer", "answer": answer }));
    let failures = ["fail", "panic", "exit"].map(|what| json!({ "do": what }));
    let platform = start().await;
    let mut size = 0;
    for order in answers.iter().chain(&failures) {
        send(&platform, "BatchQueue", order);
        size += 1;
        batch_given_back(&platform, "BatchQueue", size).await;
    }
}

#[tokio::test]
async fn a_poison_message_is_parked_after_its_receives() {
    let platform = start().await;
    send(&platform, "BatchQueue", &json!({ "do": "refuse" }));
    for _ in 0..2 {
        batch_given_back(&platform, "BatchQueue", 1).await;
        platform.queue("BatchQueue").unwrap().expire_visibility();
    }
    until(&platform, "DeadLetterQueue", |depth| depth.visible == 1).await;
    platform.settled().await;
}

#[tokio::test]
async fn without_partial_responses_a_refusal_is_ignored_and_an_error_fails_the_batch() {
    let platform = start().await;
    send(&platform, "WholeQueue", &json!({ "do": "refuse" }));
    told(&platform).await;
    platform.settled().await;
    send(&platform, "WholeQueue", &json!({ "do": "fail" }));
    batch_given_back(&platform, "WholeQueue", 1).await;
}

#[tokio::test]
async fn no_more_invocations_run_at_once_than_the_mapping_allows() {
    let platform = start().await;
    for _ in 0..6 {
        send(&platform, "BatchQueue", &json!({ "do": "wait", "ms": 100 }));
        told(&platform).await;
    }
    platform.settled().await;
    assert!(platform.cold_starts("batch").unwrap().len() <= 2);
}

#[tokio::test]
async fn a_thousand_messages_are_all_handled_and_none_twice() {
    let platform = start().await;
    for number in 0..1000 {
        send(&platform, "BatchQueue", &json!({ "number": number }));
    }
    let mut seen: Vec<Value> = Vec::new();
    while seen.len() < 1000 {
        seen.extend(orders(&told(&platform).await));
    }
    platform.settled().await;
    let mut numbers: Vec<_> = seen
        .iter()
        .map(|order| order["number"].as_u64().unwrap())
        .collect();
    numbers.sort_unstable();
    assert_eq!(numbers, (0..1000).collect::<Vec<_>>());
    assert!(depth(&platform, "OutQueue").is_empty());
}
