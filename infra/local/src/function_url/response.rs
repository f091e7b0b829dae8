//! The HTTP answer that a function's answer stands for.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use axum::body::Body;
use axum::http::header::{CONTENT_TYPE, SET_COOKIE};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde::Deserialize;
use serde_json::Value;

/// The structure that a function may answer with.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    status_code: u16,
    #[serde(default)]
    headers: BTreeMap<String, Value>,
    #[serde(default)]
    cookies: Vec<String>,
    body: Option<String>,
    #[serde(default)]
    is_base64_encoded: bool,
}

/// The answer as HTTP: what it says, if it names a status; else itself, as JSON.
pub(super) fn of(answer: &[u8]) -> Response {
    let names_a_status = serde_json::from_slice::<Value>(answer)
        .is_ok_and(|answer| answer.get("statusCode").is_some());
    if !names_a_status {
        return ([(CONTENT_TYPE, "application/json")], answer.to_vec()).into_response();
    }
    structured(answer).unwrap_or_else(|error| {
        tracing::error!("the function's answer is not an HTTP response: {error:#}");
        super::refused(StatusCode::BAD_GATEWAY, "Internal Server Error")
    })
}

fn structured(answer: &[u8]) -> Result<Response> {
    let answer: Answer = serde_json::from_slice(answer)?;
    let body = answer.body.unwrap_or_default();
    let body = match answer.is_base64_encoded {
        true => BASE64_STANDARD
            .decode(body)
            .context("the body is not base64")?,
        false => body.into_bytes(),
    };
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = StatusCode::from_u16(answer.status_code)?;
    let headers = response.headers_mut();
    for (name, value) in answer.headers {
        let text = value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_owned);
        headers.insert(HeaderName::try_from(name)?, HeaderValue::try_from(text)?);
    }
    for cookie in answer.cookies {
        headers.append(SET_COOKIE, HeaderValue::try_from(cookie)?);
    }
    if !headers.contains_key(CONTENT_TYPE) {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    }
    Ok(response)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_with_a_status_says_all() {
        let answer = br#"{"statusCode":201,"headers":{"Location":"/x","X-Count":2},"cookies":["a=1","b=2"],"body":"aGk=","isBase64Encoded":true}"#;
        let response = of(answer);
        assert_eq!(response.status(), 201);
        assert_eq!(
            (
                &response.headers()["location"],
                &response.headers()["x-count"]
            ),
            (&"/x".parse().unwrap(), &"2".parse().unwrap())
        );
        assert_eq!(response.headers().get_all(SET_COOKIE).iter().count(), 2);
    }

    #[test]
    fn an_answer_without_a_status_is_the_body() {
        let response = of(br#"{"hello":"world"}"#);
        assert_eq!(
            (response.status(), &response.headers()["content-type"]),
            (StatusCode::OK, &"application/json".parse().unwrap())
        );
    }

    #[test]
    fn an_answer_that_is_no_response_is_a_bad_gateway() {
        assert_eq!(of(br#"{"statusCode":9999}"#).status(), 502);
    }
}
