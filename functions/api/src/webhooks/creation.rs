//! The body of `POST /v2/webhooks` (contract §1.3).

use domain::condition::Condition;
use domain::definition::Definition;
use domain::fields::{FieldError, Fields};
use domain::id::{UserId, WebhookId};
use domain::timestamp::Timestamp;
use domain::webhook::{Label, Lifetime, Webhook, WebhookState};
use serde_json::Map;

use super::{ACTION_TYPE, condition};
use crate::error::{ApiError, excerpt};

#[cfg(test)]
mod tests;

/// A standing webhook that is to be.
#[derive(Debug)]
pub(crate) struct Creation {
    condition: Condition,
    definition: Definition,
    label: Label,
    is_enabled: bool,
    pub(crate) idempotency_key: Option<String>,
}

impl Creation {
    /// Reads all fields; one that nobody knows is refused, because its sender expects something of it.
    pub(crate) fn read(mut fields: Fields) -> Result<Self, ApiError> {
        let definition = Definition::take(&mut fields)?;
        let label = Label {
            title: fields.take_text("title", 0..=63)?,
            description: fields.take_text("description", 0..=320)?,
            is_apify_integration: fields.take_flag("isApifyIntegration")?.unwrap_or(false),
        };
        let is_enabled = fields.take_flag("isEnabled")?.unwrap_or(true);
        let idempotency_key = fields.take_text("idempotencyKey", 1..=128)?;
        let is_ad_hoc = fields.take_flag("isAdHoc")?.unwrap_or(false);
        refuse_other_actions(&mut fields)?;
        let condition = fields
            .take_object("condition")?
            .unwrap_or_else(|| Fields::new(Map::new()));
        if let Some(unknown) = fields.rest().next() {
            return Err(FieldError::new(&excerpt(unknown), "is not a known field").into());
        }
        let condition = condition::read(condition)?;
        if is_ad_hoc {
            return Err(no_ad_hoc(&condition).into());
        }
        Ok(Self {
            condition,
            definition,
            label,
            is_enabled,
            idempotency_key,
        })
    }

    /// The webhook, made now.
    pub(crate) fn into_webhook(self, id: WebhookId, user: UserId, now: Timestamp) -> Webhook {
        Webhook {
            id,
            user,
            condition: self.condition,
            lifetime: Lifetime::Standing,
            definition: self.definition,
            label: self.label,
            version: 1,
            state: if self.is_enabled {
                WebhookState::Enabled
            } else {
                WebhookState::Disabled
            },
            created_at: now,
            modified_at: now,
        }
    }
}

fn refuse_other_actions(fields: &mut Fields) -> Result<(), FieldError> {
    match fields.take_text("actionType", 0..=usize::MAX)? {
        Some(other) if other != ACTION_TYPE => {
            let other = excerpt(&other);
            let problem = format_args!("only {ACTION_TYPE} is supported, found {other:?}");
            Err(FieldError::new("actionType", problem))
        }
        _ => Ok(()),
    }
}

/// A run that is going on may end before the webhook is there, so only the start of a run defines ad hoc webhooks.
fn no_ad_hoc(condition: &Condition) -> FieldError {
    let problem = match condition {
        Condition::Run(_) => {
            "an ad hoc webhook is defined when its run is started, in the parameter \"webhooks\""
        }
        Condition::Actor(_) | Condition::Task(_) => "an ad hoc webhook needs condition.actorRunId",
    };
    FieldError::new("isAdHoc", problem)
}
