//! Lambda's own HTTP API, as far as it is needed to invoke functions.

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use serde::de::IgnoredAny;
use serde_json::json;

use super::Lambda;
use super::invocation::{Outcome, PAYLOAD_LIMIT};
use crate::aws::function_arn;

/// `POST /2015-03-31/functions/{name}/invocations`.
pub(super) fn router(lambda: Lambda) -> Router {
    Router::new()
        .route("/2015-03-31/functions/{name}/invocations", post(invoke))
        // What is too large is answered by Lambda's own error, so it has to come in first.
        .layer(DefaultBodyLimit::max(2 * PAYLOAD_LIMIT))
        .with_state(lambda)
}

async fn invoke(
    State(lambda): State<Lambda>,
    Path(name): Path<String>,
    headers: HeaderMap,
    payload: Bytes,
) -> Response {
    let Some(function) = lambda.function(&name).cloned() else {
        let message = format!("Function not found: {}", function_arn(&name));
        return refused(StatusCode::NOT_FOUND, "ResourceNotFoundException", &message);
    };
    if payload.len() > PAYLOAD_LIMIT {
        let message = format!(
            "Request must be smaller than {PAYLOAD_LIMIT} bytes for the InvokeFunction operation"
        );
        return refused(
            StatusCode::PAYLOAD_TOO_LARGE,
            "RequestTooLargeException",
            &message,
        );
    }
    let payload = if payload.is_empty() {
        "{}".into()
    } else {
        payload
    };
    if let Err(error) = serde_json::from_slice::<IgnoredAny>(&payload) {
        let message = format!("Could not parse request body into json: {error}");
        return refused(
            StatusCode::BAD_REQUEST,
            "InvalidRequestContentException",
            &message,
        );
    }
    match headers
        .get("x-amz-invocation-type")
        .map(|kind| kind.as_bytes())
    {
        None | Some(b"RequestResponse") => answer(function.invoke(payload).await),
        Some(b"Event") => {
            // Unlike AWS, one that fails is not tried again by itself.
            tokio::spawn(async move { function.invoke(payload).await });
            StatusCode::ACCEPTED.into_response()
        }
        Some(b"DryRun") => StatusCode::NO_CONTENT.into_response(),
        Some(_) => refused(
            StatusCode::BAD_REQUEST,
            "InvalidParameterValueException",
            "InvocationType is RequestResponse, Event or DryRun",
        ),
    }
}

fn answer(outcome: Outcome) -> Response {
    let version = ("x-amz-executed-version", "$LATEST");
    let json = ("content-type", "application/json");
    match outcome {
        Outcome::Answered(payload) => ([version, json], payload).into_response(),
        Outcome::Failed(payload) => {
            let error = ("x-amz-function-error", "Unhandled");
            ([version, json, error], payload).into_response()
        }
        Outcome::Throttled => refused(
            StatusCode::TOO_MANY_REQUESTS,
            "TooManyRequestsException",
            "Rate Exceeded.",
        ),
    }
}

fn refused(status: StatusCode, error_type: &str, message: &str) -> Response {
    let body = json!({ "Type": "User", "Message": message }).to_string();
    let headers = [
        ("x-amzn-errortype", error_type),
        ("content-type", "application/json"),
    ];
    (status, headers, body).into_response()
}
