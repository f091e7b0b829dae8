use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use proptest::prelude::*;

use super::*;
use serde_json::{Value, json};

mod refusals;

/// The text contains `>>>` and `???`, which encode to `+` and `/`.
const TEXT: &str =
    r#"[{"eventTypes":["ACTOR.RUN.CREATED"],"requestUrl":"https://example.com/?q=>>>???~~~ř"}]"#;

fn encode(value: &Value) -> String {
    BASE64_STANDARD.encode(value.to_string())
}

/// The good definitions of a parameter with nothing bad in it.
fn good(parameter: &str) -> Vec<AdHocDefinition> {
    let AdHoc {
        definitions,
        rejected,
    } = AdHoc::decode(parameter, 20);
    assert_eq!(rejected, Rejected::default(), "{parameter}");
    definitions
}

/// Reasons for what is bad in a parameter, and how many are good.
fn bad(parameter: &str) -> (Vec<String>, usize) {
    let AdHoc {
        definitions,
        rejected,
    } = AdHoc::decode(parameter, 20);
    let reasons = rejected.reasons.into_iter().map(|known| known.reason);
    (reasons.collect(), definitions.len())
}

fn lines(text: &str, width: usize, end: &str) -> String {
    let lines = text.as_bytes().chunks(width);
    let lines: Vec<_> = lines.map(|line| str::from_utf8(line).unwrap()).collect();
    lines.join(end)
}

fn percent_encoded(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
}

#[test]
fn every_way_to_write_base64_means_the_same() {
    let standard = BASE64_STANDARD.encode(TEXT);
    assert!(
        standard.contains('+') && standard.contains('/'),
        "{standard} shows nothing"
    );
    let safe = BASE64_URL_SAFE_NO_PAD.encode(TEXT);
    let wrapped = lines(&standard, 76, "\r\n");
    let spellings = [
        standard.clone(),
        standard.trim_end_matches('=').to_owned(),
        safe.clone(),
        percent_encoded(&safe),
        standard.replace('+', " "),
        format!(" {standard}\n"),
        lines(&standard, 76, "\n"),
        wrapped.clone(),
        lines(&standard, 60, "\n\t"),
        // A folded line, and one that somebody has joined with spaces.
        lines(&standard, 72, "\n "),
        lines(&standard, 64, " "),
        // What `+` and line ends have become, both.
        lines(&standard, 76, "\n").replace('+', " "),
        percent_encoded(&standard),
        percent_encoded(&percent_encoded(&standard)),
        percent_encoded(&wrapped),
        standard.replace('=', "%3D"),
        // Bytes, and lines of bytes, as Python shows them.
        format!("b'{standard}'"),
        format!("b\"{safe}\""),
        format!("b'{}\\n'", lines(&standard, 76, "\\n")),
        percent_encoded(&format!("b'{standard}'")),
        format!("\"{standard}\""),
        format!("\"{}\"", lines(&standard, 76, "\\r\\n")),
        BASE64_STANDARD.encode(format!("\u{feff}{TEXT}")),
        BASE64_STANDARD.encode(format!("\n {TEXT} \n")),
        // What Node and Python pass over.
        format!("{}\u{200b}{}", &standard[..9], &standard[9..]),
        format!("{}!{}", &standard[..9], &standard[9..]),
        format!("{}===", standard.trim_end_matches('=')),
    ];
    for spelling in spellings {
        let decoded = good(&spelling);
        assert_eq!(decoded.len(), 1, "{spelling}");
        assert_eq!(
            decoded[0].definition.request_url.as_str(),
            "https://example.com/?q=>>>???~~~ř",
            "{spelling}"
        );
    }
}

#[test]
fn the_example_of_the_documentation_page_is_read() {
    let list = json!([
        {"eventTypes": ["ACTOR.RUN.CREATED"], "requestUrl": "https://example.com/run-created"},
        {"eventTypes": ["ACTOR.RUN.SUCCEEDED"], "requestUrl": "https://example.com/run-succeeded"}
    ]);
    assert_eq!(good(&encode(&list)).len(), 2);
}

#[test]
fn whoever_has_nothing_to_send_sends_it_in_many_ways() {
    for nothing in [
        "W10=",
        "W10%3D",
        "W10",
        "",
        "  ",
        "undefined",
        "null",
        "None",
        "b''",
        "b\"\"",
        "''",
        "[]",
        "bnVsbA==",
        "%20",
        "=",
        "IA==",
        "WyBd",
    ] {
        assert!(good(nothing).is_empty(), "{nothing:?}");
    }
}

#[test]
fn all_eight_fields_count() {
    let list = json!([{
        "eventTypes": ["ACTOR.RUN.FAILED"], "requestUrl": "https://example.com/", "payloadTemplate": "{\"a\": 1}",
        "headersTemplate": "{\"x-a\": \"1\"}", "shouldInterpolateStrings": true, "idempotencyKey": "key",
        "ignoreSslErrors": true, "doNotRetry": true,
    }]);
    let found = &good(&encode(&list))[0];
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
    let mut entry = json!({
        "eventTypes": ["ACTOR.RUN.FAILED"], "requestUrl": "https://example.com/", "condition": {"actorId": "x"},
        "isAdHoc": true, "payloadTemplate": null, "zzz": "s".repeat(1000),
    });
    let ignored = good(&encode(&json!([entry])))[0].ignored.clone();
    assert_eq!(ignored, ["condition", "isAdHoc", "zzz"]);
    entry["x".repeat(1000)] = json!(1);
    for number in 0..1000 {
        entry[format!("field{number}")] = json!({});
    }
    let ignored = good(&encode(&json!([entry])))[0].ignored.concat();
    assert!(ignored.len() <= 800, "{ignored}");
}

#[test]
fn what_its_owner_says_about_it_is_kept_and_never_costs_a_webhook() {
    let entry = |description: Value| {
        json!([{
            "eventTypes": ["ACTOR.RUN.FAILED"], "requestUrl": "https://example.com/", "description": description,
            "title": "t", "isApifyIntegration": true, "isEnabled": false,
        }])
    };
    let kept = good(&encode(&entry(json!("why"))));
    let label = &kept[0].label;
    assert_eq!(label.description.as_deref(), Some("why"));
    assert_eq!(label.title.as_deref(), Some("t"));
    assert!(label.is_apify_integration && !kept[0].is_enabled);
    for unusable in [json!(5), json!("d".repeat(321)), json!({"a": [1]})] {
        let kept = good(&encode(&entry(unusable)));
        assert_eq!(kept[0].label.description, None);
        assert_eq!(kept[0].ignored, ["description"]);
    }
}

#[test]
fn a_definition_with_many_small_things_in_it_is_read_and_its_id_stays() {
    let things = format!("[{}0]", "{\"\":0},".repeat(9000));
    let entry = |between: &str| {
        format!(
            "[{{\"zzz\":{between}{things},\"requestUrl\":\"https://example.com/\",\"eventTypes\":{between}[\"ACTOR.RUN.FAILED\"]}}]"
        )
    };
    let id = |text: String| {
        let found = good(&BASE64_STANDARD.encode(text));
        let (user, run) = (UserId::parse("u").unwrap(), RunId::parse("r").unwrap());
        found[0].webhook_id(&user, &run)
    };
    // Blanks and order are no part of what was defined.
    assert_eq!(id(entry("")), id(entry(" ")));
}

#[test]
fn the_id_depends_on_user_run_place_and_content_and_on_nothing_else() {
    let entry = json!({"eventTypes": ["ACTOR.RUN.FAILED"], "requestUrl": "https://example.com/"});
    let twins = good(&encode(&json!([entry, entry])));
    let (user, run) = (UserId::parse("u").unwrap(), RunId::parse("r").unwrap());
    let id = twins[0].webhook_id(&user, &run);
    assert_eq!(
        good(&encode(&json!([entry])))[0].webhook_id(&user, &run),
        id
    );
    assert_ne!(twins[1].webhook_id(&user, &run), id);
    assert_ne!(twins[0].webhook_id(&user, &RunId::parse("r2").unwrap()), id);
}

proptest! {
    #[test]
    fn no_parameter_makes_it_panic(parameter in ".*") {
        let _ = AdHoc::decode(&parameter, 20);
    }

    #[test]
    fn no_json_makes_it_panic(text in ".*") {
        let _ = AdHoc::decode(&BASE64_STANDARD.encode(text), 20);
    }
}
