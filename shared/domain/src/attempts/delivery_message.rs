//! What travels on a delivery queue: one dispatch to attempt now. Ids only; everything else is
//! loaded when it is attempted, so that an edited or deleted webhook takes effect on the next
//! attempt, and a message is small whatever the payload.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::dispatch::Dispatch;
use crate::dispatch_id::DispatchId;
use crate::event::{EventKey, HASH_LENGTH, SubjectId};
use crate::id::{BuildId, RunId, UserId, WebhookId};
use crate::timestamp::Timestamp;
use crate::webhook::Lifetime;

/// One dispatch to attempt, and where to find what it is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeliveryMessage {
    /// The dispatch.
    pub dispatch: DispatchId,
    /// Owner of webhook and run.
    pub user: UserId,
    /// The webhook.
    pub webhook: WebhookId,
    /// Whether the webhook is standing or ad hoc.
    pub lifetime: Lifetime,
    /// The run or build whose event it was.
    pub subject: SubjectId,
    /// The event.
    pub event: EventKey,
    /// Number of the attempt, from 1.
    pub attempt: u32,
    /// Since when the attempt is put off because its endpoint is dead.
    pub put_off_since: Option<Timestamp>,
}

impl DeliveryMessage {
    /// The message that asks for a dispatch's next attempt.
    pub fn next_of(dispatch: &Dispatch) -> Self {
        Self {
            dispatch: dispatch.id.clone(),
            user: dispatch.user.clone(),
            webhook: dispatch.webhook.clone(),
            lifetime: dispatch.lifetime.clone(),
            subject: dispatch.subject.id(),
            event: dispatch.event.clone(),
            attempt: dispatch.attempts() + 1,
            put_off_since: None,
        }
    }

    /// The same, for the attempt after this one.
    pub fn following(&self) -> Self {
        Self {
            attempt: self.attempt + 1,
            put_off_since: None,
            ..self.clone()
        }
    }

    /// The same, put off now because its endpoint is dead; `None` once that has been so for the
    /// `longest` that anybody waits.
    pub fn put_off(&self, now: Timestamp, longest: Duration) -> Option<Self> {
        let since = self.put_off_since.unwrap_or(now);
        (since.after(longest) > now).then(|| Self {
            put_off_since: Some(since),
            ..self.clone()
        })
    }

    /// The message's text.
    pub fn to_json(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string(&Versioned::V1(Wire::from(self)))
    }

    /// Reads a message's text.
    pub fn from_json(text: &str) -> Result<Self, DeliveryMessageError> {
        let Versioned::V1(wire) = serde_json::from_str(text)?;
        wire.try_into()
    }
}

/// A text that is no delivery message.
#[derive(Debug, thiserror::Error)]
pub enum DeliveryMessageError {
    /// Not the JSON of a message.
    #[error("not a delivery message: {0}")]
    Json(#[from] serde_json::Error),
    /// It names no run and no build, or both.
    #[error("a delivery message names one run or one build, or is a test")]
    Subject,
    /// What names its event is no event's hash.
    #[error("{0:?} is not the hash of an event: {HASH_LENGTH} letters and digits")]
    EventHash(String),
}

/// Says how the rest is to be read, so that messages of an older version that wait out a deployment
/// are still understood.
#[derive(Serialize, Deserialize)]
#[serde(tag = "v")]
enum Versioned {
    #[serde(rename = "1")]
    V1(Wire),
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Wire {
    dispatch: DispatchId,
    attempt: u32,
    user: UserId,
    webhook: WebhookId,
    ad_hoc: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    run: Option<RunId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    build: Option<BuildId>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    test: bool,
    event_at: Timestamp,
    event: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    put_off_since: Option<Timestamp>,
}

impl From<&DeliveryMessage> for Wire {
    fn from(message: &DeliveryMessage) -> Self {
        let (run, build, test) = match message.subject.clone() {
            SubjectId::Run(run) => (Some(run), None, false),
            SubjectId::Build(build) => (None, Some(build), false),
            SubjectId::Test => (None, None, true),
        };
        let (ad_hoc, run) = match message.lifetime.clone() {
            Lifetime::Standing => (false, run),
            Lifetime::AdHoc(run) => (true, Some(run)),
        };
        Self {
            dispatch: message.dispatch.clone(),
            attempt: message.attempt,
            user: message.user.clone(),
            webhook: message.webhook.clone(),
            ad_hoc,
            run,
            build,
            test,
            event_at: message.event.created_at,
            event: message.event.hash.clone(),
            put_off_since: message.put_off_since,
        }
    }
}

impl TryFrom<Wire> for DeliveryMessage {
    type Error = DeliveryMessageError;
    fn try_from(wire: Wire) -> Result<Self, DeliveryMessageError> {
        let lifetime = Lifetime::of(wire.ad_hoc, wire.run.as_ref());
        let lifetime = lifetime.ok_or(DeliveryMessageError::Subject)?;
        let subject = match (wire.test, wire.run, wire.build) {
            (true, _, None) => SubjectId::Test,
            (false, Some(run), None) => SubjectId::Run(run),
            (false, None, Some(build)) => SubjectId::Build(build),
            _ => return Err(DeliveryMessageError::Subject),
        };
        // It becomes part of a key: one that no table takes would fail the read of a whole batch.
        if wire.event.len() != HASH_LENGTH || !wire.event.bytes().all(|b| b.is_ascii_alphanumeric())
        {
            let start = wire.event.chars().take(80).collect();
            return Err(DeliveryMessageError::EventHash(start));
        }
        Ok(Self {
            dispatch: wire.dispatch,
            user: wire.user,
            webhook: wire.webhook,
            lifetime,
            subject,
            event: EventKey {
                created_at: wire.event_at,
                hash: wire.event,
            },
            attempt: wire.attempt,
            put_off_since: wire.put_off_since,
        })
    }
}

#[cfg(test)]
mod tests;
