//! Redelivery of all failed dispatches of a webhook, in the background. The sweeper does it; here it is asked for and watched.

mod show;
mod start;
mod view;

use domain::redelivery_job::{Job, JobState};

use crate::Api;
use crate::error::ApiError;

pub(crate) use show::show;
pub(crate) use start::{begun, start};

/// How many dispatches a job has yet to redeliver.
pub(crate) async fn left_of(api: &Api, job: &Job) -> Result<usize, ApiError> {
    Ok(match job.state {
        JobState::Running => api.store.left_of(job).await?,
        JobState::Finished { .. } | JobState::Stopped { .. } => 0,
    })
}
