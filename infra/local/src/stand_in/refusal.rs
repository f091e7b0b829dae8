//! Errors in Apify's envelope.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::json;

/// A request that is not carried out.
#[derive(Debug, PartialEq)]
pub(super) struct Refusal {
    status: StatusCode,
    kind: &'static str,
    message: String,
}

impl Refusal {
    pub(super) fn new(status: StatusCode, kind: &'static str, message: impl Into<String>) -> Self {
        let message = message.into();
        Refusal {
            status,
            kind,
            message,
        }
    }

    pub(super) fn too_large(message: impl Into<String>) -> Self {
        Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, "request-too-large", message)
    }

    pub(super) fn internal(error: impl std::fmt::Display) -> Self {
        let message = error.to_string();
        Refusal::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "internal-server-error",
            message,
        )
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let body = json!({ "error": { "type": self.kind, "message": self.message } });
        (self.status, Json(body)).into_response()
    }
}
