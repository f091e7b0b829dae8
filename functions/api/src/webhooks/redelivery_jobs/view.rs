//! A redelivery job as the owner of its webhook sees it.

use domain::id::{JobId, UserId, WebhookId};
use domain::redelivery_job::{Job, JobState};
use domain::timestamp::Timestamp;
use serde::Serialize;

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct JobView<'a> {
    id: &'a JobId,
    user_id: &'a UserId,
    webhook_id: &'a WebhookId,
    status: &'static str,
    since: Option<Timestamp>,
    until: Timestamp,
    started_at: Timestamp,
    finished_at: Option<Timestamp>,
    found: usize,
    redelivered: usize,
    left: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    stop_reason: Option<&'static str>,
}

impl<'a> JobView<'a> {
    /// A job that has so many dispatches left to redeliver.
    pub(super) fn of(job: &'a Job, left: usize) -> Self {
        let (status, finished_at, stop_reason) = match &job.state {
            JobState::Running => ("RUNNING", None, None),
            JobState::Finished { at } => ("FINISHED", Some(*at), None),
            JobState::Stopped { at, refusal } => ("STOPPED", Some(*at), Some(refusal.message())),
        };
        let redelivered = usize::try_from(job.progress.redelivered).unwrap_or(usize::MAX);
        Self {
            id: &job.id,
            user_id: &job.user,
            webhook_id: &job.webhook,
            status,
            since: job.since,
            until: job.until,
            started_at: job.started_at,
            finished_at,
            found: redelivered + left,
            redelivered,
            left,
            stop_reason,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::redelivery::Refusal;
    use domain::redelivery_job::Progress;
    use serde_json::json;

    use crate::description::tests::schemas::assert_described;
    use crate::samples::{AT, at, webhook};

    #[test]
    fn a_job_says_how_far_it_has_come() {
        let job = |state| Job {
            id: JobId::from_bytes([1; 16]),
            user: webhook().user,
            webhook: webhook().id,
            since: None,
            until: at(),
            started_at: at(),
            progress: Progress {
                redelivered: 7,
                ..Progress::default()
            },
            state,
        };
        let refusal = Refusal::WebhookRemoved;
        for (state, status, left, finished_at, stop_reason) in [
            (JobState::Running, "RUNNING", 5, json!(null), json!(null)),
            (
                JobState::Finished { at: at() },
                "FINISHED",
                0,
                json!(AT),
                json!(null),
            ),
            (
                JobState::Stopped { at: at(), refusal },
                "STOPPED",
                0,
                json!(AT),
                json!(refusal.message()),
            ),
        ] {
            let job = job(state);
            let view = serde_json::to_value(JobView::of(&job, left)).unwrap();
            assert_described("RedeliveryJob", &view);
            assert_eq!(view["status"], status);
            assert_eq!(
                (&view["found"], &view["redelivered"], &view["left"]),
                (&json!(7 + left), &json!(7), &json!(left))
            );
            assert_eq!(view["finishedAt"], finished_at);
            assert_eq!(
                view.get("stopReason").cloned().unwrap_or_default(),
                stop_reason
            );
        }
    }
}
