//! The cases that Apify tests its own engine with, under names that exist here.

use super::{Context, PayloadTemplate, payload, refusal};

const RESOURCE: &str = r#"{"defaultDatasetId":"D1","status":1,"body":"hi","messages":[1,2,3],"first":{"second":"2nd"},"array":["hello",[true]],"text":"hello"}"#;

fn rendered(template: &str, interpolate_strings: bool) -> String {
    payload(template, interpolate_strings, RESOURCE).unwrap()
}

#[test]
fn a_variable_in_a_string_is_text_unless_strings_are_interpolated() {
    assert_eq!(
        rendered(r#"{"a":"{{data}}"}"#, false),
        r#"{"a":"{{data}}"}"#
    );
}

#[test]
fn variables_without_a_context_are_null() {
    let nothing = Context {
        user_id: "null".to_owned(),
        created_at: "null".to_owned(),
        event_type: "null".to_owned(),
        event_data: "null".to_owned(),
        resource: "null",
        globals: "null".to_owned(),
    };
    let template = r#"{"a":{{userId}},"b":[{{createdAt}}],"c":{"d":{{eventType}},"e":{{eventData}}},"f":{{resource.id}}}"#;
    assert_eq!(
        PayloadTemplate::parse(template, false)
            .unwrap()
            .render(&nothing)
            .unwrap(),
        r#"{"a":null,"b":[null],"c":{"d":null,"e":null},"f":null}"#
    );
}

#[test]
fn what_the_context_has_is_filled_in_and_the_rest_is_null() {
    let template = r#"{"a":{{userId}},"b":[{{resource.status}},{{resource.messages}}],"c":{"d":{{resource.body}},"e":{{resource.nothing}}}}"#;
    assert_eq!(
        rendered(template, false),
        r#"{"a":"U1","b":[1,[1,2,3]],"c":{"d":"hi","e":null}}"#
    );
}

#[test]
fn quotes_in_strings_count_only_if_they_are_not_escaped() {
    let template = r#"{"a":"bar\"{{foo}}\"","b":{{userId}}}"#;
    assert_eq!(
        rendered(template, false),
        r#"{"a":"bar\"{{foo}}\"","b":"U1"}"#
    );
    assert_eq!(
        refusal(r#"{"a":"bar"{{foo}}""}"#),
        r#"line 1, column 11: expected "," or "}", found '{'"#
    );
}

#[test]
fn strings_are_interpolated() {
    for (template, expected) in [
        (r#""{{userId}}""#, r#""U1""#),
        (r#""My user id is {{userId}}""#, r#""My user id is U1""#),
        (r#""{{userId}} {{resource.body}}""#, r#""U1 hi""#),
        (
            r#""{{userId}}{{resource.body}} {{resource.status}}""#,
            r#""U1hi 1""#,
        ),
        ("{{resource.xyz}}", "null"),
        (r#""{{resource.defaultDatasetId}}""#, r#""D1""#),
        (r#""{{resource.messages}}""#, "[1,2,3]"),
        (
            r#""This is my array {{resource.messages}}""#,
            r#""This is my array 1,2,3""#,
        ),
        (r#""{{resource}}""#, RESOURCE),
        ("{{resource}}", RESOURCE),
        // Apify: [object Object]; decision 9.
        (
            r#""It is {{resource.first}}""#,
            r#""It is {\"second\":\"2nd\"}""#,
        ),
    ] {
        assert_eq!(rendered(template, true), expected, "{template}");
    }
}

#[test]
fn a_double_comma_is_refused_with_its_place() {
    assert_eq!(
        refusal("{\n    \"userId\": {{userId}},,\n    \"a\": 1\n}"),
        "line 2, column 26: expected a key in double quotes, found ','"
    );
}

#[test]
fn a_variable_that_does_not_exist_is_refused_by_name() {
    assert!(
        refusal(r#"{"a":{{userId}},"b":{{eventtype}}}"#).contains("unknown variable \"eventtype\"")
    );
}

#[test]
fn dots_lead_into_objects_and_arrays() {
    for (variable, expected) in [
        ("resource.first", r#"{"second":"2nd"}"#),
        ("resource.first.second", r#""2nd""#),
        ("resource.array.1.0", "true"),
        ("resource.array.length", "2"),
        ("resource.array.2", "null"),
        ("resource.array.01", "null"),
        ("resource.missing.further", "null"),
        ("resource.text.first", "null"),
        ("resource.text.length", "null"),
    ] {
        let template = format!("{{{{{variable}}}}}");
        assert_eq!(rendered(&template, false), expected, "{variable}");
    }
}
