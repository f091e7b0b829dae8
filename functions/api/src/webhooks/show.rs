//! Showing a webhook.

use axum::extract::State;
use axum::response::Response;
use domain::id::WebhookId;

use super::view::WebhookView;
use super::{activity_of, find};
use crate::caller::{LimitedCaller, within};
use crate::error::ApiError;
use crate::path_id::PathId;
use crate::{Api, answer};

/// `GET /v2/webhooks/{webhookId}`.
pub(crate) async fn show(
    State(api): State<Api>,
    LimitedCaller(user, grant): LimitedCaller,
    PathId(id): PathId<WebhookId>,
) -> Result<Response, ApiError> {
    let webhook = within(&grant, find(&api, &user, &id).await?)?;
    let activity = activity_of(&api, &webhook).await?;
    answer::data(&WebhookView::of(&webhook, Some(&activity)))
}
