//! The id of a webhook in a path.

use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use domain::id::WebhookId;

use crate::error::ApiError;

/// What stands in the path at `{id}`. A text that can be no id is refused as an id that no webhook has: to its sender it is the same.
pub(crate) struct PathId(pub(crate) WebhookId);

impl<S: Send + Sync> FromRequestParts<S> for PathId {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        // Only a text that is no UTF-8 cannot be read.
        let text = Path::<String>::from_request_parts(parts, state)
            .await
            .map_or_else(|_| String::new(), |Path(text)| text);
        WebhookId::parse(&text)
            .map(Self)
            .map_err(|_| ApiError::no_webhook(&text))
    }
}
