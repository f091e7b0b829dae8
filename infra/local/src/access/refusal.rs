//! How AWS answers a call that may not be made.

use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::gateway::calls::Service;
use crate::iam::{Ask, Denial, Principal};

/// The answer of `service`.
pub(super) fn denied(service: Service, caller: &Principal, ask: &Ask, why: Denial) -> Response {
    let Ask {
        action, resource, ..
    } = ask;
    let reason = why.reason(action);
    let message = format!(
        "User: {} is not authorized to perform: {action} on resource: {resource} {reason}",
        caller.session
    );
    let status = match service {
        Service::Sqs => StatusCode::FORBIDDEN,
        Service::DynamoDb | Service::SecretsManager => StatusCode::BAD_REQUEST,
    };
    answer(status, "AccessDeniedException", &message)
}

/// The answer to a request without a signature.
pub(super) fn unsigned() -> Response {
    let message = "Request is missing Authentication Token";
    answer(
        StatusCode::FORBIDDEN,
        "MissingAuthenticationTokenException",
        message,
    )
}

fn answer(status: StatusCode, code: &str, message: &str) -> Response {
    let error = json!({ "__type": format!("com.amazon.coral.service#{code}"), "message": message });
    let headers = [(CONTENT_TYPE, "application/x-amz-json-1.0")];
    (status, headers, error.to_string()).into_response()
}
