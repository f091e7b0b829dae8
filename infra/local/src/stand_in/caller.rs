//! Who starts a run: the user of the token that the request brings.

use std::sync::Arc;

use axum::extract::{FromRequestParts, Query};
use axum::http::StatusCode;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use serde::Deserialize;

use super::StandIn;
use super::credential::Start;
use super::refusal::Refusal;

/// A user's id.
pub(super) struct Caller(pub(super) String);

/// Who starts a run: a user, or a webhook that acts for one; and how many webhooks have led to it.
pub(super) struct Starter(pub(super) Start);

#[derive(Deserialize)]
struct Credentials {
    token: Option<String>,
}

impl FromRequestParts<Arc<StandIn>> for Caller {
    type Rejection = Refusal;

    async fn from_request_parts(
        parts: &mut Parts,
        stand_in: &Arc<StandIn>,
    ) -> Result<Self, Refusal> {
        let user = stand_in.users.of(&token(parts)?).await;
        let user = user.map_err(Refusal::internal)?;
        user.map(Caller).ok_or_else(invalid)
    }
}

impl FromRequestParts<Arc<StandIn>> for Starter {
    type Rejection = Refusal;

    async fn from_request_parts(
        parts: &mut Parts,
        stand_in: &Arc<StandIn>,
    ) -> Result<Self, Refusal> {
        let token = token(parts)?;
        let user = stand_in.users.of(&token).await;
        if let Some(user) = user.map_err(Refusal::internal)? {
            return Ok(Starter(Start { user, depth: 0 }));
        }
        let now = stand_in.users.clock.now();
        let start = stand_in.verifier.verified(&token, now).await;
        let start = start.map_err(Refusal::internal)?;
        start.map(Starter).ok_or_else(invalid)
    }
}

fn token(parts: &Parts) -> Result<String, Refusal> {
    let header = parts
        .headers
        .get(AUTHORIZATION)
        .and_then(|value| value.to_str().ok());
    let bearer = header.and_then(|header| header.strip_prefix("Bearer "));
    let query = Query::<Credentials>::try_from_uri(&parts.uri).ok();
    let token = bearer.map(str::to_owned).or_else(|| query?.0.token);
    let token = token.map(|token| token.trim().to_owned());
    token.ok_or_else(|| refused("no API token was sent"))
}

fn invalid() -> Refusal {
    refused("the API token is not valid")
}

fn refused(message: &str) -> Refusal {
    Refusal::new(StatusCode::UNAUTHORIZED, "user-or-token-not-found", message)
}
