//! The Runtime API of one sandbox: `next`, `response`, `error`, `init/error`.

use std::sync::Arc;

use axum::Json;
use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde_json::json;
use tokio::net::TcpListener;

use super::desk::Desk;
use super::invocation::{Invocation, Outcome, PAYLOAD_LIMIT};
use crate::aws::function_arn;

/// Answers the requests of one process at `listener`.
pub(super) async fn serve(listener: TcpListener, desk: Arc<Desk>, function: String) {
    let arn: Arc<str> = function_arn(&function).into();
    let router = Router::new()
        .route("/2018-06-01/runtime/invocation/next", get(next))
        .route(
            "/2018-06-01/runtime/invocation/{id}/response",
            post(response),
        )
        .route("/2018-06-01/runtime/invocation/{id}/error", post(error))
        .route("/2018-06-01/runtime/init/error", post(init_error))
        // What is too large is answered by Lambda's own error, so it has to come in first.
        .layer(DefaultBodyLimit::max(2 * PAYLOAD_LIMIT))
        .with_state((desk, arn));
    // It never fails: a listener that cannot accept is tried again.
    let _ = axum::serve(listener, router).await;
}

type Here = State<(Arc<Desk>, Arc<str>)>;

async fn next(State((desk, arn)): Here) -> Response {
    let Some(invocation) = desk.next().await else {
        return StatusCode::GONE.into_response();
    };
    let Invocation {
        request_id,
        trace_id,
        payload,
        deadline_ms,
    } = invocation;
    let headers = [
        ("lambda-runtime-aws-request-id", request_id),
        ("lambda-runtime-deadline-ms", deadline_ms.to_string()),
        ("lambda-runtime-invoked-function-arn", arn.to_string()),
        ("lambda-runtime-trace-id", trace_id),
        ("content-type", "application/json".to_owned()),
    ];
    (headers, payload).into_response()
}

async fn response(State((desk, _)): Here, Path(id): Path<String>, payload: Bytes) -> Response {
    if payload.len() > PAYLOAD_LIMIT {
        desk.report(&id, Outcome::too_large());
        let message = format!("Exceeded maximum allowed payload size ({PAYLOAD_LIMIT} bytes).");
        return refused(
            StatusCode::PAYLOAD_TOO_LARGE,
            "RequestEntityTooLarge",
            &message,
        );
    }
    accept(desk.report(&id, Outcome::Answered(payload)))
}

async fn error(State((desk, _)): Here, Path(id): Path<String>, payload: Bytes) -> Response {
    accept(desk.report(&id, Outcome::Failed(payload)))
}

async fn init_error(State((desk, _)): Here, payload: Bytes) -> Response {
    desk.report_init_error(Outcome::Failed(payload));
    accept(true)
}

fn accept(known: bool) -> Response {
    if !known {
        return refused(
            StatusCode::BAD_REQUEST,
            "InvalidRequestID",
            "Invalid request ID",
        );
    }
    (StatusCode::ACCEPTED, Json(json!({ "status": "OK" }))).into_response()
}

fn refused(status: StatusCode, error_type: &str, message: &str) -> Response {
    let error = json!({ "errorType": error_type, "errorMessage": message });
    (status, Json(error)).into_response()
}
