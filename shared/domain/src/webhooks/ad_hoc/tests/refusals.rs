//! What is bad, why, and what it costs: itself.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};

use super::{AdHoc, MOST_REASONS, TEXT, bad, encode};

#[test]
fn every_refusal_of_a_field_says_where_and_what() {
    let types = json!(["ACTOR.RUN.FAILED"]);
    let with = |field: &str, value: Value| {
        let mut entry = json!({"eventTypes": types, "requestUrl": "https://example.com/"});
        entry[field] = value;
        encode(&json!([entry]))
    };
    assert_told([
        (
            with("eventTypes", json!([])),
            "[0].eventTypes: at least one",
        ),
        (
            with("eventTypes", json!(["NOPE"])),
            "\"NOPE\" is not an event type",
        ),
        (
            with("eventTypes", json!("ACTOR.RUN.FAILED")),
            "[0].eventTypes: expected a list of strings",
        ),
        (
            with("requestUrl", json!("x")),
            "[0].requestUrl: must be a valid URL",
        ),
        (
            with("requestUrl", json!("")),
            "[0].requestUrl: must be a valid URL",
        ),
        (
            with("requestUrl", json!(7)),
            "[0].requestUrl: expected a string, found a number",
        ),
        (
            with("payloadTemplate", json!({"secret": 1})),
            "[0].payloadTemplate: expected a string, found an object",
        ),
        (
            with("headersTemplate", json!(["secret"])),
            "[0].headersTemplate: expected a string, found a list",
        ),
        (
            with("payloadTemplate", json!("{")),
            "[0].payloadTemplate: line 1, column 2",
        ),
        (
            with("doNotRetry", json!("yes")),
            "[0].doNotRetry: expected true or false",
        ),
        (
            with("isEnabled", json!("no")),
            "[0].isEnabled: expected true or false",
        ),
        (
            with("idempotencyKey", json!("k".repeat(256))),
            "[0].idempotencyKey: must have 1 to 255",
        ),
    ]);
}

#[test]
fn every_refusal_of_an_entry_or_a_parameter_says_where_and_what() {
    let types = json!(["ACTOR.RUN.FAILED"]);
    assert_told([
        (encode(&json!({})), "not a JSON array: found an object"),
        (encode(&json!("secret")), "not a JSON array: found a string"),
        (
            encode(&json!([5])),
            "[0]: expected an object, found a number",
        ),
        (
            encode(&json!([null])),
            "[0]: expected an object, found null",
        ),
        (
            encode(&json!([{"requestUrl": "https://x.y"}])),
            "[0].eventTypes: is required",
        ),
        (
            encode(&json!([{"eventTypes": types}])),
            "[0].requestUrl: is required",
        ),
        ("%%%".to_owned(), "not base64"),
        ("[object Object]".to_owned(), "not base64"),
        ("aGVsbG8=".to_owned(), "not a JSON array"),
        (TEXT.to_owned(), "not base64: it looks like the JSON itself"),
        (BASE64_STANDARD.encode(&TEXT[..50]), "not a JSON array"),
        (BASE64_STANDARD.encode([0xff, 0xfe]), "not UTF-8"),
    ]);
}

/// Each of these parameters has one fault, which is told like this and without a secret.
fn assert_told(refused: impl IntoIterator<Item = (String, &'static str)>) {
    for (parameter, reason) in refused {
        let (reasons, good) = bad(&parameter);
        assert_eq!((reasons.len(), good), (1, 0), "{parameter}");
        assert!(
            reasons[0].contains(reason),
            "{reasons:?} does not say {reason:?}"
        );
        assert!(!reasons[0].contains("secret"), "{reasons:?}");
    }
}

#[test]
fn what_is_bad_costs_no_good_neighbour() {
    let good = json!({"eventTypes": ["ACTOR.RUN.FAILED"], "requestUrl": "https://example.com/"});
    let list = json!([5, good, {"eventTypes": ["NOPE"]}, good, [], {"requestUrl": "x"}]);
    let all = AdHoc::decode(&encode(&list), 20);
    let places: Vec<_> = all.definitions.iter().map(|known| known.position).collect();
    assert_eq!(places, [1, 3]);
    assert_eq!(all.rejected.count, 4);
    let places: Vec<_> = all
        .rejected
        .reasons
        .iter()
        .map(|known| known.position)
        .collect();
    assert_eq!(places, [0, 2, 4, 5].map(Some));
}

#[test]
fn the_first_good_ones_count_and_the_others_are_told_in_one_reason() {
    let good = json!({"eventTypes": ["ACTOR.RUN.FAILED"], "requestUrl": "https://example.com/"});
    let mut list = vec![good; 25];
    list[0] = json!({});
    let all = AdHoc::decode(&encode(&json!(list)), 20);
    assert_eq!(all.definitions.len(), 20);
    assert_eq!(all.definitions[19].position, 20);
    assert_eq!(all.rejected.count, 5);
    let last = &all.rejected.reasons[1];
    assert_eq!(last.position, Some(21));
    assert_eq!(
        last.reason,
        "25 ad hoc webhooks; one run may have 20: those from [21] on are left out"
    );
}

#[test]
fn reasons_are_few_and_short_whatever_is_sent() {
    let long = "x".repeat(100_000);
    let entry = json!({"eventTypes": [long], "requestUrl": long, &long: long, "doNotRetry": long});
    let all = AdHoc::decode(&encode(&json!(vec![entry; 3])), 20);
    let many = AdHoc::decode(&encode(&json!(vec![0; 10_000])), 20);
    assert_eq!((all.rejected.count, many.rejected.count), (3, 10_000));
    assert_eq!(many.rejected.reasons.len(), MOST_REASONS);
    for rejection in all.rejected.reasons.iter().chain(&many.rejected.reasons) {
        assert!(rejection.reason.len() < 600, "{}", rejection.reason.len());
    }
}
