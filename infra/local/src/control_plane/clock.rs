//! The platform's clock, for whoever does not want to wait for a retry: `GET /clock` says how far
//! it is ahead of the machine's, and a POST moves it on. AWS has nothing of the kind.

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};

use super::ControlPlane;

/// How far the clock of queues and functions is ahead.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Ahead {
    ahead_millis: u64,
}

/// How far it is to be moved.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Advance {
    advance_millis: u64,
}

pub(super) async fn show(State(plane): State<ControlPlane>) -> Response {
    let ahead = plane.clock.as_ref().map(|clock| clock.ahead());
    let ahead = ahead.unwrap_or_default().as_millis();
    let ahead_millis = u64::try_from(ahead).unwrap_or(u64::MAX);
    Json(Ahead { ahead_millis }).into_response()
}

pub(super) async fn advance(
    State(plane): State<ControlPlane>,
    Json(Advance { advance_millis }): Json<Advance>,
) -> Response {
    if plane.clock.is_none() {
        let message = "the clock stands with the machine's: start cargo local with --clock-moves";
        return (StatusCode::CONFLICT, message).into_response();
    }
    let by = Duration::from_millis(advance_millis);
    match plane.cloudwatch.advance(by) {
        Ok(()) => show(State(plane)).await,
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, format!("{error:#}")).into_response(),
    }
}
