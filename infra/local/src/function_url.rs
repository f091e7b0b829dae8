//! A function's URL: HTTP in, an event to the function (payload version 2.0), its answer as HTTP out.

pub(crate) mod event;
mod response;

use std::sync::Arc;
use std::time::Instant;

use axum::Router;
use axum::body::to_bytes;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use crate::lambda::Function;
use crate::lambda::invocation::{Outcome, PAYLOAD_LIMIT};

/// Everything that is asked of this router goes to the function.
pub(crate) fn router(function: Arc<Function>) -> Router {
    Router::new().fallback(answer).with_state(function)
}

async fn answer(State(function): State<Arc<Function>>, request: Request) -> Response {
    let (begun, started) = (function.metrics().now(), Instant::now());
    let response = carry_out(&function, request).await;
    let latency = started.elapsed();
    function
        .metrics()
        .answered(begun, response.status(), latency);
    response
}

async fn carry_out(function: &Arc<Function>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let Ok(body) = to_bytes(body, PAYLOAD_LIMIT).await else {
        return refused(
            StatusCode::PAYLOAD_TOO_LARGE,
            "Request must be smaller than 6 MB",
        );
    };
    let event = event::of(&head, &body);
    // Base64 may have made it larger than the body was.
    if event.len() > PAYLOAD_LIMIT {
        return refused(
            StatusCode::PAYLOAD_TOO_LARGE,
            "Request must be smaller than 6 MB",
        );
    }
    match function.invoke(event.into()).await {
        Outcome::Answered(answer) => response::of(&answer),
        Outcome::Failed(_) => refused(StatusCode::BAD_GATEWAY, "Internal Server Error"),
        Outcome::Throttled => refused(StatusCode::TOO_MANY_REQUESTS, "Rate Exceeded."),
    }
}

fn refused(status: StatusCode, message: &str) -> Response {
    let body = serde_json::json!({ "Message": message });
    (status, axum::Json(body)).into_response()
}
