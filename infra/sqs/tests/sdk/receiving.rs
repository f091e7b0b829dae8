//! Receives: what they show, when they wait, and that they share.

use std::collections::{BTreeSet, HashMap};
use std::time::{Duration, Instant};

use aws_sdk_sqs::types::{
    DeleteMessageBatchRequestEntry, Message, MessageSystemAttributeName,
    SendMessageBatchRequestEntry,
};

use crate::sending::text;
use crate::served::Served;

#[tokio::test]
async fn a_long_poll_wakes_when_a_message_comes() {
    let served = Served::start().await;
    let url = served.queue("q", &[]).await;
    let queue = served.inside(&url);
    let mut waiting = Box::pin(queue.receive(10, Duration::from_secs(20), None));
    assert!(futures::poll!(&mut waiting).is_pending());
    served.send(&url, "hello").await;
    let received = waiting.await.unwrap();
    assert_eq!(received[0].message.body, "hello");

    let request = served.client.receive_message().queue_url(&url);
    let poll = tokio::spawn(request.wait_time_seconds(20).send());
    served.send(&url, "again").await;
    assert_eq!(
        poll.await.unwrap().unwrap().messages()[0].body(),
        Some("again")
    );
}

#[tokio::test]
async fn a_long_poll_waits_when_no_message_comes() {
    let served = Served::start().await;
    let url = served.queue("q", &[]).await;
    let start = Instant::now();
    let request = served.client.receive_message().queue_url(&url);
    let answer = request.wait_time_seconds(1).send().await.unwrap();
    assert!(answer.messages().is_empty());
    assert!(start.elapsed() >= Duration::from_secs(1));
}

#[tokio::test]
async fn a_queue_says_how_long_receives_wait_that_do_not() {
    let served = Served::start().await;
    let url = served
        .queue("q", &[("ReceiveMessageWaitTimeSeconds", "1")])
        .await;
    let start = Instant::now();
    assert!(served.receive(&url).await.is_empty());
    assert!(start.elapsed() >= Duration::from_secs(1));
    let request = served.client.receive_message().queue_url(&url);
    assert!(
        request
            .wait_time_seconds(0)
            .send()
            .await
            .unwrap()
            .messages()
            .is_empty()
    );
}

#[tokio::test]
async fn only_the_attributes_that_were_asked_for_are_shown() {
    let served = Served::start().await;
    let url = served.queue("q", &[("VisibilityTimeout", "0")]).await;
    let request = served
        .client
        .send_message()
        .queue_url(&url)
        .message_body("hello");
    let request = request
        .message_attributes("Help.Me", text("Me"))
        .message_attributes("Hello", text("There"))
        .message_attributes("General", text("Kenobi"));
    request.send().await.unwrap();

    // The digests are of what is shown; they were recorded from AWS.
    let all = Some("4c360f3fdafd970e05fae2f149d997f5");
    for (asked, shown, md5) in [
        (&[][..], &[][..], None),
        (&["All"], &["General", "Hello", "Help.Me"], all),
        (&[".*"], &["General", "Hello", "Help.Me"], all),
        (&["*"], &["General", "Hello", "Help.Me"], all),
        (
            &["Hel.*"],
            &["Hello", "Help.Me"],
            Some("83fee93c1bcd8b9a5a923ffacdc636c7"),
        ),
        (
            &["Hello", "General"],
            &["General", "Hello"],
            Some("fca026605781cb4126a1e9044df24232"),
        ),
        (
            &["Foo", "Hello"],
            &["Hello"],
            Some("a311262e065454b75da111d535b8dacd"),
        ),
        (&["Foo", "Help"], &[], None),
    ] {
        let asked = asked.iter().map(|&name| name.to_owned()).collect();
        let request = served.client.receive_message().queue_url(&url);
        let answer = request
            .set_message_attribute_names(Some(asked))
            .send()
            .await
            .unwrap();
        let message = &answer.messages()[0];
        let names: BTreeSet<_> = message
            .message_attributes()
            .into_iter()
            .flat_map(HashMap::keys)
            .collect();
        let names: Vec<_> = names.into_iter().map(String::as_str).collect();
        assert_eq!(names, shown);
        assert_eq!(message.md5_of_message_attributes(), md5, "{shown:?}");
        assert!(message.attributes().is_none());
    }
}

#[tokio::test]
async fn system_attributes_can_be_asked_for_under_both_names_of_the_parameter() {
    let served = Served::start().await;
    let url = served.queue("q", &[("VisibilityTimeout", "0")]).await;
    served.send(&url, "hello").await;
    let count = MessageSystemAttributeName::ApproximateReceiveCount;
    let shown = |message: &Message| -> Vec<MessageSystemAttributeName> {
        message.attributes().unwrap().keys().cloned().collect()
    };
    let receive = || served.client.receive_message().queue_url(&url);
    let newer = receive().message_system_attribute_names(count.clone());
    let newer = newer.send().await.unwrap();
    assert_eq!(shown(&newer.messages()[0]), std::slice::from_ref(&count));
    #[expect(deprecated, reason = "older clients send nothing else")]
    let older = receive().attribute_names("ApproximateReceiveCount".into());
    let older = older.send().await.unwrap();
    assert_eq!(shown(&older.messages()[0]), [count]);
}

#[tokio::test]
async fn sixteen_consumers_share_a_thousand_messages_and_none_comes_twice() {
    let served = Served::start().await;
    let url = served.queue("q", &[]).await;
    for batch in 0..100 {
        let entry = |n: usize| {
            let entry = SendMessageBatchRequestEntry::builder().id(n.to_string());
            entry
                .message_body(format!("{}", batch * 10 + n))
                .build()
                .unwrap()
        };
        let request = served.client.send_message_batch().queue_url(&url);
        let request = request.set_entries(Some((0..10).map(entry).collect()));
        request.send().await.unwrap();
    }
    let consumers: Vec<_> = (0..16)
        .map(|_| tokio::spawn(consume(served.client.clone(), url.clone())))
        .collect();
    let mut bodies = Vec::new();
    for consumer in consumers {
        bodies.extend(consumer.await.unwrap());
    }
    assert_eq!(bodies.len(), 1000);
    assert_eq!(bodies.into_iter().collect::<BTreeSet<_>>().len(), 1000);
    assert!(served.inside(&url).depth().is_empty());
}

/// Receives and deletes until nothing is left.
async fn consume(client: aws_sdk_sqs::Client, url: String) -> Vec<String> {
    let mut bodies = Vec::new();
    loop {
        let request = client
            .receive_message()
            .queue_url(&url)
            .max_number_of_messages(10);
        let messages = request.send().await.unwrap().messages.unwrap_or_default();
        if messages.is_empty() {
            return bodies;
        }
        let entries = messages.iter().enumerate().map(|(n, message)| {
            let entry = DeleteMessageBatchRequestEntry::builder().id(n.to_string());
            entry
                .set_receipt_handle(message.receipt_handle.clone())
                .build()
                .unwrap()
        });
        let request = client.delete_message_batch().queue_url(&url);
        request
            .set_entries(Some(entries.collect()))
            .send()
            .await
            .unwrap();
        bodies.extend(messages.into_iter().filter_map(|message| message.body));
    }
}
