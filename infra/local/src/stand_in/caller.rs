//! Who starts a run: the user of the token that the request brings.

use std::sync::Arc;

use axum::extract::{FromRequestParts, Query};
use axum::http::StatusCode;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use serde::Deserialize;

use super::StandIn;
use super::refusal::Refusal;

/// A user's id.
pub(super) struct Caller(pub(super) String);

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
        let refused = |kind, message| Refusal::new(StatusCode::UNAUTHORIZED, kind, message);
        let header = parts
            .headers
            .get(AUTHORIZATION)
            .and_then(|value| value.to_str().ok());
        let bearer = header.and_then(|header| header.strip_prefix("Bearer "));
        let query = Query::<Credentials>::try_from_uri(&parts.uri).ok();
        let token = bearer.map(str::to_owned).or_else(|| query?.0.token);
        let token =
            token.ok_or_else(|| refused("user-or-token-not-found", "no API token was sent"))?;
        let user = stand_in.users.of(token.trim()).await;
        match user.map_err(Refusal::internal)? {
            Some(user) => Ok(Caller(user)),
            None => Err(refused(
                "user-or-token-not-found",
                "the API token is not valid",
            )),
        }
    }
}
