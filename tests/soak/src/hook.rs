//! A webhook of the soak, and the receiver that it calls.

use serde_json::{Value, json};

use super::receivers::Receivers;

/// The events of the soak, as its platform and its webhooks spell them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum EventType {
    Created,
    Succeeded,
    Failed,
    Aborted,
    TimedOut,
    Resurrected,
}

/// How a receiver behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Temper {
    /// It accepts at once.
    Good,
    /// It fails now and then, in several ways, and is slow at times.
    Flaky,
    /// It never answers.
    Hanging,
    /// It never accepts.
    Refusing,
    /// It does not accept until all who do so are healed.
    Healing,
    /// It gives no answer until then.
    Waking,
    /// It says that it is gone.
    Gone,
    /// Nobody is there.
    Dead,
}

/// What is known of a webhook by whoever defined it.
#[derive(Clone, Debug)]
pub(super) struct Hook {
    /// Unique; the path of its URL ends with it.
    pub(super) label: String,
    pub(super) event_types: Vec<EventType>,
    pub(super) temper: Temper,
    pub(super) do_not_retry: bool,
}

impl EventType {
    /// Every way to end.
    pub(super) const ENDS: [EventType; 4] = [
        EventType::Succeeded,
        EventType::Failed,
        EventType::Aborted,
        EventType::TimedOut,
    ];

    pub(super) const ALL: [EventType; 6] = [
        EventType::Created,
        EventType::Succeeded,
        EventType::Failed,
        EventType::Aborted,
        EventType::TimedOut,
        EventType::Resurrected,
    ];

    pub(super) fn name(self) -> &'static str {
        match self {
            EventType::Created => "ACTOR.RUN.CREATED",
            EventType::Succeeded => "ACTOR.RUN.SUCCEEDED",
            EventType::Failed => "ACTOR.RUN.FAILED",
            EventType::Aborted => "ACTOR.RUN.ABORTED",
            EventType::TimedOut => "ACTOR.RUN.TIMED_OUT",
            EventType::Resurrected => "ACTOR.RUN.RESURRECTED",
        }
    }

    /// What the run is then.
    pub(super) fn status(self) -> &'static str {
        match self {
            EventType::Created => "READY",
            EventType::Succeeded => "SUCCEEDED",
            EventType::Failed => "FAILED",
            EventType::Aborted => "ABORTED",
            EventType::TimedOut => "TIMED-OUT",
            EventType::Resurrected => "RUNNING",
        }
    }
}

impl Hook {
    /// Its definition, but for its condition.
    pub(super) fn definition(&self, receivers: &Receivers) -> Value {
        let names: Vec<_> = self.event_types.iter().map(|what| what.name()).collect();
        json!({
            "eventTypes": names,
            "requestUrl": receivers.url(self.temper, &self.label),
            "doNotRetry": self.do_not_retry,
        })
    }
}
