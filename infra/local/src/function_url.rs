//! A function's URL: HTTP in, an event to the function (payload version 2.0), its answer as HTTP
//! out.

pub mod event;
mod response;

use std::sync::Arc;
use std::time::Instant;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use crate::body;
use crate::lambda::Function;
use crate::lambda::invocation::{EVENT_LIMIT, Outcome, too_large};

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
    let body = body::up_to(EVENT_LIMIT, body).await;
    let event = body.map(|body| event::of(&head, &body));
    // The event is larger than the body, all the more in base64.
    let Some(event) = event.ok().filter(|event| event.len() <= EVENT_LIMIT) else {
        return refused(StatusCode::PAYLOAD_TOO_LARGE, &too_large(EVENT_LIMIT));
    };
    match function.invoke(event.into()).await {
        Outcome::Answered(answer) => response::of(&answer),
        Outcome::Failed(_) => refused(StatusCode::BAD_GATEWAY, "Internal Server Error"),
        Outcome::Throttled(_) => refused(StatusCode::TOO_MANY_REQUESTS, "Rate Exceeded."),
    }
}

fn refused(status: StatusCode, message: &str) -> Response {
    let body = serde_json::json!({ "Message": message });
    (status, axum::Json(body)).into_response()
}
