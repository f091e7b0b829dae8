//! The id in a path.

use std::str::FromStr;

use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use domain::dispatch_id::DispatchId;
use domain::id::{ActorId, JobId, RunId, TaskId, WebhookId};

use crate::error::ApiError;

/// What stands in the path where an id is expected. A text that can be no id is refused as an id
/// that nothing has: to its sender it is the same.
pub(crate) struct PathId<T>(pub(crate) T);

/// The same, of a path with two ids.
pub(crate) struct PathIds<T, U>(pub(crate) T, pub(crate) U);

/// An id that paths are made of.
pub(crate) trait InPath: FromStr {
    /// What it is the id of.
    const NOUN: &'static str;
}

impl InPath for WebhookId {
    const NOUN: &'static str = "webhook";
}

impl InPath for DispatchId {
    const NOUN: &'static str = "dispatch";
}

impl InPath for ActorId {
    const NOUN: &'static str = "actor";
}

impl InPath for TaskId {
    const NOUN: &'static str = "task";
}

impl InPath for RunId {
    const NOUN: &'static str = "run";
}

impl InPath for JobId {
    const NOUN: &'static str = "job";
}

impl<T: InPath, S: Send + Sync> FromRequestParts<S> for PathId<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        // Only a text that is no UTF-8 cannot be read.
        let text = Path::<String>::from_request_parts(parts, state)
            .await
            .map_or_else(|_| String::new(), |Path(text)| text);
        read(&text).map(Self)
    }
}

impl<T: InPath, U: InPath, S: Send + Sync> FromRequestParts<S> for PathIds<T, U> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let (one, other) = Path::<(String, String)>::from_request_parts(parts, state)
            .await
            .map_or_else(|_| Default::default(), |Path(texts)| texts);
        Ok(Self(read(&one)?, read(&other)?))
    }
}

fn read<T: InPath>(text: &str) -> Result<T, ApiError> {
    text.parse().map_err(|_| ApiError::not_found(T::NOUN, text))
}
