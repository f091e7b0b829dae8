//! Pretend runs, and the event messages that a job platform sends about them.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};

/// The user whose token the local platform has ready.
pub(crate) const USER: &str = "localUser00000001";

/// A run of an actor, perhaps from a task.
#[derive(Clone, Debug)]
pub(crate) struct Run {
    pub(crate) id: String,
    pub(crate) actor: String,
    pub(crate) task: Option<String>,
}

impl Run {
    pub(crate) fn new(id: &str) -> Self {
        Self {
            id: id.to_owned(),
            actor: "actor1".to_owned(),
            task: None,
        }
    }

    pub(crate) fn of_task(self, task: &str) -> Self {
        Self {
            task: Some(task.to_owned()),
            ..self
        }
    }

    /// The message about a transition, such as `SUCCEEDED`, that happened so many seconds into a
    /// certain hour.
    pub(crate) fn event(&self, what: &str, second: u32) -> Value {
        let (minute, second) = (second / 60, second % 60);
        json!({
            "eventType": format!("ACTOR.RUN.{what}"),
            "createdAt": format!("2026-01-09T15:{minute:02}:{second:02}.408Z"),
            "userId": USER,
            "eventData": {"actorId": self.actor, "actorTaskId": self.task, "actorRunId": self.id},
            "resource": {
                "id": self.id, "actId": self.actor, "userId": USER, "actorTaskId": self.task,
                "status": if what == "CREATED" { "READY" } else { what },
            },
        })
    }

    /// The message about the start of the run, with the ad hoc webhooks of the request that started
    /// it.
    pub(crate) fn created_with(&self, ad_hoc: &Value) -> Value {
        let mut message = self.event("CREATED", 0);
        message["webhooks"] = json!(BASE64_STANDARD.encode(ad_hoc.to_string()));
        message
    }
}

/// The definition of an ad hoc webhook.
pub(crate) fn ad_hoc(event_types: &[&str], url: &str) -> Value {
    let event_types: Vec<_> = event_types
        .iter()
        .map(|what| format!("ACTOR.RUN.{what}"))
        .collect();
    json!({"eventTypes": event_types, "requestUrl": url})
}
