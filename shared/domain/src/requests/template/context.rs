//! What a template can insert: the variables, and their values for one event.

use crate::event::Event;

/// A variable's name before the first dot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Root {
    UserId,
    CreatedAt,
    EventType,
    EventData,
    Resource,
    Globals,
}

impl Root {
    pub(super) const ALL: [Self; 6] = [
        Self::UserId,
        Self::CreatedAt,
        Self::EventType,
        Self::EventData,
        Self::Resource,
        Self::Globals,
    ];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::UserId => "userId",
            Self::CreatedAt => "createdAt",
            Self::EventType => "eventType",
            Self::EventData => "eventData",
            Self::Resource => "resource",
            Self::Globals => "globals",
        }
    }
}

/// The value of every variable, as JSON.
#[derive(Clone, Debug)]
pub struct Context<'e> {
    pub(super) user_id: String,
    pub(super) created_at: String,
    pub(super) event_type: String,
    pub(super) event_data: String,
    pub(super) resource: &'e str,
    pub(super) globals: String,
}

impl<'e> Context<'e> {
    /// What this event offers. Its type is spelled as the webhook was registered for it.
    pub fn of(event: &'e Event, event_type: &str) -> Result<Self, serde_json::Error> {
        let at = event.created_at;
        let unix = at.as_seconds();
        Ok(Self {
            user_id: serde_json::to_string(&event.user)?,
            created_at: serde_json::to_string(&at)?,
            event_type: serde_json::to_string(event_type)?,
            event_data: serde_json::to_string(&event.data())?,
            resource: event.resource.get(),
            globals: format!(r#"{{"dateISO":"{at}","dateUnix":{unix}}}"#),
        })
    }

    pub(super) fn json(&self, root: Root) -> &str {
        match root {
            Root::UserId => &self.user_id,
            Root::CreatedAt => &self.created_at,
            Root::EventType => &self.event_type,
            Root::EventData => &self.event_data,
            Root::Resource => self.resource,
            Root::Globals => &self.globals,
        }
    }
}
