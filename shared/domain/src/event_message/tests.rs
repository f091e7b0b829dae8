use super::*;
use proptest::prelude::*;
use serde_json::{Value, json};

const LIMIT: usize = 20;

fn message() -> Value {
    json!({
        "eventType": "ACTOR.RUN.SUCCEEDED",
        "createdAt": "2019-01-09T15:59:56.408Z",
        "userId": "abf6vtB2nvQZ4nJzo",
        "eventData": {"actorId": "fW4MyDhgwtMLrB987", "actorRunId": "uPBN9qaKd2iLs5naZ"},
        "resource": {
            "id": "uPBN9qaKd2iLs5naZ", "actId": "fW4MyDhgwtMLrB987", "userId": "abf6vtB2nvQZ4nJzo",
            "status": "SUCCEEDED"
        }
    })
}

fn with(path: &str, value: Value) -> String {
    let mut message = message();
    let (parent, key) = path.rsplit_once('/').unwrap();
    message.pointer_mut(parent).unwrap()[key] = value;
    message.to_string()
}

fn without(path: &str) -> Value {
    let mut message = message();
    let (parent, key) = path.rsplit_once('/').unwrap();
    message
        .pointer_mut(parent)
        .unwrap()
        .as_object_mut()
        .unwrap()
        .remove(key);
    message
}

fn event(body: &str) -> Event {
    parse(body, LIMIT).unwrap().event
}

fn refusal(body: &str) -> String {
    parse(body, LIMIT).unwrap_err().to_string()
}

#[test]
fn a_bare_message_is_an_event() {
    let event = event(&message().to_string());
    assert_eq!(event.kind, EventType::RunSucceeded);
    assert_eq!(event.user.as_str(), "abf6vtB2nvQZ4nJzo");
    assert_eq!(event.subject.id().as_str(), "uPBN9qaKd2iLs5naZ");
    assert_eq!(event.created_at.to_string(), "2019-01-09T15:59:56.408Z");
}

#[test]
fn sns_and_eventbridge_envelopes_hold_the_same_event() {
    let bare = message().to_string();
    let sns = json!({"Type": "Notification", "MessageId": "1", "Message": bare}).to_string();
    let bridge =
        json!({"detail-type": "run", "source": "platform", "detail": message()}).to_string();
    assert_eq!(event(&sns).key(), event(&bare).key());
    assert_eq!(event(&bridge).key(), event(&bare).key());
}

#[test]
fn what_is_missing_is_taken_from_the_resource() {
    for path in ["/eventType", "/userId", "/eventData"] {
        let shorter = without(path).to_string();
        assert_eq!(
            event(&shorter).key(),
            event(&message().to_string()).key(),
            "without {path}"
        );
    }
}

#[test]
fn the_resource_passes_through_untouched() {
    let resource = r#"{"z":1.0,"id":"uPBN9qaKd2iLs5naZ","a":9007199254740993,"actId":"fW4MyDhgwtMLrB987","big":1e400,"é":"\u0000"}"#;
    let mut message = message();
    message["resource"] = Value::Null;
    let body = message
        .to_string()
        .replace("\"resource\":null", &format!("\"resource\":{resource}"));
    assert_eq!(event(&body).resource.get(), resource);
}

#[test]
fn a_kept_event_reads_back_as_itself() {
    let first = event(&message().to_string());
    let again = event(&first.to_message().unwrap());
    assert_eq!(again.key(), first.key());
    assert_eq!(again.resource.get(), first.resource.get());
}

#[test]
fn every_spelling_of_a_timed_out_run_is_the_same_event() {
    let keys: Vec<_> = [
        "ACTOR.RUN.TIMEDOUT",
        "ACTOR.RUN.TIMED_OUT",
        "ACTOR.RUN.TIMED-OUT",
    ]
    .map(|name| event(&with("/eventType", json!(name))).key())
    .to_vec();
    assert_eq!(keys[0], keys[1]);
    assert_eq!(keys[0], keys[2]);
}

#[test]
fn the_time_and_the_platform_id_are_part_of_the_identity() {
    let key = event(&message().to_string()).key();
    assert_ne!(
        event(&with("/createdAt", json!("2019-01-09T15:59:56.409Z"))).key(),
        key
    );
    assert_ne!(event(&with("/eventId", json!("transition-1"))).key(), key);
}

#[test]
fn a_build_event_is_about_a_build() {
    let mut build = message();
    build["eventType"] = json!("ACTOR.BUILD.SUCCEEDED");
    build["eventData"] =
        json!({"actorId": "fW4MyDhgwtMLrB987", "actorBuildId": "uPBN9qaKd2iLs5naZ"});
    let event = event(&build.to_string());
    assert!(matches!(event.subject, Subject::Build { .. }));
    assert_eq!(event.subject.conditions().len(), 1);
}

#[test]
fn ad_hoc_webhooks_come_with_the_event() {
    let parameter = "W3siZXZlbnRUeXBlcyI6WyJBQ1RPUi5SVU4uQ1JFQVRFRCJdLCJyZXF1ZXN0VXJsIjoiaHR0cHM6Ly9leGFtcGxlLmNvbS8ifV0=";
    assert_eq!(
        parse(&with("/webhooks", json!(parameter)), LIMIT)
            .unwrap()
            .ad_hoc
            .len(),
        1
    );
    assert!(
        parse(&with("/webhooks", Value::Null), LIMIT)
            .unwrap()
            .ad_hoc
            .is_empty()
    );
}

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
            "resource: expected an object, found [1]",
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
        (with("/webhooks", json!("%%%")), "webhooks: "),
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
fn a_transitional_status_is_no_event() {
    let mut message = without("/eventType");
    message["resource"]["status"] = json!("ABORTING");
    assert!(refusal(&message.to_string()).contains("resource.status \"ABORTING\""));
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

proptest! {
    #[test]
    fn no_text_makes_it_panic(body in ".{0,300}") {
        let _ = parse(&body, LIMIT);
    }

    #[test]
    fn no_cut_message_makes_it_panic(cut in 0usize..300) {
        let whole = message().to_string();
        let _ = parse(whole.get(..cut.min(whole.len())).unwrap_or_default(), LIMIT);
    }
}
