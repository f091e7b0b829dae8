//! Parking what is no event.

use aws_sdk_sqs::types::Message;
use queue::Rejected;

use crate::stage::Stage;

/// The largest message that a queue takes.
const MEBIBYTE: usize = 1024 * 1024;

#[tokio::test]
async fn a_parked_message_keeps_its_body_and_says_why_and_whence() {
    let stage = Stage::new().await;
    let body = "not JSON: \"\\\t\r\n\u{7f} é 🦀 \u{FFFD} <&>";
    let message = rejected(
        1,
        body,
        "the message is not a JSON object of an event: expected ident at line 1 column 2",
    );
    stage
        .rejected_queue()
        .park(vec![message.clone()])
        .await
        .remove(0)
        .unwrap();
    let [received] = &stage.received("RejectedQueue").await[..] else {
        panic!("one message")
    };
    assert_eq!(received.body(), Some(body));
    assert_eq!(attribute(received, "Reason"), message.reason);
    assert_eq!(attribute(received, "SourceMessageId"), "source-1");
}

#[tokio::test]
async fn more_messages_than_one_call_takes_are_all_parked_once() {
    let stage = Stage::new().await;
    let messages = (1..=23).map(|number| rejected(number, &format!("body {number}"), "bad"));
    let results = stage.rejected_queue().park(messages.collect()).await;
    assert!(
        results.len() == 23 && results.iter().all(Result::is_ok),
        "{results:?}"
    );
    let expected: Vec<_> = (1..=23)
        .map(|number| format!("source-{number}: body {number}"))
        .collect();
    assert_eq!(parked(&stage).await, sorted(expected));
}

#[tokio::test]
async fn no_character_and_no_length_of_a_reason_makes_a_message_unsendable() {
    let stage = Stage::new().await;
    let reasons = [
        "found \"\u{0}\u{1b}\u{7f}\u{9f}\" and \u{FFFE}\u{FFFF}".to_owned(),
        "found\r\n\ttabs".to_owned(),
        "🦀".repeat(100_000),
    ];
    let messages = reasons.iter().map(|reason| rejected(1, "body", reason));
    for parked in stage.rejected_queue().park(messages.collect()).await {
        parked.unwrap();
    }
    let received = stage.received("RejectedQueue").await;
    let arrived: Vec<_> = received
        .iter()
        .map(|received| attribute(received, "Reason"))
        .collect();
    assert_eq!(
        sorted(arrived),
        sorted(
            [
                "found \"\" and ".to_owned(),
                "foundtabs".to_owned(),
                "🦀".repeat(500)
            ]
            .into()
        )
    );
}

#[tokio::test]
async fn a_message_that_is_too_large_to_carry_its_reason_fails_alone() {
    let stage = Stage::new().await;
    let messages = vec![
        rejected(1, "before", "bad"),
        rejected(2, &"x".repeat(MEBIBYTE), "bad"),
        rejected(3, "after", "bad"),
    ];
    let results = stage.rejected_queue().park(messages).await;
    let [Ok(()), Err(_), Ok(())] = &results[..] else {
        panic!("{results:?}")
    };
    assert_eq!(
        parked(&stage).await,
        ["source-1: before", "source-3: after"]
    );
}

#[tokio::test]
async fn messages_that_are_too_much_for_one_call_are_all_parked() {
    let stage = Stage::new().await;
    // The largest that can carry its reason, and some that fill calls to the last byte and beyond.
    let room =
        |bytes: usize| MEBIBYTE - bytes - "ReasonStringbadSourceMessageIdStringsource-1".len();
    let sizes = [
        room(0),
        MEBIBYTE / 2,
        MEBIBYTE / 2,
        room(1),
        1,
        400_000,
        400_000,
        400_000,
    ];
    let messages: Vec<_> = sizes
        .iter()
        .zip(1..)
        .map(|(&size, number)| rejected(number, &"x".repeat(size), "bad"))
        .collect();
    let results = stage.rejected_queue().park(messages.clone()).await;
    assert!(results.iter().all(Result::is_ok), "{results:?}");
    let expected = messages
        .into_iter()
        .map(|message| format!("{}: {}", message.message_id, message.body));
    assert!(parked(&stage).await == sorted(expected.collect()));
}

fn rejected(number: usize, body: &str, reason: &str) -> Rejected {
    Rejected {
        body: body.to_owned(),
        message_id: format!("source-{number}"),
        reason: reason.to_owned(),
    }
}

fn attribute(received: &Message, name: &str) -> String {
    let attribute = &received.message_attributes().unwrap()[name];
    attribute.string_value().unwrap().to_owned()
}

/// Whence and what each parked message is, in an order of their own.
async fn parked(stage: &Stage) -> Vec<String> {
    let received = stage.received("RejectedQueue").await;
    let line = |received: &Message| {
        format!(
            "{}: {}",
            attribute(received, "SourceMessageId"),
            received.body().unwrap()
        )
    };
    sorted(received.iter().map(line).collect())
}

fn sorted(mut texts: Vec<String>) -> Vec<String> {
    texts.sort();
    texts
}
