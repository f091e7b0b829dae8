//! Ad hoc webhooks as they come with the start of a run: a base64 JSON array.
//!
//! The event that brings them is good, whatever they are. Each definition is read on its own: the
//! good ones are webhooks, and the bad ones are told to their owner with the reason.

mod item;
mod parameter;

use serde_json::value::RawValue;

use crate::definition::Definition;
use crate::digest::digest;
use crate::excerpt::kind_of_json;
use crate::id::{RunId, UserId, WebhookId};
use crate::webhooks::label::Label;

use parameter::Content;

/// The most reasons that are kept of one list. What is behind them is counted.
pub const MOST_REASONS: usize = 20;

/// One ad hoc webhook, as it was defined.
#[derive(Clone, Debug)]
pub struct AdHocDefinition {
    /// What was defined.
    pub definition: Definition,
    /// What its owner says about it.
    pub label: Label,
    /// Whether it is in force at once.
    pub is_enabled: bool,
    /// Its owner's own name for its creation.
    pub idempotency_key: Option<String>,
    /// Fields that mean nothing here, such as a `condition`: ignored, but worth a warning.
    pub ignored: Vec<String>,
    /// Its place in the list, from 0.
    pub position: usize,
    /// The definition as it came: part of what its id is derived from.
    content: String,
}

/// What a `webhooks` parameter holds.
#[derive(Clone, Debug, Default)]
pub struct AdHoc {
    /// The good definitions, no more than a run may have.
    pub definitions: Vec<AdHocDefinition>,
    /// What came to nothing.
    pub rejected: Rejected,
}

/// The definitions that came to nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rejected {
    /// How many there are.
    pub count: usize,
    /// Why, of the first of them.
    pub reasons: Vec<Rejection>,
}

/// Why a definition came to nothing. Its owner reads it, and it holds no secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejection {
    /// Its place in the list, from 0; `None`: there is no list.
    pub position: Option<usize>,
    /// What is wrong: the field, and what is allowed.
    pub reason: String,
}

impl AdHoc {
    /// Reads the parameter of the request that has started a run, as leniently as Node and Python
    /// do. `limit` is how many ad hoc webhooks the run may have: the first good ones.
    pub fn decode(parameter: &str, limit: usize) -> Self {
        let json = match parameter::content(parameter) {
            Content::Nothing => return Self::default(),
            Content::Json(json) => json,
            Content::Unreadable(reason) => return Self::unreadable(reason),
        };
        let kind = kind_of_json(&json);
        if kind != "a list" {
            return Self::unreadable(format!(
                "the decoded text is not a JSON array: found {kind}"
            ));
        }
        // Each entry stays text until it is read: as a tree, a list of many small things is a
        // hundred times as large.
        match serde_json::from_str::<Vec<&RawValue>>(&json) {
            Ok(items) => Self::read(&items, limit),
            Err(error) => Self::unreadable(format!("the decoded text is not JSON: {error}")),
        }
    }

    /// No list at all, for this reason.
    pub(crate) fn unreadable(reason: String) -> Self {
        let mut nothing = Self::default();
        nothing.rejected.add(None, reason);
        nothing
    }

    fn read(items: &[&RawValue], limit: usize) -> Self {
        let mut all = Self::default();
        for (position, item) in items.iter().enumerate() {
            if all.definitions.len() == limit {
                let found = items.len();
                all.rejected.count += found - position;
                let reason = format!(
                    "{found} ad hoc webhooks; one run may have {limit}: those from [{position}] on are left out"
                );
                all.rejected.tell(Some(position), reason);
                break;
            }
            match item::read(position, item) {
                Ok(definition) => all.definitions.push(definition),
                Err(reason) => all
                    .rejected
                    .add(Some(position), format!("[{position}]{reason}")),
            }
        }
        all
    }
}

impl Rejected {
    /// One more, for this reason.
    pub fn add(&mut self, position: Option<usize>, reason: String) {
        self.count += 1;
        self.tell(position, reason);
    }

    fn tell(&mut self, position: Option<usize>, reason: String) {
        if self.reasons.len() < MOST_REASONS {
            self.reasons.push(Rejection { position, reason });
        }
    }
}

impl AdHocDefinition {
    /// The webhook's id, derived from user, run, place and content: a redelivered event finds the
    /// webhook that it defined.
    pub fn webhook_id(&self, user: &UserId, run: &RunId) -> WebhookId {
        WebhookId::from_bytes(digest(&[
            b"ad hoc webhook",
            user.as_str().as_bytes(),
            run.as_str().as_bytes(),
            &self.position.to_be_bytes(),
            self.content.as_bytes(),
        ]))
    }
}

#[cfg(test)]
mod tests;
