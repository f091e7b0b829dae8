//! The events of a pretend run, as the job platform puts them on the event queue.

use serde_json::{Value, json};
use time::OffsetDateTime;

use super::course::End;
use super::run::{Run, iso};

/// The event of a run that has begun, with the `webhooks` parameter of the request that started it.
pub(super) fn created(run: &Run, webhooks: Option<&str>) -> String {
    let mut event = event(run, "ACTOR.RUN.CREATED", run.started_at);
    if let Some(webhooks) = webhooks {
        event["webhooks"] = json!(webhooks);
    }
    event.to_string()
}

/// The event of a run that has ended.
pub(super) fn finished(run: &Run, end: End) -> String {
    event(
        run,
        end.event_type(),
        run.finished_at.unwrap_or(run.started_at),
    )
    .to_string()
}

fn event(run: &Run, event_type: &str, at: OffsetDateTime) -> Value {
    let mut data = json!({ "actorId": run.actor_id, "actorRunId": run.id });
    if let Some(task_id) = &run.task_id {
        data["actorTaskId"] = json!(task_id);
    }
    let mut event = json!({
        "eventType": event_type,
        "createdAt": iso(at),
        "userId": run.user_id,
        "eventData": data,
        "resource": run.to_json(),
    });
    if run.depth > 0 {
        event["chainDepth"] = json!(run.depth);
    }
    event
}
