//! The description's schemas, against what really goes over the wire.

use axum::response::IntoResponse;
use boon::{Compiler, Schemas};
use domain::event_type::EventType;
use domain::grant::Scope;
use serde_json::{Value, json};

use super::description;
use crate::error::ApiError;

/// Schemas of answers. Readers must let pass what they do not know, so these are open; here they are closed, so that nothing that we send
/// goes undescribed.
const ANSWERS: [&str; 12] = [
    "Webhook",
    "WebhookSecret",
    "Dispatch",
    "WebhookPage",
    "DispatchPage",
    "Notice",
    "NoticePage",
    "RedeliveryJob",
    "WebhookMatchPage",
    "WebhookPreview",
    "SentRequest",
    "Error",
];

/// What is wrong with a value, by the schema of this name.
fn complaint(schema: &str, value: &Value) -> Option<String> {
    let mut description = description();
    if ANSWERS.contains(&schema) {
        close(&mut description["components"]["schemas"]);
    }
    let (mut schemas, mut compiler) = (Schemas::new(), Compiler::new());
    compiler.enable_format_assertions();
    compiler
        .add_resource("http://localhost/openapi.json", description)
        .unwrap();
    let place = format!("http://localhost/openapi.json#/components/schemas/{schema}");
    let compiled = compiler.compile(&place, &mut schemas).unwrap();
    let result = schemas.validate(value, compiled);
    result.err().map(|error| format!("{error:#}"))
}

/// Lets objects have only the properties that are named.
fn close(schema: &mut Value) {
    if let Value::Object(object) = schema {
        let is_open = object.contains_key("properties") && !object.contains_key("oneOf");
        if is_open && object.get("type") == Some(&json!("object")) {
            object.insert("additionalProperties".to_owned(), json!(false));
        }
        object.values_mut().for_each(close);
    }
}

/// The value is what the schema of this name says.
pub(crate) fn assert_described(schema: &str, value: &Value) {
    let complaint = complaint(schema, value);
    assert_eq!(complaint, None, "{schema}: {value:#}");
}

/// The schema of this name forbids the value.
pub(crate) fn assert_forbidden(schema: &str, value: &Value) {
    assert!(complaint(schema, value).is_some(), "{schema}: {value:#}");
}

#[test]
fn every_example_is_right() {
    let description = description();
    let schemas = description["components"]["schemas"].as_object().unwrap();
    let mut checked = 0;
    for (name, schema) in schemas {
        for example in schema["examples"].as_array().into_iter().flatten() {
            assert_described(name, example);
            checked += 1;
        }
    }
    assert!(checked > 5);
}

#[test]
fn every_reference_leads_somewhere() {
    fn references(value: &Value, found: &mut Vec<String>) {
        match value {
            Value::Object(object) => {
                let reference = object.get("$ref").and_then(Value::as_str);
                found.extend(reference.map(str::to_owned));
                object.values().for_each(|value| references(value, found));
            }
            Value::Array(values) => values.iter().for_each(|value| references(value, found)),
            _ => {}
        }
    }
    let (description, mut found) = (description(), Vec::new());
    references(&description, &mut found);
    for reference in found {
        let pointer = reference.strip_prefix('#').unwrap();
        assert!(description.pointer(pointer).is_some(), "{reference}");
    }
}

#[test]
fn the_event_types_are_those_that_are_understood() {
    let description = description();
    let names = description["components"]["schemas"]["EventType"]["enum"].as_array();
    let understood = |name: &Value| EventType::parse(name.as_str().unwrap()).is_ok();
    assert!(names.unwrap().iter().all(understood));
}

#[test]
fn a_condition_has_exactly_one_id() {
    for good in [
        json!({"actorId": "a"}),
        json!({"actorTaskId": "t", "actorId": null}),
    ] {
        assert_described("Condition", &good);
    }
    for bad in [
        json!({}),
        json!({"actorId": null}),
        json!({"actorId": "a", "actorRunId": "r"}),
        json!({"actorId": "me~actor"}),
        json!({"actorId": "a", "actorBuildId": "b"}),
    ] {
        assert_forbidden("Condition", &bad);
    }
}

#[tokio::test]
async fn every_error_is_described_where_it_can_happen() {
    let description = description();
    for (error, response) in errors() {
        let answer = error.into_response();
        let status = answer.status().as_u16().to_string();
        let body = axum::body::to_bytes(answer.into_body(), usize::MAX)
            .await
            .unwrap();
        let body: Value = serde_json::from_slice(&body).unwrap();
        assert_described("Error", &body);
        let Some(response) = response else { continue };
        let kind = format!("`{}`", body["error"]["type"].as_str().unwrap());
        let text = &description["components"]["responses"][response]["description"];
        assert!(text.as_str().unwrap().contains(&kind), "{response}: {kind}");
        let reference = json!({"$ref": format!("#/components/responses/{response}")});
        for item in description["paths"].as_object().unwrap().values() {
            for operation in item.as_object().unwrap().values() {
                for (known, answer) in operation["responses"].as_object().unwrap() {
                    assert!(
                        *answer != reference || *known == status,
                        "{response}: {known}"
                    );
                }
            }
        }
    }
}

/// Every kind of error, and the answer that describes it. No described operation leads to a page that is not there.
fn errors() -> Vec<(ApiError, Option<&'static str>)> {
    let text = String::new;
    let field = || domain::fields::FieldError::new("field", "problem");
    let allow = axum::http::HeaderValue::from_static("GET");
    vec![
        (ApiError::TokenNotProvided, Some("Unauthorized")),
        (ApiError::InvalidToken, Some("Unauthorized")),
        (ApiError::FromDelivery(""), Some("Forbidden")),
        (ApiError::MissingScope(Scope::Write), Some("Forbidden")),
        (
            ApiError::OtherPage(crate::samples::webhook().condition),
            Some("Forbidden"),
        ),
        (ApiError::FromDelivery(""), Some("TooManyWebhooks")),
        (
            ApiError::TooSoon(crate::rates::TooSoon::sample()),
            Some("TooManyRequests"),
        ),
        (ApiError::RecordNotFound(text()), Some("NotFound")),
        (ApiError::PageNotFound(text()), None),
        (ApiError::MethodNotAllowed(allow), Some("MethodNotAllowed")),
        (ApiError::RequestTooLarge(1), Some("RequestTooLarge")),
        (ApiError::ContentType(text()), Some("UnsupportedMediaType")),
        (
            ApiError::ContentEncoding(text()),
            Some("UnsupportedMediaType"),
        ),
        (ApiError::InvalidRequest(text()), Some("BadRequest")),
        (ApiError::Field(field()), Some("BadRequest")),
        (ApiError::Parameter(field()), Some("BadRequest")),
        (ApiError::Parameter(field()), Some("BadParameter")),
        (ApiError::TooManyWebhooks(1), Some("TooManyWebhooks")),
        (ApiError::TooManyAdHocWebhooks(1), Some("TooManyWebhooks")),
        (ApiError::ConcurrentUpdate, Some("ConcurrentUpdate")),
        (ApiError::ConcurrentUpdate, Some("NotRotated")),
        (
            ApiError::SecretStillLive(domain::signature::StillLive(crate::samples::at())),
            Some("NotRotated"),
        ),
        (ApiError::Redelivery("refused"), Some("CannotRedeliver")),
        (ApiError::ConcurrentUpdate, Some("CannotRedeliver")),
        (
            ApiError::internal(std::io::Error::other("cause")),
            Some("InternalError"),
        ),
    ]
}
