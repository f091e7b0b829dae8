//! Starting a job.

use axum::extract::State;
use axum::response::Response;
use domain::grant::Grant;
use domain::id::{JobId, UserId, WebhookId};
use domain::rate::Counted;
use domain::redelivery::refusal;
use domain::redelivery_job::{Job, JobState, Progress};
use domain::timestamp::Timestamp;
use store::Started;

use super::left_of;
use super::view::JobView;
use crate::caller::{LimitedCaller, within};
use crate::error::ApiError;
use crate::path_id::PathId;
use crate::range::Range;
use crate::{Api, answer};

/// `POST /v2/webhooks/{webhookId}/redeliver-failed`; asked for again while it runs, it is the job
/// that runs.
pub(crate) async fn start(
    State(api): State<Api>,
    LimitedCaller(user, grant): LimitedCaller,
    PathId(id): PathId<WebhookId>,
    Range { since, until }: Range,
) -> Result<Response, ApiError> {
    let job = begun(&api, (user, &grant), id, since, until).await?;
    let location = format!("/v2/webhooks/{}/redeliver-failed/{}", job.webhook, job.id);
    let left = left_of(&api, &job).await?;
    answer::accepted(location, &JobView::of(&job, left))
}

/// The job that redelivers what has failed in a range of time.
pub(crate) async fn begun(
    api: &Api,
    (user, grant): (UserId, &Grant),
    id: WebhookId,
    since: Option<Timestamp>,
    until: Option<Timestamp>,
) -> Result<Job, ApiError> {
    let found = api.store.webhook(&user, &id).await?;
    let found = found.ok_or_else(|| ApiError::not_found("webhook", id.as_str()))?;
    let webhook = within(grant, found)?;
    api.count(&user, Counted::Redeliveries).await?;
    if let Some(refusal) = refusal(Some(&webhook)) {
        return Err(ApiError::Redelivery(refusal.message()));
    }
    if webhook.lifetime.is_ad_hoc() {
        return Err(ApiError::Redelivery(
            "an ad hoc webhook has one dispatch; redeliver that by its id",
        ));
    }
    let now = runtime::clock::now();
    let new = Job {
        id: JobId::from_bytes(runtime::chance::bytes()?),
        user,
        webhook: id,
        since,
        until: until.unwrap_or(now),
        started_at: now,
        progress: Progress::default(),
        state: JobState::Running,
    };
    match api.store.start_job(&new).await? {
        Started::New => Ok(new),
        Started::Running(running) if running.is_for(since, until) => Ok(*running),
        Started::Running(_) => Err(ApiError::Redelivery(
            "failed dispatches of another range are being redelivered; ask again when that has finished",
        )),
    }
}
