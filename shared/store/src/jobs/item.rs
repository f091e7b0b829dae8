//! Jobs as they are stored.

use std::time::Duration;

use domain::due::Minute;
use domain::id::{JobId, UserId, WebhookId};
use domain::redelivery::Refusal;
use domain::redelivery_job::{Job, JobState, Progress};
use domain::timestamp::Timestamp;
use serde::{Deserialize, Serialize};

use crate::error::StoreError;
use crate::table::batch::Item;
use crate::table::key::Key;

/// A job goes on.
pub(crate) const RUNNING: &str = "RUNNING";
const FINISHED: &str = "FINISHED";
const WEBHOOK_REMOVED: &str = "WEBHOOK_REMOVED";
const WEBHOOK_DISABLED: &str = "WEBHOOK_DISABLED";

/// How long a job can be read: longer than it can have anything to do, because dispatches expire.
const KEPT: Duration = Duration::from_secs(30 * 24 * 60 * 60);

#[derive(Serialize, Deserialize)]
struct JobItem {
    pk: String,
    sk: String,
    id: JobId,
    user: UserId,
    webhook: WebhookId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    since: Option<Timestamp>,
    until: Timestamp,
    started_at: Timestamp,
    parts: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    cursor: Option<String>,
    redelivered: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    last_in: Option<i64>,
    state: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ended_at: Option<Timestamp>,
    ttl: i64,
}

/// The item of a job.
pub(crate) fn write(job: &Job) -> Result<Item, StoreError> {
    let Key { pk, sk } = Key::job(&job.user, &job.webhook, &job.id);
    let (state, ended_at) = match &job.state {
        JobState::Running => (RUNNING, None),
        JobState::Finished { at } => (FINISHED, Some(*at)),
        JobState::Stopped { at, refusal } => match refusal {
            Refusal::WebhookRemoved => (WEBHOOK_REMOVED, Some(*at)),
            Refusal::WebhookDisabled => (WEBHOOK_DISABLED, Some(*at)),
        },
    };
    let item = JobItem {
        pk,
        sk,
        id: job.id.clone(),
        user: job.user.clone(),
        webhook: job.webhook.clone(),
        since: job.since,
        until: job.until,
        started_at: job.started_at,
        parts: job.progress.parts,
        cursor: job.progress.cursor.clone(),
        redelivered: job.progress.redelivered,
        last_in: job.progress.last_in.map(Minute::number),
        state: state.to_owned(),
        ended_at,
        ttl: job.started_at.after(KEPT).as_seconds(),
    };
    serde_dynamo::to_item(item).map_err(StoreError::item("job"))
}

/// The job of an item.
pub(crate) fn read(item: Item) -> Result<Job, StoreError> {
    let item: JobItem = serde_dynamo::from_item(item).map_err(StoreError::item("job"))?;
    let at = item.ended_at.unwrap_or(item.started_at);
    let state = match item.state.as_str() {
        RUNNING => JobState::Running,
        FINISHED => JobState::Finished { at },
        WEBHOOK_REMOVED => JobState::Stopped {
            at,
            refusal: Refusal::WebhookRemoved,
        },
        WEBHOOK_DISABLED => JobState::Stopped {
            at,
            refusal: Refusal::WebhookDisabled,
        },
        unknown => return Err(StoreError::item("job")(format!("its state is {unknown:?}"))),
    };
    Ok(Job {
        id: item.id,
        user: item.user,
        webhook: item.webhook,
        since: item.since,
        until: item.until,
        started_at: item.started_at,
        progress: Progress {
            parts: item.parts,
            cursor: item.cursor,
            redelivered: item.redelivered,
            last_in: item.last_in.map(Minute::from_number),
        },
        state,
    })
}
