//! A request's body: one JSON object.

use std::error::Error;

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{FromRequest, Request};
use axum::http::HeaderMap;
use axum::http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use domain::fields::Fields;
use serde_json::Value;

use crate::error::{ApiError, excerpt};

/// Apify's limit. Lambda itself carries 6 MB.
const LIMIT: usize = 9_437_184;

/// The fields of the object in the body.
#[derive(Debug)]
pub(crate) struct JsonObject(pub(crate) Fields);

impl<S: Send + Sync> FromRequest<S> for JsonObject {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &S) -> Result<Self, ApiError> {
        let (parts, body) = request.into_parts();
        refuse_encodings(&parts.headers)?;
        let bytes = read(body).await?;
        // Before the content type: Apify's clients send a form that is empty when they have nothing to say.
        if bytes.is_empty() {
            return Err(invalid("expected a JSON object, found an empty body"));
        }
        refuse_other_types(&parts.headers)?;
        parse(&bytes).map(Self)
    }
}

fn refuse_encodings(headers: &HeaderMap) -> Result<(), ApiError> {
    match text(headers, CONTENT_ENCODING.as_str()).as_str() {
        "" | "identity" => Ok(()),
        other => Err(ApiError::ContentEncoding(other.to_owned())),
    }
}

async fn read(body: Body) -> Result<Bytes, ApiError> {
    to_bytes(body, LIMIT).await.map_err(|error| {
        let is_too_large = error
            .source()
            .is_some_and(|cause| cause.is::<http_body_util::LengthLimitError>());
        if is_too_large {
            ApiError::RequestTooLarge(LIMIT)
        } else {
            invalid("the body could not be read")
        }
    })
}

fn refuse_other_types(headers: &HeaderMap) -> Result<(), ApiError> {
    let found = text(headers, CONTENT_TYPE.as_str());
    let essence = found.split(';').next().unwrap_or_default().trim_end();
    if essence == "application/json" {
        return Ok(());
    }
    Err(ApiError::ContentType(found))
}

fn parse(bytes: &[u8]) -> Result<Fields, ApiError> {
    let value = serde_json::from_slice(bytes)
        .map_err(|error| invalid(format!("the body is not JSON: {error}")))?;
    match value {
        Value::Object(object) => Ok(Fields::new(object)),
        other => {
            let found = excerpt(&other.to_string());
            Err(invalid(format!("expected a JSON object, found {found}")))
        }
    }
}

fn invalid(problem: impl Into<String>) -> ApiError {
    ApiError::InvalidRequest(problem.into())
}

/// The value of a header in lower case; empty when there is none.
fn text(headers: &HeaderMap, name: &str) -> String {
    let value = headers.get(name).map(|value| value.as_bytes());
    String::from_utf8_lossy(value.unwrap_or_default())
        .trim()
        .to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::{HeaderName, StatusCode};
    use axum::response::IntoResponse;

    async fn sent(
        headers: &[(HeaderName, &str)],
        body: impl Into<Body>,
    ) -> Result<Vec<String>, (u16, String)> {
        let mut request = Request::new(body.into());
        for (name, value) in headers {
            request.headers_mut().append(name, value.parse().unwrap());
        }
        let read = JsonObject::from_request(request, &()).await;
        read.map(|JsonObject(fields)| fields.rest().map(str::to_owned).collect())
            .map_err(|error| {
                let message = error.to_string();
                (error.into_response().status().as_u16(), message)
            })
    }

    #[tokio::test]
    async fn a_json_object_is_read_whatever_its_headers_look_like() {
        for headers in [
            &[(CONTENT_TYPE, "application/json")][..],
            &[(CONTENT_TYPE, "application/json; charset=utf-8")],
            &[(CONTENT_TYPE, "Application/JSON;charset=UTF-8")],
            &[
                (CONTENT_TYPE, "application/json"),
                (CONTENT_ENCODING, "Identity"),
            ],
        ] {
            let found = sent(headers, r#" {"a": 1, "b": null} "#).await;
            assert_eq!(found, Ok(vec!["a".to_owned()]), "{headers:?}");
        }
    }

    #[tokio::test]
    async fn every_other_body_is_refused_with_the_reason() {
        let json = &[(CONTENT_TYPE, "application/json")][..];
        let form = &[(CONTENT_TYPE, "application/x-www-form-urlencoded")][..];
        let gzip = &[
            (CONTENT_TYPE, "application/json"),
            (CONTENT_ENCODING, "gzip"),
        ][..];
        for (headers, body, status, message) in [
            (form, "", 400, "expected a JSON object, found an empty body"),
            (
                &[][..],
                "",
                400,
                "expected a JSON object, found an empty body",
            ),
            (
                form,
                "a=b",
                415,
                "the body must have the content type application/json, found \"application/x-www-form-urlencoded\"",
            ),
            (
                &[][..],
                "{}",
                415,
                "the body must have the content type application/json, found \"\"",
            ),
            (
                gzip,
                "\u{1f}",
                415,
                "the content encoding \"gzip\" is not supported",
            ),
            (json, "[1]", 400, "expected a JSON object, found [1]"),
            (json, "null", 400, "expected a JSON object, found null"),
            (
                json,
                "{",
                400,
                "the body is not JSON: EOF while parsing an object at line 1 column 1",
            ),
        ] {
            let refusal = Err((status, message.to_owned()));
            assert_eq!(sent(headers, body).await, refusal, "{headers:?} {body:?}");
        }
    }

    #[tokio::test]
    async fn hostile_bodies_are_refused_too() {
        let json = &[(CONTENT_TYPE, "application/json")];
        for body in [
            "[".repeat(1_000_000).into_bytes(),
            b"{\"a\": \"\xff\"}".to_vec(),
        ] {
            assert_eq!(sent(json, body).await.unwrap_err().0, 400);
        }
        let largest = format!(r#"{{"a":"{}"}}"#, "x".repeat(LIMIT - 8));
        assert_eq!(sent(json, largest.clone()).await, Ok(vec!["a".to_owned()]));
        let refused = sent(json, largest + " ").await.unwrap_err();
        assert_eq!(
            refused,
            (
                StatusCode::PAYLOAD_TOO_LARGE.as_u16(),
                "the body is larger than 9437184 bytes".to_owned()
            )
        );
    }
}
