//! The event messages that the soak's job platform sends.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};
use time::OffsetDateTime;
use time::macros::format_description;

use super::cast::{self, USERS};
use super::receivers::Receivers;
use super::script::{Event, Run};

/// The message of an event, for all that began at that time. Ad hoc webhooks come with the run's
/// first.
pub(super) fn of(run: &Run, event: Event, begin: OffsetDateTime, receivers: &Receivers) -> String {
    let user = USERS[run.user];
    let actor = cast::actor(run.user, run.actor);
    let task = run.has_task.then(|| cast::task(run.user, run.actor));
    let mut event_data = json!({ "actorId": actor, "actorRunId": run.id });
    if let Some(task) = &task {
        event_data["actorTaskId"] = json!(task);
    }
    let mut message = json!({
        "eventType": event.event_type.name(),
        "createdAt": created_at(event, begin),
        "userId": user,
        "eventData": event_data,
        "resource": {
            "id": run.id, "actId": actor, "actorTaskId": task, "userId": user, "status": event.event_type.status(),
        },
    });
    if run.events.first() == Some(&event) && (!run.ad_hoc.is_empty() || run.has_bad_ad_hoc) {
        let definitions = run.ad_hoc.iter().map(|hook| hook.definition(receivers));
        // Nothing can come of one without a URL.
        let bad = run.has_bad_ad_hoc.then(|| json!({ "eventTypes": [] }));
        let definitions = Value::from_iter(definitions.chain(bad)).to_string();
        message["webhooks"] = json!(BASE64_STANDARD.encode(definitions));
    }
    message.to_string()
}

/// When an event happened, as everybody writes it.
pub(super) fn created_at(event: Event, begin: OffsetDateTime) -> String {
    let format =
        format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z");
    // Any time can be written so.
    (begin + event.at).format(&format).unwrap_or_default()
}
