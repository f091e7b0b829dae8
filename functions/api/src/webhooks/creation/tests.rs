//! Every field of the body.

mod refusals;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::description::tests::schemas::assert_described;
use crate::webhooks::view::WebhookView;

/// A body with all that is required, and these fields on top; `null` stands for nothing.
fn body(changes: Value) -> Value {
    let mut body = json!({
        "eventTypes": ["ACTOR.RUN.SUCCEEDED"],
        "condition": {"actorId": "hksJZtadYvn4mBuin"},
        "requestUrl": "https://example.com",
    });
    let object = body.as_object_mut().unwrap();
    object.extend(changes.as_object().unwrap().clone());
    body
}

fn read(body: Value) -> Result<Creation, ApiError> {
    let Value::Object(object) = body else {
        panic!("{body} is no object")
    };
    Creation::read(Fields::new(object))
}

/// What the webhook that this body makes looks like to its owner. Both are as the description says.
fn made(body: Value) -> Value {
    assert_described("WebhookCreate", &body);
    let webhook = read(body).unwrap().into_webhook(
        WebhookId::from_bytes([0; 16]),
        UserId::parse("u").unwrap(),
        Timestamp::parse("2019-01-09T15:59:56.408Z").unwrap(),
    );
    let view = serde_json::to_value(WebhookView::of(&webhook, None)).unwrap();
    assert_described("Webhook", &view);
    view
}

#[test]
fn the_least_body_makes_a_webhook_with_every_default() {
    assert_eq!(
        made(body(json!({}))),
        json!({
            "id": "00000000000000000",
            "createdAt": "2019-01-09T15:59:56.408Z",
            "modifiedAt": "2019-01-09T15:59:56.408Z",
            "userId": "u",
            "isAdHoc": false,
            "shouldInterpolateStrings": false,
            "eventTypes": ["ACTOR.RUN.SUCCEEDED"],
            "condition": {"actorId": "hksJZtadYvn4mBuin"},
            "ignoreSslErrors": false,
            "doNotRetry": false,
            "shouldSignWithEd25519": false,
            "requestUrl": "https://example.com",
            "payloadTemplate": null,
            "headersTemplate": null,
            "description": null,
            "title": null,
            "isApifyIntegration": false,
            "isEnabled": true,
            "actionType": "HTTP_REQUEST",
            "lastDispatch": null,
            "stats": {"totalDispatches": 0},
        })
    );
}

#[test]
fn every_field_is_taken_as_it_was_sent() {
    for (field, value) in [
        ("isAdHoc", json!(false)),
        ("shouldInterpolateStrings", json!(false)),
        (
            "eventTypes",
            json!(["ACTOR.RUN.TIMEDOUT", "ACTOR.BUILD.CREATED", "TEST"]),
        ),
        ("condition", json!({"actorTaskId": "W9bs9JE9v7wprjAnJ"})),
        ("condition", json!({"actorRunId": "r"})),
        ("payloadTemplate", json!("{{resource}}")),
        ("headersTemplate", json!(r#"{"x-a": "b"}"#)),
        ("ignoreSslErrors", json!(true)),
        ("doNotRetry", json!(true)),
        ("shouldSignWithEd25519", json!(true)),
        ("requestUrl", json!("http://example.com:8080/a?b=c#d")),
        ("description", json!("ř".repeat(320))),
        ("title", json!("ř".repeat(63))),
        ("isApifyIntegration", json!(true)),
        ("isEnabled", json!(false)),
        ("actionType", json!("HTTP_REQUEST")),
    ] {
        assert_eq!(made(body(json!({field: value.clone()})))[field], value);
    }
    let key = json!("k".repeat(255));
    let creation = read(body(json!({"idempotencyKey": key.clone()}))).unwrap();
    assert_eq!(json!(creation.idempotency_key), key);
}

#[test]
fn a_webhook_of_one_run_can_be_ad_hoc() {
    let changes = json!({"isAdHoc": true, "condition": {"actorRunId": "r"}});
    assert_eq!(made(body(changes))["isAdHoc"], true);
}

#[test]
fn null_and_an_empty_template_mean_the_same_as_nothing() {
    let nothing = made(body(json!({})));
    for field in [
        "isAdHoc",
        "shouldInterpolateStrings",
        "ignoreSslErrors",
        "doNotRetry",
        "shouldSignWithEd25519",
        "description",
        "title",
        "isApifyIntegration",
        "isEnabled",
        "actionType",
        "idempotencyKey",
        "payloadTemplate",
        "headersTemplate",
    ] {
        assert_eq!(made(body(json!({field: null}))), nothing, "{field}");
    }
    let empty = json!({"payloadTemplate": "", "headersTemplate": ""});
    assert_eq!(made(body(empty)), nothing);
    let nulls = json!({"condition": {"actorId": "hksJZtadYvn4mBuin", "actorTaskId": null}});
    assert_eq!(made(body(nulls)), nothing);
}

proptest! {
    #[test]
    fn no_value_makes_it_panic(field in "(eventTypes|condition|requestUrl|title|isEnabled)", text: String, number: i64) {
        for value in [json!(text), json!(number), json!([text]), json!({"actorId": text})] {
            let _ = read(body(json!({field.clone(): value})));
        }
    }
}

#[test]
fn what_the_api_answers_can_be_sent_back() {
    let plain = made(body(json!({})));
    for field in ANSWERED {
        for value in [
            json!("x"),
            json!({"totalDispatches": 5}),
            json!(5),
            Value::Null,
        ] {
            assert_eq!(made(body(json!({field: value}))), plain, "{field}");
        }
    }
    // Nothing is answered that is not taken.
    assert_eq!(made(plain.clone()), plain);
}
