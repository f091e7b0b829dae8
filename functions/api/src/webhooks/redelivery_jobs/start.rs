//! Redelivery of all failed dispatches of a webhook, in the background. The sweeper does it; here it is asked for and watched.

mod view;

use axum::extract::State;
use axum::response::Response;
use domain::grant::Grant;
use domain::id::{JobId, UserId, WebhookId};
use domain::rate::Counted;
use domain::redelivery::refusal;
use domain::redelivery_job::{Job, JobState, Progress};
use domain::timestamp::Timestamp;
use domain::webhook::Lifetime;
use store::Started;

use crate::caller::{LimitedCaller, within};
use crate::error::ApiError;
use crate::path_id::{PathId, PathIds};
use crate::range::Range;
use crate::{Api, answer};
use view::JobView;

/// `POST /v2/webhooks/{webhookId}/redeliver-failed`; asked for again while it runs, it is the job that runs.
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
    if webhook.lifetime == Lifetime::AdHoc {
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

/// How many dispatches a job has yet to redeliver.
pub(crate) async fn left_of(api: &Api, job: &Job) -> Result<usize, ApiError> {
    Ok(match job.state {
        JobState::Running => api.store.left_of(job).await?,
        JobState::Finished { .. } | JobState::Stopped { .. } => 0,
    })
}
