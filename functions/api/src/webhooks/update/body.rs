//! The body of `PUT /v2/webhooks/{webhookId}`: laid over the webhook as it is, and read as if it
//! were a new one, so that there is one validation.

use domain::fields::{FieldError, Fields};
use domain::timestamp::Timestamp;
use domain::webhook::{Webhook, WebhookState};
use serde_json::{Map, Value};

use crate::error::ApiError;
use crate::webhooks::creation::Creation;
use crate::webhooks::settings::Settings;

/// The webhook after this update. A field that the update does not have stays as it is; `null` takes it away.
pub(crate) fn updated(
    before: &Webhook,
    update: Map<String, Value>,
    now: Timestamp,
) -> Result<Webhook, ApiError> {
    let mut fields = fields_of(before)?;
    fields.extend(update);
    let creation = Creation::read(Fields::new(fields))?;
    let after = Webhook {
        version: before.version + 1,
        secret: before.secret,
        hears_from: before.hears_from,
        spread: before.spread.clone(),
        created_at: before.created_at,
        ..creation.into_webhook(before.id.clone(), before.user.clone(), now)
    };
    refuse_another_identity(before, &after)?;
    Ok(Webhook {
        // It is still so until somebody switches it on.
        disabled_because: (after.state == before.state)
            .then(|| before.disabled_because.clone())
            .flatten(),
        failing_since: before
            .failing_since
            .filter(|_| after.state == WebhookState::Enabled),
        ..after
    })
}

/// The fields of the creation that would make this webhook.
fn fields_of(webhook: &Webhook) -> Result<Map<String, Value>, ApiError> {
    let settings = serde_json::to_value(Settings::of(webhook)).map_err(ApiError::internal)?;
    let mut fields = match settings {
        Value::Object(fields) => fields,
        _ => Map::new(),
    };
    let key = webhook.idempotency_key.clone();
    fields.insert("idempotencyKey".to_owned(), key.into());
    Ok(fields)
}

/// Where a webhook lies, and under which key it was created, stays.
fn refuse_another_identity(before: &Webhook, after: &Webhook) -> Result<(), FieldError> {
    let is_ad_hoc = before.lifetime.is_ad_hoc();
    for (field, changes, problem) in [
        (
            "isAdHoc",
            after.lifetime.is_ad_hoc() != is_ad_hoc,
            "cannot be changed",
        ),
        (
            "condition",
            is_ad_hoc && after.condition != before.condition,
            "cannot be changed: an ad hoc webhook belongs to its run",
        ),
        (
            "idempotencyKey",
            after.idempotency_key != before.idempotency_key,
            "cannot be changed",
        ),
    ] {
        if changes {
            return Err(FieldError::new(field, problem));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::id::{UserId, WebhookId};
    use domain::signature::SecretVersions;
    use domain::webhook::WebhookState;
    use serde_json::json;

    use crate::description::tests::schemas::assert_described;

    fn object(value: Value) -> Map<String, Value> {
        match value {
            Value::Object(object) => object,
            other => panic!("{other} is no object"),
        }
    }

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millis(millis).unwrap()
    }

    /// A webhook with nothing left at its default, and with these fields on top.
    fn webhook(changes: Value) -> Webhook {
        let mut fields = object(json!({
            "eventTypes": ["ACTOR.RUN.TIMEDOUT", "TEST"],
            "condition": {"actorRunId": "r"},
            "requestUrl": "https://example.com/a?b=c#d",
            "payloadTemplate": "{\"run\": {{resource.id}}, \"text\": \"{{userId}}\"}",
            "headersTemplate": "{\"x-a\": \"b\"}",
            "shouldInterpolateStrings": true,
            "ignoreSslErrors": true,
            "doNotRetry": true,
            "shouldSignWithEd25519": true,
            "title": "title",
            "description": "description",
            "isApifyIntegration": true,
            "isEnabled": false,
            "idempotencyKey": "key",
        }));
        fields.extend(object(changes));
        let creation = Creation::read(Fields::new(fields)).unwrap();
        let (id, user) = (WebhookId::from_bytes([0; 16]), UserId::parse("u").unwrap());
        creation.into_webhook(id, user, at(1))
    }

    fn refusal(before: &Webhook, update: Value) -> String {
        let refused = updated(before, object(update), at(2)).unwrap_err();
        assert!(matches!(refused, ApiError::Field(_)), "{refused:?}");
        refused.to_string()
    }

    #[test]
    fn an_empty_update_changes_nothing_but_the_time_and_the_version() {
        for changes in [json!({}), json!({"isAdHoc": true})] {
            let before = Webhook {
                secret: SecretVersions {
                    current: 2,
                    previous_until: Some(at(5)),
                },
                ..webhook(changes)
            };
            let after = updated(&before, Map::new(), at(2)).unwrap();
            let expected = Webhook {
                version: 2,
                modified_at: at(2),
                ..before
            };
            assert_eq!(after, expected);
        }
    }

    #[test]
    fn only_what_an_update_names_is_changed() {
        let before = webhook(json!({}));
        for (field, value) in [
            ("eventTypes", json!(["ACTOR.RUN.FAILED"])),
            ("condition", json!({"actorTaskId": "t"})),
            ("requestUrl", json!("https://example.org/")),
            ("payloadTemplate", json!("{}")),
            ("headersTemplate", json!("{\"x-c\": \"d\"}")),
            ("shouldInterpolateStrings", json!(false)),
            ("ignoreSslErrors", json!(false)),
            ("doNotRetry", json!(false)),
            ("shouldSignWithEd25519", json!(false)),
            ("title", json!("another")),
            ("description", json!("")),
            ("isApifyIntegration", json!(false)),
            ("isEnabled", json!(true)),
        ] {
            let update = object(json!({field: value}));
            assert_described("WebhookUpdate", &Value::Object(update.clone()));
            let after = updated(&before, update.clone(), at(2)).unwrap();
            let mut expected = fields_of(&before).unwrap();
            expected.extend(update);
            assert_eq!(fields_of(&after).unwrap(), expected, "{field}");
        }
    }

    #[test]
    fn null_takes_a_field_away() {
        let before = webhook(json!({}));
        for field in ["payloadTemplate", "headersTemplate", "title", "description"] {
            let after = updated(&before, object(json!({field: null})), at(2)).unwrap();
            assert_eq!(fields_of(&after).unwrap()[field], Value::Null);
        }
        let after = updated(&before, object(json!({"isEnabled": null})), at(2)).unwrap();
        assert_eq!(after.state, WebhookState::Enabled);
        for field in ["eventTypes", "requestUrl"] {
            let message = format!("{field}: is required");
            assert_eq!(refusal(&before, json!({field: null})), message);
        }
    }

    #[test]
    fn the_whole_is_read_like_a_new_webhook() {
        // Good with strings that are not interpolated, and only then.
        let before = webhook(json!({
            "payloadTemplate": "{\"a\": \"{{nobody}}\"}", "shouldInterpolateStrings": false,
        }));
        let message = refusal(&before, json!({"shouldInterpolateStrings": true}));
        assert!(message.starts_with("payloadTemplate: line 1"), "{message}");
        assert_eq!(
            refusal(&before, json!({"identity": "x"})),
            "identity: is not a known field"
        );
    }

    #[test]
    fn a_webhook_keeps_its_lifetime_its_run_and_its_key() {
        let (standing, ad_hoc) = (webhook(json!({})), webhook(json!({"isAdHoc": true})));
        let no_longer = "isAdHoc: cannot be changed";
        assert_eq!(refusal(&standing, json!({"isAdHoc": true})), no_longer);
        for value in [json!(false), json!(null)] {
            assert_eq!(refusal(&ad_hoc, json!({"isAdHoc": value})), no_longer);
        }
        assert_eq!(
            refusal(&ad_hoc, json!({"condition": {"actorRunId": "other"}})),
            "condition: cannot be changed: an ad hoc webhook belongs to its run"
        );
        for key in [json!("other"), json!(null)] {
            assert_eq!(
                refusal(&standing, json!({"idempotencyKey": key})),
                "idempotencyKey: cannot be changed"
            );
        }
        for same in [
            json!({"idempotencyKey": "key"}),
            json!({"condition": {"actorRunId": "r"}}),
            json!({"isAdHoc": true}),
        ] {
            assert!(updated(&ad_hoc, object(same), at(2)).is_ok());
        }
    }
}
