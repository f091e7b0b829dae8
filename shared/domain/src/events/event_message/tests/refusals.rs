//! What is no event, and what is said about it.

use serde_json::{Value, json};

use super::{LIMIT, MessageError, event, message, parse, refusal, with, without};
use crate::event_type::EventType;

#[test]
fn every_refusal_names_the_field_and_the_value() {
    let refused = [
        (
            with("/eventType", json!(5)),
            "eventType: expected a string, found 5",
        ),
        (
            with("/eventType", json!("ACTOR.RUN.STARTED")),
            "eventType: \"ACTOR.RUN.STARTED\" is not an event type",
        ),
        (
            with("/eventType", json!("TEST")),
            "eventType: TEST comes from",
        ),
        (
            with("/createdAt", json!("yesterday")),
            "createdAt: \"yesterday\" is not",
        ),
        (without("/createdAt").to_string(), "createdAt is missing"),
        (without("/resource").to_string(), "resource is missing"),
        (
            with("/resource", json!([1])),
            "resource: expected an object, found a list",
        ),
        (
            with("/userId", json!("other")),
            "userId \"other\" and resource.userId \"abf6vtB2nvQZ4nJzo\" must agree",
        ),
        (
            with("/eventData/actorRunId", json!("other")),
            "eventData.actorRunId \"other\" and resource.id",
        ),
        (
            with("/eventData/actorId", json!("other")),
            "eventData.actorId \"other\" and resource.actId",
        ),
        (
            with("/eventData/actorBuildId", json!("b1")),
            "eventData must have actorRunId, not actorBuildId",
        ),
        (
            with("/eventData/actorTaskId", json!("me~task")),
            "eventData.actorTaskId: \"me~task\" is not a task id",
        ),
        (
            json!("x".repeat(1_000_000)).to_string(),
            "not a JSON object of an event: found a string",
        ),
        ("5".to_owned(), "not a JSON object of an event: "),
        ("not json".to_owned(), "not a JSON object"),
        ("[]".to_owned(), "not a JSON object"),
        ("".to_owned(), "not a JSON object"),
    ];
    for (body, reason) in refused {
        let refusal = refusal(&body);
        assert!(
            refusal.contains(reason),
            "{refusal:?} does not say {reason:?}"
        );
    }
}

#[test]
fn hostile_ids_are_refused() {
    for hostile in ["a#b", "U#1", "", "a\u{0}b", "../../x", &"x".repeat(2049)] {
        let mut message = without("/resource/id");
        message["eventData"]["actorRunId"] = json!(hostile);
        assert!(
            refusal(&message.to_string()).contains("eventData.actorRunId"),
            "{hostile:?}"
        );
    }
}

#[test]
fn a_transitional_status_is_no_event_and_nothing_is_wrong() {
    for status in ["RUNNING", "ABORTING", "TIMING-OUT", "TIMING_OUT"] {
        let mut message = without("/eventType");
        message["resource"]["status"] = json!(status);
        for kind in [Value::Null, json!({})] {
            message["userId"] = kind;
            let refusal = parse(&message.to_string(), LIMIT).unwrap_err();
            assert!(matches!(refusal, MessageError::NoEvent(_)), "{refusal}");
        }
    }
    // With a type, the status says nothing.
    let typed = event(&with("/resource/status", json!("RUNNING")));
    assert_eq!(typed.kind, EventType::RunSucceeded);
}

#[test]
fn an_unknown_status_is_refused_in_few_words() {
    let mut message = without("/eventType");
    message["resource"]["status"] = json!("X".repeat(900_000));
    let refusal = refusal(&message.to_string());
    assert!(refusal.contains("resource.status \"XXX"), "{refusal}");
    assert!(refusal.len() < 300, "{}", refusal.len());
}

#[test]
fn a_question_of_sns_says_what_to_do() {
    for kind in ["SubscriptionConfirmation", "UnsubscribeConfirmation"] {
        let question = json!({"Type": kind, "Token": "secret", "TopicArn": "arn", "SubscribeURL": "https://sns"});
        let refusal = refusal(&question.to_string());
        assert!(refusal.contains(kind) && refusal.contains("confirm-subscription"));
        assert!(!refusal.contains("secret"));
    }
}

#[test]
fn a_message_nested_too_deeply_is_refused_before_it_is_parsed() {
    let deep = format!(
        "{{\"resource\":{}1{}}}",
        "[".repeat(100_000),
        "]".repeat(100_000)
    );
    assert!(refusal(&deep).contains("100001 levels"));
}

#[test]
fn a_field_that_stands_twice_is_refused() {
    let body = message()
        .to_string()
        .replacen('{', "{\"userId\":\"someoneElse\",", 1);
    assert!(refusal(&body).contains("duplicate field"));
}
