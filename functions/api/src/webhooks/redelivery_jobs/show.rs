//! Showing a job.

use axum::extract::State;
use axum::response::Response;
use domain::id::{JobId, WebhookId};

use super::found;
use super::view::JobView;
use crate::caller::LimitedCaller;
use crate::error::ApiError;
use crate::path_id::PathIds;
use crate::{Api, answer};

/// `GET /v2/webhooks/{webhookId}/redeliver-failed/{jobId}`; also of a webhook that is deleted.
pub(crate) async fn show(
    State(api): State<Api>,
    LimitedCaller(user, grant): LimitedCaller,
    PathIds(webhook, id): PathIds<WebhookId, JobId>,
) -> Result<Response, ApiError> {
    let (job, left) = found(&api, (&user, &grant), &webhook, &id).await?;
    answer::data(&JobView::of(&job, left))
}
