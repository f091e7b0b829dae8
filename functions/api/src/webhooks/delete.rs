//! Deleting a webhook.

use axum::extract::State;
use axum::http::StatusCode;
use domain::grant::Grant;
use domain::id::{UserId, WebhookId};
use store::Replaced;

use super::{ATTEMPTS, find};
use crate::Api;
use crate::caller::{LimitedCaller, within};
use crate::error::ApiError;
use crate::path_id::PathId;

/// `DELETE /v2/webhooks/{webhookId}`. A record of it stays as long as those of its dispatches do.
pub(crate) async fn delete(
    State(api): State<Api>,
    LimitedCaller(user, grant): LimitedCaller,
    PathId(id): PathId<WebhookId>,
) -> Result<StatusCode, ApiError> {
    removed(&api, (&user, &grant), &id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Deletes a webhook.
pub(crate) async fn removed(
    api: &Api,
    (user, grant): (&UserId, &Grant),
    id: &WebhookId,
) -> Result<(), ApiError> {
    for _ in 0..ATTEMPTS {
        let webhook = within(grant, find(api, user, id).await?)?;
        let now = runtime::clock::now();
        let until = now.after(api.record);
        if api.store.delete_webhook(&webhook, now, until).await? == Replaced::Done {
            return Ok(());
        }
    }
    Err(ApiError::ConcurrentUpdate)
}
