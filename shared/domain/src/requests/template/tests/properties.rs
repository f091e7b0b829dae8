//! What holds for every template and every event. A million cases: `PROPTEST_CASES=1000000 cargo
//! test -p domain --release template`.

use super::*;
use proptest::prelude::*;
use serde::de::IgnoredAny;
use serde_json::Value;

/// JSON as it may come: every kind of number, every kind of escape, equal keys, blanks, and text
/// that looks like a template.
fn json() -> impl Strategy<Value = String> {
    let scalar = prop_oneof![
        "(null|true|false)",
        "-?(0|[1-9][0-9]{0,20})(\\.[0-9]{1,3})?([eE][+-]?[0-9]{1,3})?",
        body().prop_map(|body| format!("\"{body}\"")),
    ];
    scalar.prop_recursive(4, 24, 4, |inner| {
        let member = ("[ab]|[a-z0-9]{1,3}|\\\\u006[1-9a-f]", inner.clone())
            .prop_map(|(key, value)| format!("\"{key}\" : {value}"));
        prop_oneof![
            prop::collection::vec(inner, 0..4).prop_map(|items| format!("[{}]", items.join(", "))),
            prop::collection::vec(member, 0..4).prop_map(|all| format!("{{{}}}", all.join(" ,"))),
        ]
    })
}

/// The inside of a string.
fn body() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        "[^\"\\\\\\p{Cc}]{0,4}",
        "\\\\[\"\\\\/bfnrt]",
        "\\\\u[0-9a-fA-F]{4}",
        "\\\\u00(7b|7B|7d|7D|41|0a|22|5c)",
        "\\{\\{(userId|bogus|resource\\.a|)\\}\\}",
    ];
    prop::collection::vec(part, 0..5).prop_map(|parts| parts.concat())
}

/// A name that is a variable, also inside strings.
fn variable() -> impl Strategy<Value = String> {
    "(userId|createdAt|eventType|eventData|globals|resource)(\\.(a|b|[a-z0-9]{1,3}|[0-3]|length)){0,3}"
        .prop_map(|name| format!("{{{{{name}}}}}"))
}

/// A template that is right.
fn template() -> impl Strategy<Value = String> {
    let text = prop::collection::vec(prop_oneof![variable(), "[^\"\\\\\\p{Cc}{}]{0,3}"], 0..4);
    let value = prop_oneof![
        variable(),
        text.prop_map(|parts| format!("\"{}\"", parts.concat())),
        "(null|1\\.0|-0|true)",
    ];
    value.prop_recursive(3, 12, 4, |inner| {
        let member = ("[a-c]", inner.clone()).prop_map(|(key, value)| format!("\"{key}\":{value}"));
        prop_oneof![
            prop::collection::vec(inner, 0..4)
                .prop_map(|items| format!("[ {} ]", items.join(", "))),
            prop::collection::vec(member, 0..4).prop_map(|all| format!("{{{}}}", all.join(",\n"))),
        ]
    })
}

/// A text made of what templates are made of, in any order.
fn rubble() -> impl Strategy<Value = String> {
    let splinter = prop_oneof![
        "[\\[\\]{}\",:\\\\.]",
        "\\{\\{|\\}\\}|\"\\{\\{|\\}\\}\"",
        "\\\\u00[67][0-9a-dA-D]|\\\\u|\\\\\"",
        "userId|resource|\\.a|-0|1e|null",
        "\\PC",
        any::<char>().prop_map(String::from),
    ];
    prop::collection::vec(splinter, 0..24).prop_map(|splinters| splinters.concat())
}

/// Steps into an event, each with its dot.
fn path() -> impl Strategy<Value = String> {
    "(\\.([ab]|[ab]|[a-z0-9]{1,3}|[0-3]|length)){0,3}"
}

/// Where a path leads, as a parser sees it.
fn walk(value: &Value, path: &str) -> Value {
    let step = |value: Value, step: &str| match value {
        Value::Object(mut object) => object.remove(step),
        Value::Array(items) if step == "length" => Some(items.len().into()),
        Value::Array(items) => (0..)
            .zip(items)
            .find_map(|(number, item)| (number.to_string() == step).then_some(item)),
        _ => None,
    };
    let steps = path.split('.').skip(1);
    steps.fold(value.clone(), |value, name| {
        step(value, name).unwrap_or_default()
    })
}

fn is_json(text: &str) -> bool {
    serde_json::from_str::<IgnoredAny>(text).is_ok()
}

proptest! {
    #[test]
    fn no_text_makes_it_panic_and_what_is_accepted_renders_to_json(
        text in prop_oneof![rubble(), body().prop_map(|body| format!("\"{body}\"")), json(), ".*"],
        interpolate in any::<bool>(),
        resource in json(),
    ) {
        let event = event(&resource);
        if let Ok(template) = PayloadTemplate::parse(&text, interpolate) {
            let payload = template.render(&context(&event)).unwrap();
            prop_assert!(is_json(&payload), "{} made {}", text, payload);
        }
        if let Ok(template) = HeadersTemplate::parse(&text, interpolate) {
            let _ = template.render(&context(&event));
        }
    }

    #[test]
    fn every_template_made_by_the_rules_is_accepted_and_renders_to_json(
        text in template(),
        interpolate in any::<bool>(),
        resource in json(),
    ) {
        let payload = payload(&text, interpolate, &resource).unwrap();
        prop_assert!(is_json(&payload), "{} made {}", text, payload);
    }

    #[test]
    fn json_without_variables_comes_back_as_it_was_written(text in json()) {
        let Ok(parsed) = serde_json::from_str::<Value>(&text) else {
            return Ok(());
        };
        let rendered = payload(&text, false, "{}").unwrap();
        prop_assert_eq!(serde_json::from_str::<Value>(&rendered).unwrap(), parsed);
    }

    #[test]
    fn inserted_values_come_back_as_they_came(resource in json(), interpolate in any::<bool>()) {
        let quoted = if interpolate { resource.as_str() } else { "\"{{resource}}\"" };
        prop_assert_eq!(
            payload("[{{resource}},\"{{resource}}\"]", interpolate, &resource).unwrap(),
            format!("[{resource},{quoted}]")
        );
        let nested = format!("{{\"x\":[0, {{\"a\":1, \"y\" : {resource}\n}}]}}");
        prop_assert_eq!(
            payload("{{resource.x.1.y}}", interpolate, &nested).unwrap(),
            resource
        );
    }

    #[test]
    fn variables_find_what_a_parser_finds(resource in json(), one in path(), other in path()) {
        let Ok(parsed) = serde_json::from_str::<Value>(&resource) else {
            return Ok(());
        };
        let template = format!("[{{{{resource{one}}}}},{{{{resource{other}}}}}]");
        let rendered = payload(&template, false, &resource).unwrap();
        prop_assert_eq!(
            serde_json::from_str::<Value>(&rendered).unwrap(),
            Value::Array(vec![walk(&parsed, &one), walk(&parsed, &other)])
        );
    }

    #[test]
    fn text_inserted_into_text_is_the_text(body in body(), before in "[^\"\\\\\\p{Cc}{}]{0,4}") {
        let Ok(said) = serde_json::from_str::<String>(&format!("\"{body}\"")) else {
            return Ok(());
        };
        let template = format!("\"{before}{{{{resource}}}}}}\"");
        let rendered = payload(&template, true, &format!("\"{body}\"")).unwrap();
        prop_assert_eq!(
            serde_json::from_str::<String>(&rendered).unwrap(),
            format!("{before}{said}}}")
        );
    }

    #[test]
    fn containers_inserted_into_text_are_their_json(resource in json()) {
        let Ok(parsed) = serde_json::from_str::<Value>(&resource) else {
            return Ok(());
        };
        let object = format!("{{\"o\":{{\"k\":{resource}}}}}");
        let rendered = payload("\"-{{resource.o}}\"", true, &object).unwrap();
        let text: String = serde_json::from_str(&rendered).unwrap();
        let inner: Value = serde_json::from_str(&text[1..]).unwrap();
        prop_assert_eq!(&inner["k"], &parsed);
    }

    #[test]
    fn a_header_is_one_line_with_the_users_own_name(
        name in "[A-Za-z-]{1,12}|\\PC{0,8}|(webhook|proxy)-[a-z]{1,4}|(?i)host|te|content-length",
        value in body(),
        resource in json(),
        interpolate in any::<bool>(),
    ) {
        let text = format!(
            "{{\"{name}\":\"{value}{{{{resource.a}}}}\",\"x-1\":{{{{resource}}}},\"x-2\":\"{{{{resource.b}}}}\"}}"
        );
        let Ok(template) = HeadersTemplate::parse(&text, interpolate) else {
            return Ok(());
        };
        let Ok(headers) = template.render(&context(&event(&resource))) else {
            return Ok(());
        };
        for (name, value) in headers {
            let is_name = |byte: u8| byte.is_ascii_graphic() && byte != b':';
            prop_assert!(!name.is_empty() && name.bytes().all(is_name));
            let lower = name.to_ascii_lowercase();
            prop_assert!(!["host", "te", "content-length"].contains(&lower.as_str()));
            prop_assert!(!lower.starts_with("webhook-") && !lower.starts_with("proxy-"));
            prop_assert!(!value.chars().any(char::is_control), "{:?}", value);
            prop_assert!(name.len() + value.len() <= MAX_HEADER_BYTES);
        }
    }
}
