//! The body of `POST /v2/webhooks/{webhookId}/secret/rotate`, and what it makes of a webhook.

use std::time::Duration;

use domain::fields::{FieldError, Fields};
use domain::signature::StillLive;
use domain::timestamp::Timestamp;
use domain::webhook::Webhook;
use serde_json::{Map, Value};

use crate::error::{ApiError, excerpt};

const OVERLAP_SECONDS: &str = "overlapSeconds";

const DAY: u64 = 24 * 60 * 60;

/// A change of the secret.
#[derive(Debug)]
pub(crate) struct Rotation {
    /// How long the secret that is current now stays live beside the new one.
    overlap: Duration,
}

impl Rotation {
    pub(crate) fn read(body: Map<String, Value>) -> Result<Self, ApiError> {
        let mut fields = Fields::new(body);
        let seconds = fields.take_whole_number(OVERLAP_SECONDS, 0..=7 * DAY)?;
        if let Some(unknown) = fields.rest().next() {
            return Err(FieldError::new(&excerpt(unknown), "is not a known field").into());
        }
        Ok(Self {
            overlap: Duration::from_secs(seconds.unwrap_or(DAY)),
        })
    }

    /// The webhook with its next secret.
    pub(crate) fn of(&self, webhook: &Webhook, now: Timestamp) -> Result<Webhook, StillLive> {
        Ok(Webhook {
            secret: webhook.secret.rotated(now, self.overlap)?,
            version: webhook.version + 1,
            modified_at: now,
            ..webhook.clone()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    use crate::description::tests::schemas::{assert_described, assert_forbidden};

    fn read(body: &Value) -> Result<u64, String> {
        let rotation = Rotation::read(body.as_object().unwrap().clone());
        rotation
            .map(|rotation| rotation.overlap.as_secs())
            .map_err(|error| error.to_string())
    }

    #[test]
    fn both_secrets_are_live_for_a_day_or_as_long_as_is_said() {
        for (body, seconds) in [
            (json!({}), 86_400),
            (json!({"overlapSeconds": null}), 86_400),
            (json!({"overlapSeconds": 0}), 0),
            (json!({"overlapSeconds": 604_800}), 604_800),
            (json!({"overlapSeconds": 60.0}), 60),
        ] {
            assert_described("SecretRotation", &body);
            assert_eq!(read(&body), Ok(seconds), "{body}");
        }
    }

    #[test]
    fn what_is_no_time_is_refused() {
        let refused = "overlapSeconds: expected a whole number from 0 to 604800, found";
        for (body, message) in [
            (
                json!({"overlapSeconds": 604_801}),
                format!("{refused} 604801"),
            ),
            (json!({"overlapSeconds": -1}), format!("{refused} -1")),
            (json!({"overlapSeconds": 0.5}), format!("{refused} 0.5")),
            (json!({"overlapSeconds": "60"}), format!("{refused} \"60\"")),
            (
                json!({"overlap": 60}),
                "overlap: is not a known field".to_owned(),
            ),
        ] {
            assert_forbidden("SecretRotation", &body);
            assert_eq!(read(&body), Err(message));
        }
    }
}
