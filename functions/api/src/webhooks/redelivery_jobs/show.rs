//! Showing a job.

use axum::extract::State;
use axum::response::Response;
use domain::id::{JobId, WebhookId};

use super::left_of;
use super::view::JobView;
use crate::caller::{LimitedCaller, within};
use crate::error::ApiError;
use crate::path_id::PathIds;
use crate::{Api, answer};

/// `GET /v2/webhooks/{webhookId}/redeliver-failed/{jobId}`; also of a webhook that is deleted.
pub(crate) async fn show(
    State(api): State<Api>,
    LimitedCaller(user, grant): LimitedCaller,
    PathIds(webhook, id): PathIds<WebhookId, JobId>,
) -> Result<Response, ApiError> {
    let no_job = || ApiError::not_found("job", id.as_str());
    let job = api.store.job(&user, &webhook, &id).await?;
    let job = job.ok_or_else(no_job)?;
    if grant.page().is_some() {
        let webhook = api.store.webhook(&user, &webhook).await?;
        within(&grant, webhook.ok_or_else(no_job)?).map_err(|_| no_job())?;
    }
    let left = left_of(&api, &job).await?;
    answer::data(&JobView::of(&job, left))
}
