//! The settings and the depth of a queue.

use std::time::Duration;

use aws_sdk_sqs::types::QueueAttributeName;

use crate::served::{Served, code, refusal};

#[tokio::test]
async fn a_new_queue_has_the_attributes_of_sqs() {
    let served = Served::start().await;
    let url = served.queue("q", &[]).await;
    assert_eq!(url, format!("{}/000000000000/q", served.endpoint));
    let request = served.client.get_queue_attributes().queue_url(&url);
    let answer = request
        .attribute_names(QueueAttributeName::All)
        .send()
        .await
        .unwrap();
    let mut attributes = answer.attributes.unwrap();
    for date in ["CreatedTimestamp", "LastModifiedTimestamp"] {
        let seconds: u64 = attributes.remove(&date.into()).unwrap().parse().unwrap();
        assert!(1_700_000_000 < seconds && seconds < 100_000_000_000);
    }
    let mut attributes: Vec<_> = attributes
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    attributes.sort_unstable();
    assert_eq!(
        attributes,
        [
            ("ApproximateNumberOfMessages", "0"),
            ("ApproximateNumberOfMessagesDelayed", "0"),
            ("ApproximateNumberOfMessagesNotVisible", "0"),
            ("DelaySeconds", "0"),
            ("MaximumMessageSize", "1048576"),
            ("MessageRetentionPeriod", "345600"),
            ("QueueArn", "arn:aws:sqs:us-east-1:000000000000:q"),
            ("ReceiveMessageWaitTimeSeconds", "0"),
            ("SqsManagedSseEnabled", "true"),
            ("VisibilityTimeout", "30"),
        ]
    );
}

#[tokio::test]
async fn the_depth_attributes_count_visible_delayed_and_in_flight_messages() {
    let served = Served::start().await;
    let url = served.queue("q", &[]).await;
    let send = |delay: i32| {
        let request = served.client.send_message().queue_url(&url);
        request.message_body("hello").delay_seconds(delay).send()
    };
    for delay in [0, 0, 0, 60, 60] {
        send(delay).await.unwrap();
    }
    let receive = served.client.receive_message().queue_url(&url);
    assert_eq!(receive.send().await.unwrap().messages().len(), 1);
    let request = served.client.get_queue_attributes().queue_url(&url);
    let request = request
        .attribute_names(QueueAttributeName::ApproximateNumberOfMessages)
        .attribute_names(QueueAttributeName::ApproximateNumberOfMessagesDelayed)
        .attribute_names(QueueAttributeName::ApproximateNumberOfMessagesNotVisible);
    let attributes = request.send().await.unwrap().attributes.unwrap();
    assert_eq!(attributes.len(), 3);
    assert_eq!(
        attributes[&QueueAttributeName::ApproximateNumberOfMessages],
        "2"
    );
    assert_eq!(
        attributes[&QueueAttributeName::ApproximateNumberOfMessagesDelayed],
        "2"
    );
    assert_eq!(
        attributes[&QueueAttributeName::ApproximateNumberOfMessagesNotVisible],
        "1"
    );
}

#[tokio::test]
async fn attributes_can_be_changed_and_bad_ones_are_refused() {
    let served = Served::start().await;
    let url = served
        .queue(
            "q",
            &[("VisibilityTimeout", "900"), ("KmsMasterKeyId", "key")],
        )
        .await;
    let set = |name: &str, value: &str| {
        let request = served.client.set_queue_attributes().queue_url(&url);
        request
            .attributes(QueueAttributeName::from(name), value)
            .send()
    };
    set("MessageRetentionPeriod", "1209600").await.unwrap();
    let attributes = served.inside(&url).attributes().unwrap();
    assert_eq!(attributes.retention, Duration::from_secs(14 * 24 * 60 * 60));
    assert_eq!(attributes.visibility_timeout, Duration::from_secs(900));
    assert_eq!(attributes.unenforced["KmsMasterKeyId"], "key");
    for (name, value) in [
        ("DelaySeconds", "901"),
        ("VisibilityTimeout", "-1"),
        ("VisibilityTimeout", "soon"),
        ("MessageRetentionPeriod", "59"),
        ("MessageRetentionPeriod", "1209601"),
        ("MaximumMessageSize", "1023"),
        ("MaximumMessageSize", "1048577"),
        ("ReceiveMessageWaitTimeSeconds", "21"),
    ] {
        let (code, text) = refusal(set(name, value).await);
        assert_eq!(code, "InvalidAttributeValue", "{name} {value}");
        assert_eq!(text, format!("Invalid value for the parameter {name}."));
    }
    for unknown in ["FifoQueue", "QueueArn", "Nonsense"] {
        let (code, text) = refusal(set(unknown, "true").await);
        assert_eq!(
            (code.as_str(), text),
            (
                "InvalidAttributeName",
                format!("Unknown Attribute {unknown}.")
            )
        );
    }
    let get = served.client.get_queue_attributes().queue_url(&url);
    let get = get.attribute_names("Nonsense".into()).send().await;
    assert_eq!(code(get), "InvalidAttributeName");
}
