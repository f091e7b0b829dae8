//! What is asked of AWS about a stack, and not by it: CloudFormation shows its outputs, CloudWatch
//! its alarms, CloudWatch Logs what its functions took. One endpoint for the three, because a
//! request says by itself which one it is for. Only what `cargo smoke` asks is played; everything
//! else is refused.
//!
//! There is one thing here that AWS has not: the [`clock`].

mod clock;
mod cloudformation;
mod cloudwatch;
mod logs;
mod xml;

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use time::OffsetDateTime;

use crate::clock::Clock;
use crate::cloudwatch::CloudWatch;
use crate::lambda::Lambda;
use crate::template::Template;

/// What the endpoint knows of its platform. Clones share it.
#[derive(Clone)]
pub(crate) struct ControlPlane {
    stack: Arc<Stack>,
    lambda: Lambda,
    cloudwatch: CloudWatch,
    /// `None`: the functions read the machine's clock, which nobody moves.
    clock: Option<Arc<Clock>>,
}

/// The only stack there is.
struct Stack {
    template: Arc<Template>,
    created: OffsetDateTime,
}

impl ControlPlane {
    /// The endpoint of a platform that plays this template.
    pub(crate) fn new(
        template: Arc<Template>,
        lambda: Lambda,
        cloudwatch: CloudWatch,
        clock: Option<Arc<Clock>>,
    ) -> Self {
        let created = OffsetDateTime::now_utc();
        ControlPlane {
            stack: Arc::new(Stack { template, created }),
            lambda,
            cloudwatch,
            clock,
        }
    }

    pub(crate) fn router(self) -> Router {
        let alarms = self.cloudwatch.router();
        Router::new()
            .route("/clock", get(clock::show).post(clock::advance))
            .fallback(serve)
            .with_state(self)
            .merge(alarms)
    }
}

async fn serve(
    State(plane): State<ControlPlane>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let header = |name: &str| {
        let value = headers.get(name).and_then(|value| value.to_str().ok());
        value.unwrap_or_default()
    };
    if header("smithy-protocol") == "rpc-v2-cbor" {
        return cloudwatch::answer(&plane, uri.path(), &body);
    }
    if let Some(operation) = header("x-amz-target").strip_prefix("Logs_20140328.") {
        return logs::answer(&plane, operation, &body);
    }
    if header(CONTENT_TYPE.as_str()).starts_with("application/x-www-form-urlencoded") {
        return cloudformation::answer(&plane, &body);
    }
    let known = "the local platform plays CloudFormation, CloudWatch and CloudWatch Logs here";
    (StatusCode::NOT_FOUND, known).into_response()
}
