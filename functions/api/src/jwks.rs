//! The public keys that the platform verifies our credentials with.

use axum::extract::State;
use axum::http::header::CACHE_CONTROL;
use axum::response::{IntoResponse, Response};
use domain::signature::{Jwk, PlatformKey};
use serde::Serialize;

use crate::error::ApiError;
use crate::{Api, answer};

/// As long as the functions hold the master keys themselves. A rotation waits for both
/// (`infra/README.md`).
const FRESH: &str = "public, max-age=300";

#[derive(Serialize)]
struct Jwks {
    keys: Vec<Jwk>,
}

/// `GET /v2/jwks.json`; for everybody. While the master key is changed there are two keys; without
/// a platform's API that credentials are for there is none.
pub(crate) async fn show(State(api): State<Api>) -> Result<Response, ApiError> {
    let keys = match api.platform_api {
        Some(_) => {
            let keys = api.keys.at(runtime::clock::now()).await?;
            keys.platform_keys()
                .map(|key| PlatformKey::public(&key))
                .collect()
        }
        None => Vec::new(),
    };
    let shown = answer::bare(&Jwks { keys })?;
    Ok(([(CACHE_CONTROL, FRESH)], shown).into_response())
}
