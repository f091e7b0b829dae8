use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use proptest::prelude::*;

use super::*;
use serde_json::json;

/// The text contains `>>>` and `???`, which encode to `+` and `/`.
const TEXT: &str =
    r#"[{"eventTypes":["ACTOR.RUN.CREATED"],"requestUrl":"https://example.com/?q=>>>???~~~ř"}]"#;

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
        templates.interpolate_strings && templates.payload.is_some() && templates.headers.is_some()
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
    let good = json!({"eventTypes": ["ACTOR.RUN.FAILED"], "requestUrl": "https://example.com/"});
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
    let entry = json!({"eventTypes": ["ACTOR.RUN.FAILED"], "requestUrl": "https://example.com/"});
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
