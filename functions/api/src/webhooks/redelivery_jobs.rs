//! Redelivery of all failed dispatches of a webhook, in the background. The sweeper does it; here
//! it is asked for and watched.

mod show;
mod start;
mod view;

use domain::grant::Grant;
use domain::id::{JobId, UserId, WebhookId};
use domain::redelivery_job::{Job, JobState};

use crate::Api;
use crate::caller::within;
use crate::error::ApiError;

pub(crate) use show::show;
pub(crate) use start::{begun, start};

/// The job, if the token covers its webhook, and how many dispatches it has yet to redeliver.
pub(crate) async fn found(
    api: &Api,
    (user, grant): (&UserId, &Grant),
    webhook: &WebhookId,
    id: &JobId,
) -> Result<(Job, usize), ApiError> {
    let no_job = || ApiError::not_found("job", id.as_str());
    let job = api.store.job(user, webhook, id).await?;
    let job = job.ok_or_else(no_job)?;
    if grant.page().is_some() {
        let webhook = api.store.webhook(user, webhook).await?;
        within(grant, webhook.ok_or_else(no_job)?).map_err(|_| no_job())?;
    }
    let left = left_of(api, &job).await?;
    Ok((job, left))
}

/// How many dispatches a job has yet to redeliver.
async fn left_of(api: &Api, job: &Job) -> Result<usize, ApiError> {
    Ok(match job.state {
        JobState::Running => api.store.left_of(job).await?,
        JobState::Finished { .. } | JobState::Stopped { .. } => 0,
    })
}
