//! Ad hoc webhooks as they come with the start of a run: a base64 JSON array (contract §5).

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use serde_json::Value;

use crate::definition::{Definition, take_idempotency_key};
use crate::digest::digest;
use crate::fields::{FieldError, Fields};
use crate::id::{RunId, UserId, WebhookId};

/// One ad hoc webhook, as it was defined.
#[derive(Clone, Debug)]
pub struct AdHocDefinition {
    /// What was defined.
    pub definition: Definition,
    /// Its owner's own name for its creation.
    pub idempotency_key: Option<String>,
    /// Fields that mean nothing here, such as a `condition`: ignored, but worth a warning.
    pub ignored: Vec<String>,
    /// The definition as it came: part of what its id is derived from.
    content: String,
    /// Its place in the list.
    position: usize,
}

/// Why the `webhooks` parameter holds no ad hoc webhooks.
#[derive(Debug, thiserror::Error)]
pub enum AdHocError {
    /// Not base64.
    #[error("not base64: {0}")]
    Base64(#[from] base64::DecodeError),
    /// Not a JSON array.
    #[error("the decoded text is not a JSON array: {0}")]
    Json(#[from] serde_json::Error),
    /// More than one run may have.
    #[error("{found} ad hoc webhooks; one run may have {limit}")]
    TooMany {
        /// How many there are.
        found: usize,
        /// How many are allowed.
        limit: usize,
    },
    /// An entry is no object.
    #[error("[{0}]: expected an object")]
    NotAnObject(usize),
    /// An entry is wrong in one field.
    #[error("[{position}].{error}")]
    Field {
        /// Place in the list, from 0.
        position: usize,
        /// What is wrong.
        error: FieldError,
    },
}

/// Padding is optional, and a last digit with stray bits is let through: hand-made parameters have both.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// Decodes the parameter. Official clients send standard base64 with padding; also taken are the URL-safe alphabet, missing padding, and
/// spaces for `+`, which is what an unescaped `+` in a URL becomes.
pub fn decode(parameter: &str, limit: usize) -> Result<Vec<AdHocDefinition>, AdHocError> {
    let trimmed = parameter.trim();
    if trimmed.is_empty() {
        return Ok(Vec::new());
    }
    let standard = |c: char| match c {
        ' ' | '-' => '+',
        '_' => '/',
        other => other,
    };
    let json = LENIENT.decode(trimmed.chars().map(standard).collect::<String>())?;
    let items: Vec<Value> = serde_json::from_slice(&json)?;
    if items.len() > limit {
        return Err(AdHocError::TooMany {
            found: items.len(),
            limit,
        });
    }
    items
        .into_iter()
        .enumerate()
        .map(|(position, item)| read(position, item))
        .collect()
}

fn read(position: usize, item: Value) -> Result<AdHocDefinition, AdHocError> {
    let content = item.to_string();
    let Value::Object(object) = item else {
        return Err(AdHocError::NotAnObject(position));
    };
    let mut fields = Fields::new(object);
    let wrong = |error| AdHocError::Field { position, error };
    let definition = Definition::take(&mut fields).map_err(wrong)?;
    let idempotency_key = take_idempotency_key(&mut fields).map_err(wrong)?;
    let ignored = fields.rest().map(str::to_owned).collect();
    Ok(AdHocDefinition {
        definition,
        idempotency_key,
        ignored,
        content,
        position,
    })
}

impl AdHocDefinition {
    /// The webhook's id, derived from user, run, place and content: a redelivered event finds the webhook that it defined.
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
mod tests {
    use super::*;
    use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
    use proptest::prelude::*;
    use serde_json::json;

    /// The text contains `>>>` and `???`, which encode to `+` and `/`.
    const TEXT: &str = r#"[{"eventTypes":["ACTOR.RUN.CREATED"],"requestUrl":"https://example.com/?q=>>>???~~~ř"}]"#;

    fn encode(value: &Value) -> String {
        BASE64_STANDARD.encode(value.to_string())
    }

    #[test]
    fn every_way_to_write_base64_means_the_same() {
        let standard = BASE64_STANDARD.encode(TEXT);
        assert!(
            standard.contains('+') && standard.contains('/'),
            "{standard} shows nothing"
        );
        let spellings = [
            standard.clone(),
            standard.trim_end_matches('=').to_owned(),
            BASE64_URL_SAFE_NO_PAD.encode(TEXT),
            standard.replace('+', " "),
            format!(" {standard}\n"),
        ];
        for spelling in spellings {
            let decoded = decode(&spelling, 20).unwrap();
            assert_eq!(
                decoded[0].definition.request_url.as_str(),
                "https://example.com/?q=>>>???~~~ř"
            );
        }
    }

    #[test]
    fn the_example_of_the_documentation_page_is_read() {
        let list = json!([
            {"eventTypes": ["ACTOR.RUN.CREATED"], "requestUrl": "https://example.com/run-created"},
            {"eventTypes": ["ACTOR.RUN.SUCCEEDED"], "requestUrl": "https://example.com/run-succeeded"}
        ]);
        assert_eq!(decode(&encode(&list), 20).unwrap().len(), 2);
    }

    #[test]
    fn an_empty_list_is_no_webhooks() {
        assert!(decode("W10=", 20).unwrap().is_empty());
        assert!(decode("", 20).unwrap().is_empty());
    }

    #[test]
    fn all_eight_fields_count() {
        let list = json!([{
            "eventTypes": ["ACTOR.RUN.FAILED"], "requestUrl": "https://example.com/", "payloadTemplate": "{\"a\": 1}",
            "headersTemplate": "{\"x-a\": \"1\"}", "shouldInterpolateStrings": true, "idempotencyKey": "key",
            "ignoreSslErrors": true, "doNotRetry": true,
        }]);
        let found = &decode(&encode(&list), 20).unwrap()[0];
        assert!(found.ignored.is_empty(), "{:?}", found.ignored);
        assert_eq!(found.idempotency_key.as_deref(), Some("key"));
        let definition = &found.definition;
        assert!(definition.ignore_ssl_errors && definition.do_not_retry);
        let templates = &definition.templates;
        assert!(
            templates.interpolate_strings
                && templates.payload.is_some()
                && templates.headers.is_some()
        );
    }

    #[test]
    fn fields_that_mean_nothing_here_are_ignored_and_named() {
        let list = json!([{
            "eventTypes": ["ACTOR.RUN.FAILED"], "requestUrl": "https://example.com/", "condition": {"actorId": "x"},
            "description": "d", "payloadTemplate": null
        }]);
        assert_eq!(
            decode(&encode(&list), 20).unwrap()[0].ignored,
            ["condition", "description"]
        );
    }

    #[test]
    fn every_refusal_says_where_and_what() {
        let good =
            json!({"eventTypes": ["ACTOR.RUN.FAILED"], "requestUrl": "https://example.com/"});
        let refused = [
            (encode(&json!({})), "not a JSON array"),
            (encode(&json!([5])), "[0]: expected an object"),
            (
                encode(&json!([good, {"requestUrl": "https://x.y"}])),
                "[1].eventTypes: is required",
            ),
            (
                encode(&json!([{"eventTypes": [], "requestUrl": "https://x.y"}])),
                "[0].eventTypes: at least one",
            ),
            (
                encode(&json!([{"eventTypes": ["NOPE"], "requestUrl": "https://x.y"}])),
                "\"NOPE\" is not an event type",
            ),
            (
                encode(&json!([{"eventTypes": ["ACTOR.RUN.FAILED"], "requestUrl": "x"}])),
                "[0].requestUrl: must be a valid URL",
            ),
            (
                encode(&json!([{"eventTypes": ["ACTOR.RUN.FAILED"], "requestUrl": 7}])),
                "[0].requestUrl: expected a string, found 7",
            ),
            (
                encode(&json!(vec![good.clone(); 21])),
                "21 ad hoc webhooks; one run may have 20",
            ),
            ("%%%".to_owned(), "not base64"),
            ("aGVsbG8=".to_owned(), "not a JSON array"),
        ];
        for (parameter, reason) in refused {
            let refusal = decode(&parameter, 20).unwrap_err().to_string();
            assert!(
                refusal.contains(reason),
                "{refusal:?} does not say {reason:?}"
            );
        }
    }

    #[test]
    fn the_id_depends_on_user_run_place_and_content_and_on_nothing_else() {
        let entry =
            json!({"eventTypes": ["ACTOR.RUN.FAILED"], "requestUrl": "https://example.com/"});
        let twins = decode(&encode(&json!([entry, entry])), 20).unwrap();
        let (user, run) = (UserId::parse("u").unwrap(), RunId::parse("r").unwrap());
        let id = twins[0].webhook_id(&user, &run);
        assert_eq!(
            decode(&encode(&json!([entry])), 20).unwrap()[0].webhook_id(&user, &run),
            id
        );
        assert_ne!(twins[1].webhook_id(&user, &run), id);
        assert_ne!(twins[0].webhook_id(&user, &RunId::parse("r2").unwrap()), id);
    }

    proptest! {
        #[test]
        fn no_parameter_makes_it_panic(parameter in ".*") {
            let _ = decode(&parameter, 20);
        }

        #[test]
        fn no_json_makes_it_panic(text in ".*") {
            let _ = decode(&BASE64_STANDARD.encode(text), 20);
        }
    }
}
