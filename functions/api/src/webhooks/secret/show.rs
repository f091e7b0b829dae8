//! Showing a webhook's secret.

use axum::extract::State;
use axum::response::Response;
use domain::id::WebhookId;

use super::view::SecretView;
use crate::caller::{LimitedCaller, within};
use crate::error::ApiError;
use crate::path_id::PathId;
use crate::webhooks::find;
use crate::{Api, answer};

/// `GET /v2/webhooks/{webhookId}/secret`.
pub(crate) async fn show(
    State(api): State<Api>,
    LimitedCaller(user, grant): LimitedCaller,
    PathId(id): PathId<WebhookId>,
) -> Result<Response, ApiError> {
    let webhook = within(&grant, find(&api, &user, &id).await?)?;
    let now = runtime::clock::now();
    let keys = api.keys.at(now).await?;
    answer::data(&SecretView::of(&webhook, &keys, now))
}
