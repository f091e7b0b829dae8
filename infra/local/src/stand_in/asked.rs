//! What a request asks for: its query and its body, refused in Apify's envelope where they cannot
//! be read.

use std::time::Duration;

use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Query, Request};
use axum::http::StatusCode;
use axum::http::header::CONTENT_ENCODING;
use axum::http::request::Parts;
use serde::Deserialize;

use super::packing;
use super::refusal::Refusal;

/// The longest that a request waits for a run to end, as in Apify's API.
const LONGEST_WAIT: Duration = Duration::from_secs(60);

/// The parameters of the query.
pub(super) struct Asked(pub(super) Parameters);

/// An actor's input.
pub(super) struct Input(pub(super) Bytes);

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Parameters {
    /// Kept as it came.
    pub(super) webhooks: Option<String>,
    wait_for_finish: Option<u32>,
}

impl Parameters {
    /// How long to wait for the run to end.
    pub(super) fn wait(&self) -> Duration {
        let seconds = self.wait_for_finish.unwrap_or_default();
        Duration::from_secs(seconds.into()).min(LONGEST_WAIT)
    }
}

impl<S: Sync> FromRequestParts<S> for Asked {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refusal> {
        let parameters = Query::try_from_uri(&parts.uri).map_err(|error| {
            Refusal::new(
                StatusCode::BAD_REQUEST,
                "invalid-parameter",
                error.body_text(),
            )
        })?;
        Ok(Asked(parameters.0))
    }
}

impl<S: Send + Sync> FromRequest<S> for Input {
    type Rejection = Refusal;

    async fn from_request(request: Request, state: &S) -> Result<Self, Refusal> {
        let encoding = request.headers().get(CONTENT_ENCODING).cloned();
        let body = Bytes::from_request(request, state).await;
        let body = body.map_err(|error| Refusal::too_large(error.body_text()))?;
        packing::unpacked(encoding.as_ref(), body).map(Input)
    }
}
