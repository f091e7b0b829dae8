//! Lambda's own HTTP API, as far as it is needed to invoke functions.

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use serde::de::IgnoredAny;
use serde_json::{Value, json};

use super::invocation::{ASYNCHRONOUS_EVENT_LIMIT, EVENT_LIMIT, Outcome, too_large};
use super::{Function, Lambda};
use crate::aws::function_arn;
use crate::body;

/// `POST /2015-03-31/functions/{name}/invocations`.
pub(super) fn router(lambda: Lambda) -> Router {
    Router::new()
        .route("/2015-03-31/functions/{name}/invocations", post(invoke))
        .with_state(lambda)
}

async fn invoke(
    State(lambda): State<Lambda>,
    Path(name): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let Some(function) = lambda.function(&name) else {
        let message = format!("Function not found: {}", function_arn(&name));
        return refused(StatusCode::NOT_FOUND, "ResourceNotFoundException", &message);
    };
    let kind = headers.get("x-amz-invocation-type");
    let answered = match kind.map(|kind| kind.as_bytes()) {
        None | Some(b"RequestResponse") => wait_for(function, body).await,
        Some(b"Event") => accept(function, body).await,
        Some(b"DryRun") => Ok(StatusCode::NO_CONTENT.into_response()),
        Some(_) => Err(refused(
            StatusCode::BAD_REQUEST,
            "InvalidParameterValueException",
            "InvocationType is RequestResponse, Event or DryRun",
        )),
    };
    answered.unwrap_or_else(|refusal| refusal)
}

async fn wait_for(function: &Arc<Function>, body: Body) -> Result<Response, Response> {
    let payload = read(body, EVENT_LIMIT).await?;
    Ok(answer(function.invoke(payload).await))
}

async fn accept(function: &Arc<Function>, body: Body) -> Result<Response, Response> {
    let payload = read(body, ASYNCHRONOUS_EVENT_LIMIT).await?;
    drop(function.invoke_later(payload));
    Ok(StatusCode::ACCEPTED.into_response())
}

/// The event in a request, which is JSON; none is an empty one.
async fn read(body: Body, limit: usize) -> Result<Bytes, Response> {
    let payload = body::up_to(limit, body).await.map_err(|_| {
        refused(
            StatusCode::PAYLOAD_TOO_LARGE,
            "RequestTooLargeException",
            &too_large(limit),
        )
    })?;
    if payload.is_empty() {
        return Ok("{}".into());
    }
    let parsed = serde_json::from_slice::<IgnoredAny>(&payload);
    parsed.map(|_| payload).map_err(|error| {
        refused(
            StatusCode::BAD_REQUEST,
            "InvalidRequestContentException",
            &format!("Could not parse request body into json: {error}"),
        )
    })
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
        Outcome::Throttled(limit) => respond(
            StatusCode::TOO_MANY_REQUESTS,
            "TooManyRequestsException",
            // This one spells its message in small letters.
            &json!({ "Reason": limit.reason(), "Type": "User", "message": "Rate Exceeded." }),
        ),
    }
}

fn refused(status: StatusCode, error_type: &str, message: &str) -> Response {
    let body = json!({ "Type": "User", "Message": message });
    respond(status, error_type, &body)
}

fn respond(status: StatusCode, error_type: &str, body: &Value) -> Response {
    let headers = [
        ("x-amzn-errortype", error_type),
        ("content-type", "application/json"),
    ];
    (status, headers, body.to_string()).into_response()
}
