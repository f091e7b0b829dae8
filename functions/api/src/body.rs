//! A request's body: one JSON object, and never more memory than a definition is worth.

mod encoding;
mod shallow;

use std::error::Error;

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{FromRequest, OptionalFromRequest, Request};
use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;
use serde_json::error::Category;
use serde_json::{Map, Value};

use crate::error::{ApiError, excerpt};

use encoding::Encoding;

/// The most bytes, on the way and unpacked: two templates of the longest, each of its characters
/// escaped, and room for all else.
pub(crate) const LIMIT: usize = 512 * 1024;

/// The object in the body. Of what is nested deeper than any field is, only the kind is left.
#[derive(Debug)]
pub(crate) struct JsonObject(pub(crate) Map<String, Value>);

impl<S: Send + Sync> FromRequest<S> for JsonObject {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &S) -> Result<Self, ApiError> {
        let json = json_of(request).await?;
        let json = json.ok_or_else(|| invalid("expected a JSON object, found an empty body"))?;
        parse(&json).map(Self)
    }
}

/// Nothing is nothing, where an object may be left out, and so is `null`.
impl<S: Send + Sync> OptionalFromRequest<S> for JsonObject {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &S) -> Result<Option<Self>, ApiError> {
        match json_of(request).await? {
            Some(json) if json.trim_ascii() != b"null" => parse(&json).map(|it| Some(Self(it))),
            _ => Ok(None),
        }
    }
}

/// The body as JSON text, unless it is empty.
async fn json_of(request: Request) -> Result<Option<Vec<u8>>, ApiError> {
    let (parts, body) = request.into_parts();
    let encoding = Encoding::of(&parts.headers)?;
    let bytes = read(body).await?;
    // Before the content type: Apify's clients send a form that is empty when they have nothing to
    // say.
    if bytes.is_empty() {
        return Ok(None);
    }
    refuse_other_types(&parts.headers)?;
    encoding.unpack(bytes.into(), LIMIT).map(Some)
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
    let value = headers.get(CONTENT_TYPE).map(|value| value.as_bytes());
    let found = String::from_utf8_lossy(value.unwrap_or_default())
        .trim()
        .to_ascii_lowercase();
    let essence = found.split(';').next().unwrap_or_default().trim_end();
    if essence == "application/json" {
        return Ok(());
    }
    Err(ApiError::ContentType(found))
}

fn parse(bytes: &[u8]) -> Result<Map<String, Value>, ApiError> {
    let value = shallow::read(bytes).map_err(|error| match error.classify() {
        Category::Data => invalid(error.to_string()),
        Category::Syntax | Category::Eof | Category::Io => {
            invalid(format!("the body is not JSON: {error}"))
        }
    })?;
    match value {
        Value::Object(object) => Ok(object),
        _ => {
            // A hostile one is long.
            let start = bytes.get(..400).unwrap_or(bytes);
            let found = excerpt(&String::from_utf8_lossy(start));
            Err(invalid(format!("expected a JSON object, found {found}")))
        }
    }
}

fn invalid(problem: impl Into<String>) -> ApiError {
    ApiError::InvalidRequest(problem.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::header::CONTENT_ENCODING;
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
        let read = <JsonObject as FromRequest<()>>::from_request(request, &()).await;
        read.map(|JsonObject(object)| object.into_iter().map(|(name, _)| name).collect())
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
            let found = sent(headers, r#" {"a": 1} "#).await;
            assert_eq!(found, Ok(vec!["a".to_owned()]), "{headers:?}");
        }
    }

    #[tokio::test]
    async fn where_an_object_may_be_left_out_null_is_none() {
        for (body, expected) in [("", true), (" null ", true), ("{}", false)] {
            let mut request = Request::new(Body::from(body));
            let json = "application/json".parse().unwrap();
            request.headers_mut().append(CONTENT_TYPE, json);
            let found = <JsonObject as OptionalFromRequest<()>>::from_request(request, &()).await;
            assert_eq!(found.unwrap().is_none(), expected, "{body:?}");
        }
        let json = [(CONTENT_TYPE, "application/json")];
        assert_eq!(sent(&json, "null").await.unwrap_err().0, 400);
    }

    #[tokio::test]
    async fn every_other_body_is_refused_with_the_reason() {
        let json = &[(CONTENT_TYPE, "application/json")][..];
        let form = &[(CONTENT_TYPE, "application/x-www-form-urlencoded")][..];
        let encoded = |encoding| {
            [
                (CONTENT_TYPE, "application/json"),
                (CONTENT_ENCODING, encoding),
            ]
        };
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
                &encoded("deflate"),
                "\u{1f}",
                415,
                "the content encoding \"deflate\" is not supported",
            ),
            (
                &encoded("gzip"),
                "{}",
                400,
                "the body is not what its content encoding \"gzip\" promises",
            ),
            (
                &encoded("br"),
                "",
                400,
                "expected a JSON object, found an empty body",
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
            "[".repeat(LIMIT).into_bytes(),
            format!(r#"{{"a":{}"#, "[".repeat(LIMIT - 5)).into_bytes(),
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
                "the body is larger than 524288 bytes".to_owned()
            )
        );
    }
}
