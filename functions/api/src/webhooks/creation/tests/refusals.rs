//! Every refusal, with its words.

use axum::http::StatusCode;
use axum::response::IntoResponse;
use serde_json::{Value, json};

use super::{body, read};

fn refusal(body: Value) -> (StatusCode, String) {
    let error = read(body).unwrap_err();
    let message = error.to_string();
    (error.into_response().status(), message)
}

/// What is changed in a good body, and what its sender reads then.
const REFUSALS: [(&str, &str); 27] = [
    (r#"{"eventTypes": null}"#, "eventTypes: is required"),
    (
        r#"{"eventTypes": []}"#,
        "eventTypes: at least one event type is needed",
    ),
    (
        r#"{"eventTypes": "TEST"}"#,
        r#"eventTypes: expected a list of strings, found "TEST""#,
    ),
    (
        r#"{"eventTypes": ["TEST", 5]}"#,
        "eventTypes: expected a list of strings, found 5",
    ),
    (r#"{"requestUrl": null}"#, "requestUrl: is required"),
    (
        r#"{"requestUrl": 5}"#,
        "requestUrl: expected a string, found a number",
    ),
    (
        r#"{"requestUrl": "not a url"}"#,
        "requestUrl: must be a valid URL: relative URL without a base",
    ),
    (
        r#"{"requestUrl": "ftp://example.com"}"#,
        r#"requestUrl: must be an http or https URL, found the scheme "ftp""#,
    ),
    (
        r#"{"ignoreSslErrors": "yes"}"#,
        r#"ignoreSslErrors: expected true or false, found "yes""#,
    ),
    (
        r#"{"doNotRetry": 1}"#,
        "doNotRetry: expected true or false, found 1",
    ),
    (
        r#"{"isEnabled": "true"}"#,
        r#"isEnabled: expected true or false, found "true""#,
    ),
    (
        r#"{"isApifyIntegration": []}"#,
        "isApifyIntegration: expected true or false, found []",
    ),
    (r#"{"title": 5}"#, "title: expected a string, found 5"),
    (
        r#"{"description": {}}"#,
        "description: expected a string, found {}",
    ),
    (
        r#"{"idempotencyKey": ""}"#,
        "idempotencyKey: must have 1 to 255 characters, found 0",
    ),
    (
        r#"{"actionType": "SLACK_MESSAGE"}"#,
        r#"actionType: only HTTP_REQUEST is supported, found "SLACK_MESSAGE""#,
    ),
    (
        r#"{"payloadTemplate": "{"}"#,
        "payloadTemplate: line 1, column 2: expected a key in double quotes, found the end of the template",
    ),
    (
        r#"{"reqestUrl": "https://example.com"}"#,
        "reqestUrl: is not a known field",
    ),
    (
        r#"{"condition": null}"#,
        "condition: must have exactly one of actorId, actorTaskId and actorRunId, found none",
    ),
    (
        r#"{"condition": "actor"}"#,
        r#"condition: expected an object, found "actor""#,
    ),
    (
        r#"{"condition": {}}"#,
        "condition: must have exactly one of actorId, actorTaskId and actorRunId, found none",
    ),
    (
        r#"{"condition": {"actorId": "a", "actorTaskId": "t"}}"#,
        "condition: must have exactly one of actorId, actorTaskId and actorRunId, found several",
    ),
    (
        r#"{"condition": {"actorId": 5}}"#,
        "condition.actorId: expected a string, found 5",
    ),
    (
        r#"{"condition": {"actorTaskId": "a b"}}"#,
        r#"condition.actorTaskId: "a b" is not a task id: 1 to 64 letters and digits"#,
    ),
    (
        r#"{"condition": {"actorRunId": ""}}"#,
        r#"condition.actorRunId: "" is not a run id: 1 to 64 letters and digits"#,
    ),
    (
        r#"{"condition": {"actorId": "a", "actorBuildId": "b"}}"#,
        "condition.actorBuildId: is not a known field",
    ),
    (
        r#"{"isAdHoc": true}"#,
        "isAdHoc: an ad hoc webhook needs condition.actorRunId",
    ),
];

#[test]
fn what_is_wrong_with_a_field_is_said_with_its_name_and_value() {
    for (changes, message) in REFUSALS {
        let changes = serde_json::from_str(changes).unwrap();
        let expected = (StatusCode::BAD_REQUEST, message.to_owned());
        assert_eq!(refusal(body(changes)), expected);
    }
}

#[test]
fn a_text_that_is_too_long_is_refused() {
    for (field, longest) in [("title", 63), ("description", 320), ("idempotencyKey", 255)] {
        let changes = json!({field: "x".repeat(longest + 1)});
        let (status, message) = refusal(body(changes));
        assert_eq!(status, StatusCode::BAD_REQUEST);
        let wanted = format!("{longest} characters, found {}", longest + 1);
        assert!(
            message.starts_with(field) && message.ends_with(&wanted),
            "{message}"
        );
    }
}

#[test]
fn a_name_instead_of_an_id_is_not_found() {
    for (field, name) in [
        ("actorId", "me~actor"),
        ("actorId", "~actor"),
        ("actorTaskId", "me/task"),
    ] {
        let (status, message) = refusal(body(json!({"condition": {field: name}})));
        assert_eq!(status, StatusCode::NOT_FOUND);
        assert_eq!(
            message,
            format!(
                "condition.{field}: {name:?} is a name, and names are not known here; use the id"
            )
        );
    }
}

#[test]
fn a_hostile_value_is_not_repeated_at_length() {
    let long = "~".repeat(1_000_000);
    for changes in [
        json!({"actionType": long.clone()}),
        json!({"condition": {"actorId": long.clone()}}),
        json!({"condition": {"actorId": long.replace('~', "#")}}),
        json!({"eventTypes": [long.clone()]}),
        json!({long.clone(): 1}),
        json!({"condition": {long.clone(): "a"}}),
    ] {
        let message = refusal(body(changes)).1;
        assert!(message.len() < 1000, "{} bytes", message.len());
    }
}
