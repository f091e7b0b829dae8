//! The alarms over HTTP.

use axum::extract::State;
use axum::routing::get;
use axum::{Json, Router};

use super::CloudWatch;
use super::alarm::AlarmState;

/// `GET /alarms`: every alarm as it is now, and how it came to be so.
pub(super) fn router(cloudwatch: CloudWatch) -> Router {
    let alarms = async |State(cloudwatch): State<CloudWatch>| -> Json<Vec<AlarmState>> {
        Json(cloudwatch.alarms())
    };
    Router::new()
        .route("/alarms", get(alarms))
        .with_state(cloudwatch)
}
