//! The job platform: runs that only pretend, and the messages about them that it puts on the event
//! queue.

use std::collections::HashMap;

use anyhow::Result;
use aws_sdk_sqs::Client;
use aws_sdk_sqs::error::ProvideErrorMetadata;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use parking_lot::Mutex;
use serde_json::{Value, json};
use time::OffsetDateTime;
use time::macros::format_description;

use crate::account::failed;
use crate::ledger::Trigger;
use crate::refusal::refusal;

/// The events of the documentation page, without what they all begin with.
pub(crate) const PAGE_EVENTS: [&str; 5] = ["CREATED", "SUCCEEDED", "FAILED", "ABORTED", "TIMEDOUT"];

/// The actor of the documentation page.
pub(crate) const ACTOR: &str = "fW4MyDhgwtMLrB987";

/// A run of an actor, perhaps from a task.
#[derive(Clone, Debug)]
pub(crate) struct Run {
    pub(crate) id: String,
    pub(crate) user: String,
    pub(crate) actor: String,
    pub(crate) task: Option<String>,
}

/// Whoever sends events.
pub(crate) struct Platform {
    sqs: Client,
    queue: String,
    /// When each event was sent for the first time, by this machine's clock.
    sent: Mutex<HashMap<(String, Trigger), OffsetDateTime>>,
}

/// An event of a run.
#[derive(Clone, Debug)]
pub(crate) struct Event {
    pub(crate) run: Run,
    pub(crate) trigger: Trigger,
    message: Value,
}

/// The full name of an event.
pub(crate) fn event_type(what: &str) -> String {
    format!("ACTOR.RUN.{what}")
}

impl Run {
    /// The transition of the run, such as `SUCCEEDED`, at that time.
    pub(crate) fn event(&self, what: &str, at: OffsetDateTime) -> Event {
        let trigger = Trigger {
            event_type: event_type(what),
            created_at: written(at),
        };
        let mut event_data = json!({ "actorId": self.actor, "actorRunId": self.id });
        if let Some(task) = &self.task {
            event_data["actorTaskId"] = json!(task);
        }
        let status = match what {
            "CREATED" => "READY",
            "TIMEDOUT" => "TIMED-OUT",
            "RESURRECTED" => "RUNNING",
            what => what,
        };
        let message = json!({
            "eventType": trigger.event_type,
            "createdAt": trigger.created_at,
            "userId": self.user,
            "eventData": event_data,
            "resource": {
                "id": self.id, "actId": self.actor, "actorTaskId": self.task, "userId": self.user,
                "startedAt": trigger.created_at, "status": status,
            },
        });
        Event {
            run: self.clone(),
            trigger,
            message,
        }
    }
}

impl Event {
    /// The same, from a run that was started with these ad hoc webhooks.
    pub(crate) fn with_webhooks(mut self, definitions: &Value) -> Self {
        let webhooks = BASE64_STANDARD.encode(definitions.to_string());
        self.message["webhooks"] = json!(webhooks);
        self
    }
}

impl Platform {
    pub(crate) fn new(sqs: Client, queue: String) -> Self {
        Platform {
            sqs,
            queue,
            sent: Mutex::default(),
        }
    }

    /// Puts an event on the event queue.
    pub(crate) async fn send(&self, event: &Event) -> Result<()> {
        let begin = OffsetDateTime::now_utc();
        let message = self.sqs.send_message().queue_url(&self.queue);
        let sent = message.message_body(event.message.to_string()).send().await;
        sent.map_err(|error| match error.code() {
            Some(code) if code.starts_with("AccessDenied") => refusal(format!(
                "your credentials may not send events: allow them sqs:SendMessage on the event queue, and where the stack has a PlatformPrincipalArn, \
                 deploy it with your role as OperatorPrincipalArn ({})",
                error.message().unwrap_or_default()
            )),
            _ => failed("sqs:SendMessage", error),
        })?;
        // It was taken somewhere in the middle of the call.
        let at = begin + (OffsetDateTime::now_utc() - begin) / 2;
        let key = (event.run.id.clone(), event.trigger.clone());
        self.sent.lock().entry(key).or_insert(at);
        Ok(())
    }

    /// When an event was sent for the first time.
    pub(crate) fn sent_at(&self, run: &str, trigger: &Trigger) -> Option<OffsetDateTime> {
        let key = (run.to_owned(), trigger.clone());
        self.sent.lock().get(&key).copied()
    }

    /// The events of this type that a run had.
    pub(crate) fn events_of(&self, run: &str, event_type: &str) -> Vec<Trigger> {
        let sent = self.sent.lock();
        let events = sent.keys().filter(|(of, _)| of == run);
        let triggers = events.map(|(_, trigger)| trigger.clone());
        triggers
            .filter(|trigger| trigger.event_type == event_type)
            .collect()
    }

    /// How many different events there were.
    pub(crate) fn events(&self) -> usize {
        self.sent.lock().len()
    }
}

/// A time as everybody writes it.
fn written(at: OffsetDateTime) -> String {
    let format =
        format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z");
    // Any time can be written so.
    at.format(&format).unwrap_or_default()
}
