//! The Runtime API of one sandbox: `next`, `response`, `error`, `init/error`.

use std::sync::Arc;

use axum::Json;
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde_json::json;
use tokio::net::TcpListener;

use super::desk::Desk;
use super::invocation::{ANSWER_LIMIT, Invocation, Outcome};
use crate::aws::function_arn;
use crate::body::{self, Unread};

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

async fn response(State((desk, _)): Here, Path(id): Path<String>, body: Body) -> Response {
    take(body, Outcome::Answered, |outcome| desk.report(&id, outcome)).await
}

async fn error(State((desk, _)): Here, Path(id): Path<String>, body: Body) -> Response {
    take(body, Outcome::Failed, |outcome| desk.report(&id, outcome)).await
}

async fn init_error(State((desk, _)): Here, body: Body) -> Response {
    take(body, Outcome::Failed, |outcome| {
        desk.report_init_error(outcome);
        true
    })
    .await
}

/// Reports what a body says, unless that is not known to be asked for.
async fn take(
    body: Body,
    outcome: fn(Bytes) -> Outcome,
    report: impl FnOnce(Outcome) -> bool,
) -> Response {
    match body::up_to(ANSWER_LIMIT, body).await {
        Ok(payload) => match report(outcome(payload)) {
            true => (StatusCode::ACCEPTED, Json(json!({ "status": "OK" }))).into_response(),
            false => refused(
                StatusCode::BAD_REQUEST,
                "InvalidRequestID",
                "Invalid request ID",
            ),
        },
        Err(Unread::TooLarge) => {
            report(Outcome::too_large());
            let message = format!("Exceeded maximum allowed payload size ({ANSWER_LIMIT} bytes).");
            refused(
                StatusCode::PAYLOAD_TOO_LARGE,
                "RequestEntityTooLarge",
                &message,
            )
        }
        // Whoever breaks off is dying, and will be found dead.
        Err(Unread::Broken) => StatusCode::BAD_REQUEST.into_response(),
    }
}

fn refused(status: StatusCode, error_type: &str, message: &str) -> Response {
    let error = json!({ "errorType": error_type, "errorMessage": message });
    (status, Json(error)).into_response()
}
