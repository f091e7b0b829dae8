//! The envelope of every answer: `{"data": …}`, or `{"error": {"type", "message"}}`; always JSON,
//! because Apify's JavaScript client reads nothing else.

use axum::body::Body;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use serde::Serialize;

pub(crate) const JSON: &str = "application/json; charset=utf-8";

/// What went wrong.
pub(crate) fn error(status: StatusCode, kind: &str, message: &str) -> Response {
    #[derive(Serialize)]
    struct Envelope<'a> {
        error: Details<'a>,
    }
    #[derive(Serialize)]
    struct Details<'a> {
        #[serde(rename = "type")]
        kind: &'a str,
        message: &'a str,
    }
    let error = Details { kind, message };
    // Two strings can always be written as JSON.
    json(status, &Envelope { error }).unwrap_or_else(|_| status.into_response())
}

/// An envelope as it is sent.
pub(crate) fn json(
    status: StatusCode,
    envelope: &impl Serialize,
) -> Result<Response, serde_json::Error> {
    let body = Body::from(serde_json::to_vec(envelope)?);
    Ok((status, [(CONTENT_TYPE, JSON)], body).into_response())
}
