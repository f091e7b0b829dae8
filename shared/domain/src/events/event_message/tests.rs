use super::*;
use proptest::prelude::*;
use serde_json::{Value, json};

mod refusals;

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
            .definitions
            .len(),
        1
    );
    assert!(
        parse(&with("/webhooks", Value::Null), LIMIT)
            .unwrap()
            .ad_hoc
            .definitions
            .is_empty()
    );
}

#[test]
fn a_run_is_created_once_whatever_its_messages_say() {
    let ready = |created_at: &str, id: &str| {
        let mut message = without("/eventType");
        message["resource"]["status"] = json!("READY");
        message["createdAt"] = json!(created_at);
        message["eventId"] = json!(id);
        event(&message.to_string())
    };
    let (one, other) = (
        ready("2019-01-09T15:59:56.408Z", "1"),
        ready("2019-01-09T16:00:00.000Z", "2"),
    );
    assert_eq!(one.kind, EventType::RunCreated);
    assert_eq!(one.key().hash, other.key().hash);
    let typed = event(&with("/eventType", json!("ACTOR.RUN.CREATED")));
    assert_eq!(typed.key(), one.key());
    let mut elsewhere = message();
    elsewhere["eventType"] = json!("ACTOR.RUN.CREATED");
    for field in ["/eventData/actorRunId", "/resource/id"] {
        *elsewhere.pointer_mut(field).unwrap() = json!("another");
    }
    assert_ne!(event(&elsewhere.to_string()).key().hash, one.key().hash);
}

#[test]
fn whatever_is_wrong_with_its_webhooks_the_event_is_good() {
    let good = "W3siZXZlbnRUeXBlcyI6WyJBQ1RPUi5SVU4uQ1JFQVRFRCJdLCJyZXF1ZXN0VXJsIjoiaHR0cHM6Ly9leGFtcGxlLmNvbS8ifV0=";
    for (webhooks, rejected) in [
        (json!("%%%"), 1),
        (json!({"headersTemplate": "secret"}), 1),
        (json!(["secret"]), 1),
        (json!(5), 1),
        (json!(true), 1),
        (json!(""), 0),
        (json!("undefined"), 0),
        (json!(good), 0),
    ] {
        let arrival = parse(&with("/webhooks", webhooks), LIMIT).unwrap();
        assert_eq!(arrival.ad_hoc.rejected.count, rejected);
        let told = format!("{:?}", arrival.ad_hoc.rejected);
        assert!(!told.contains("secret"), "{told}");
    }
    let mut build = message();
    build["eventType"] = json!("ACTOR.BUILD.SUCCEEDED");
    build["eventData"] =
        json!({"actorId": "fW4MyDhgwtMLrB987", "actorBuildId": "uPBN9qaKd2iLs5naZ"});
    for (webhooks, rejected) in [(good, 1), ("W10=", 0), ("%%%", 1)] {
        build["webhooks"] = json!(webhooks);
        let ad_hoc = parse(&build.to_string(), LIMIT).unwrap().ad_hoc;
        assert_eq!(
            (ad_hoc.definitions.len(), ad_hoc.rejected.count),
            (0, rejected)
        );
    }
}

#[test]
fn a_task_that_is_null_stays_null() {
    let null = event(&with("/eventData/actorTaskId", Value::Null));
    let kept = event(&null.to_message().unwrap());
    for event in [null, kept] {
        let data = serde_json::to_value(event.data()).unwrap();
        assert_eq!(data.get("actorTaskId"), Some(&Value::Null));
    }
    let absent = event(&message().to_string());
    let data = serde_json::to_value(absent.data()).unwrap();
    assert_eq!(data.get("actorTaskId"), None);
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
