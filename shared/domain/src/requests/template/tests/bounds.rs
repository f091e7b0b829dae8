//! What a template may cost: a user's text must not take more memory than a small multiple of
//! itself.

use super::*;

/// `{{resource.0}}`, `{{resource.1}}` and so on: as many different places as asked for.
fn with_places(places: usize) -> String {
    let values: Vec<String> = (1..places)
        .map(|n| format!("{{{{resource.{n}}}}}"))
        .collect();
    format!("[{{{{resource.a}}}},{}]", values.join(","))
}

#[test]
fn the_variables_of_a_template_lead_to_a_thousand_places_at_most() {
    let most = paths::MAX_STEPS;
    assert!(PayloadTemplate::parse(&with_places(most), false).is_ok());
    let refused = PayloadTemplate::parse(&with_places(most + 1), false).unwrap_err();
    let expected = "the variables of a template lead to 1000 different places at most, those on the way included";
    assert!(refused.to_string().ends_with(expected), "{refused}");
    let headers = format!(
        r#"{{"X-A":"{}"}}"#,
        with_places(most + 1).replace(['[', ']'], "")
    );
    assert!(HeadersTemplate::parse(&headers, true).is_err());
}

#[test]
fn places_on_the_way_count_and_shared_ones_count_once() {
    let deep = |n: usize| format!("{{{{resource.{n}{}}}}}", ".a".repeat(63));
    let template = |variables: usize| {
        let all: Vec<String> = (0..variables).map(deep).collect();
        format!("[{}]", all.join(","))
    };
    assert!(PayloadTemplate::parse(&template(15), false).is_ok());
    assert!(PayloadTemplate::parse(&template(16), false).is_err());
    let same = format!("[{}]", vec![deep(1); 400].join(","));
    assert!(PayloadTemplate::parse(&same, false).is_ok());
}

#[test]
fn a_step_without_a_name_is_refused_wherever_it_stands() {
    for variable in [
        "resource.",
        "resource..a",
        "resource.a.",
        "eventData...",
        "userId.",
    ] {
        let refused =
            format!("line 1, column 2: the variable {variable:?} has a dot with no name behind it");
        assert_eq!(refusal(&format!("[{{{{{variable}}}}}]")), refused);
        assert!(PayloadTemplate::parse(&format!(r#"["{{{{{variable}}}}}"]"#), true).is_err());
        let headers = format!(r#"{{"X-A":"{{{{{variable}}}}}"}}"#);
        assert!(HeadersTemplate::parse(&headers, true).is_err());
    }
}

#[test]
fn no_payload_is_longer_than_foreseen() {
    let resource = format!(r#"{{"a":"{}"}}"#, r#"\\\""#.repeat(50));
    let event = event(&resource);
    let text = event.to_message().unwrap().len();
    for template in [
        "{{resource}}",
        r#"["-{{resource}}","-{{resource.a}}{{resource}}"]"#,
        r#"["-\u007b\u007bresource\u007d\u007d"]"#,
        r#"{"a":"{{globals}}{{eventData}}"}"#,
    ] {
        let template = PayloadTemplate::parse(template, true).unwrap();
        let payload = template.render(&context(&event)).unwrap();
        assert!(payload.len() <= template.longest(text), "{}", payload.len());
    }
    let template = PayloadTemplate::parse("[{{resource}},{{resource}}]", true).unwrap();
    assert_eq!(template.longest(MAX_PAYLOAD_BYTES), MAX_PAYLOAD_BYTES);
}

#[test]
fn a_stored_template_over_a_bound_fails_when_it_is_rendered_and_says_why() {
    let event = event("{}");
    let payload = PayloadTemplate::stored("[{{resource.1....}}]".to_owned(), false);
    assert_eq!(
        payload.render(&context(&event)).unwrap_err().to_string(),
        "payloadTemplate: line 1, column 2: the variable \"resource.1....\" has a dot with no name behind it"
    );
    let headers = HeadersTemplate::stored(r#"{"X-A":"{{resource..}}"}"#.to_owned(), true);
    assert_eq!(
        headers.render(&context(&event)).unwrap_err().to_string(),
        "headersTemplate: line 1, column 9: the variable \"resource..\" has a dot with no name behind it"
    );
}
