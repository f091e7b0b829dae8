//! The body that defines a webhook.

use domain::condition::Condition;
use domain::definition::{Definition, take_idempotency_key};
use domain::fields::{FieldError, Fields};
use domain::id::{UserId, WebhookId};
use domain::request_url::RequestUrl;
use domain::signature::SecretVersions;
use domain::spread::Spread;
use domain::timestamp::Timestamp;
use domain::webhook::{Label, Lifetime, Webhook, WebhookState};
use serde_json::Map;

use super::condition;
use crate::error::{ApiError, excerpt};

#[cfg(test)]
mod tests;

/// Fields that only answers have. They are ignored in requests, so that an answer can be sent back
/// as it came.
pub(crate) const ANSWERED: [&str; 8] = [
    "id",
    "createdAt",
    "modifiedAt",
    "userId",
    "lastDispatch",
    "stats",
    "disabledReason",
    "secret",
];

/// A webhook that is to be.
#[derive(Debug)]
pub(crate) struct Creation {
    condition: Condition,
    lifetime: Lifetime,
    definition: Definition,
    label: Label,
    is_enabled: bool,
    idempotency_key: Option<String>,
}

impl Creation {
    /// Reads all fields; one that nobody knows is refused, because its sender expects something of
    /// it. One that the API itself answers is passed over.
    pub(crate) fn read(mut fields: Fields) -> Result<Self, ApiError> {
        let definition = Definition::take(&mut fields)?;
        let label = Label {
            title: fields.take_text("title", 0..=63)?,
            description: fields.take_text("description", 0..=320)?,
            is_apify_integration: fields.take_flag("isApifyIntegration")?.unwrap_or(false),
        };
        let is_enabled = fields.take_flag("isEnabled")?.unwrap_or(true);
        let idempotency_key = take_idempotency_key(&mut fields)?;
        let is_ad_hoc = fields.take_flag("isAdHoc")?.unwrap_or(false);
        let condition = fields
            .take_object("condition")?
            .unwrap_or_else(|| Fields::new(Map::new()));
        if let Some(unknown) = fields.rest().find(|field| !ANSWERED.contains(field)) {
            return Err(FieldError::new(&excerpt(unknown), "is not a known field").into());
        }
        let condition = condition::read(condition)?;
        Ok(Self {
            lifetime: lifetime(is_ad_hoc, &condition)?,
            condition,
            definition,
            label,
            is_enabled,
            idempotency_key,
        })
    }

    /// Which runs it is to be for.
    pub(crate) fn condition(&self) -> &Condition {
        &self.condition
    }

    /// Where its requests are to go.
    pub(crate) fn request_url(&self) -> &RequestUrl {
        &self.definition.request_url
    }

    /// The webhook, made now.
    pub(crate) fn into_webhook(self, id: WebhookId, user: UserId, now: Timestamp) -> Webhook {
        Webhook {
            id,
            user,
            condition: self.condition,
            lifetime: self.lifetime,
            definition: self.definition,
            label: self.label,
            idempotency_key: self.idempotency_key,
            version: 1,
            secret: SecretVersions::default(),
            state: if self.is_enabled {
                WebhookState::Enabled
            } else {
                WebhookState::Disabled
            },
            disabled_because: None,
            failing_since: None,
            hears_from: None,
            spread: Spread::default(),
            created_at: now,
            modified_at: now,
        }
    }
}

/// What is to be triggered once must be about one run.
fn lifetime(is_ad_hoc: bool, condition: &Condition) -> Result<Lifetime, FieldError> {
    Lifetime::of(is_ad_hoc, condition.run()).ok_or_else(|| {
        let problem = "an ad hoc webhook needs condition.actorRunId";
        FieldError::new("isAdHoc", problem)
    })
}
