//! Templates and data that mean harm.

use super::*;

#[test]
fn data_cannot_break_out_of_its_string_or_act_as_a_template() {
    for said in [
        r#"\",\"admin\":true,\""#,
        r"\\",
        r"ends with \\",
        "{{userId}}",
        "$& $1 $` $'",
        r"\u007b\u007buserId\u007d\u007d",
        r"\ud83d",
        r"\u0000\r\n",
        "\u{2028}\u{fffe}",
    ] {
        let resource = format!(r#"{{"said":"{said}"}}"#);
        for (template, expected) in [
            ("[{{resource.said}}]", format!("[\"{said}\"]")),
            (r#"["{{resource.said}}"]"#, format!("[\"{said}\"]")),
            (r#"["{ {{resource.said}}}"]"#, format!("[\"{{ {said}}}\"]")),
            (
                r#"["\\{{resource.said}}\\"]"#,
                format!("[\"\\\\{said}\\\\\"]"),
            ),
            ("{{resource}}", resource.clone()),
        ] {
            assert_eq!(payload(template, true, &resource).unwrap(), expected);
        }
    }
}

#[test]
fn objects_and_arrays_inside_text_are_escaped_once() {
    let resource =
        r#"{ "a" : [ null , "x\"y\n", [ ], [ true , 1.0 ], { "k\\" : [ null, "é\"" ] } ] }"#;
    assert_eq!(
        payload(r#""<{{resource.a}}>""#, true, resource).unwrap(),
        r#""<,x\"y\n,,true,1.0,{\"k\\\\\":[null,\"é\\\"\"]}>""#
    );
    let text: String =
        serde_json::from_str(&payload(r#""<{{resource}}>""#, true, resource).unwrap()).unwrap();
    assert_eq!(
        text,
        r#"<{"a":[null,"x\"y\n",[],[true,1.0],{"k\\":[null,"é\""]}]}>"#
    );
}

#[test]
fn escaped_braces_and_letters_of_a_template_are_read_as_what_they_stand_for() {
    let template = r#"["\u007b{user\u0049d}\u007D","\\u007b{userId}}","\u0041{{userId}}\ud800"]"#;
    assert_eq!(
        payload(template, true, "{}").unwrap(),
        r#"["U1","\\u007b{userId}}","\u0041U1\ud800"]"#
    );
}

#[test]
fn values_are_cut_out_of_the_event_as_they_are_written() {
    let resource = r#"{"big":9007199254740993,"huge":1e400,"one":1.0,"minus":-0,"b":{ "z" : 1, "a":2 },"st\u0061tus":"\u0041","\ud800":0,"b":{ "y" : 3 }}"#;
    for (variable, expected) in [
        ("resource", resource),
        ("resource.big", "9007199254740993"),
        ("resource.huge", "1e400"),
        ("resource.one", "1.0"),
        ("resource.minus", "-0"),
        ("resource.b", r#"{ "y" : 3 }"#),
        ("resource.b.z", "null"),
        ("resource.b.y", "3"),
        ("resource.status", r#""\u0041""#),
    ] {
        let template = format!("{{{{{variable}}}}}");
        assert_eq!(payload(&template, false, resource).unwrap(), expected);
    }
}

#[test]
fn equal_keys_count_as_one_however_they_are_escaped() {
    let template = r#"{"a":1,"\u0061":2,"\ud800":3,"\\ud800":4}"#;
    assert_eq!(
        payload(template, false, "{}").unwrap(),
        r#"{"\u0061":2,"\ud800":3,"\\ud800":4}"#
    );
}

#[test]
fn the_names_that_javascript_objects_have_of_their_own_name_nothing() {
    for name in ["constructor", "__proto__", "toString", "hasOwnProperty"] {
        let template = format!("[{{{{resource.{name}}}}},{{{{resource.a.{name}}}}}]");
        assert_eq!(
            payload(&template, true, r#"{"a":[]}"#).unwrap(),
            "[null,null]"
        );
    }
    let own = r#"{"constructor":1,"__proto__":{"x":2}}"#;
    let template = "[{{resource.constructor}},{{resource.__proto__.x}}]";
    assert_eq!(payload(template, true, own).unwrap(), "[1,2]");
}

/// None of these would end in a lifetime if time or stack grew faster than their size.
#[test]
fn the_worst_templates_and_events_take_no_longer_than_their_size() {
    const EVENT_BYTES: usize = 256 * 1024;
    let filled = |unit: &str, bytes: usize| unit.repeat(bytes / unit.len());
    let nested = |open: &str, close: &str| open.repeat(60) + "1" + &close.repeat(60);
    let resources = [
        format!("[{}[]]", filled("[],", EVENT_BYTES)),
        format!("{{{}\"a\":0}}", filled("\"a\":[],", EVENT_BYTES)),
        format!("{{\"a\":[{}]}}", " ".repeat(EVENT_BYTES)),
        nested("[", &format!("{}]", filled(",0", EVENT_BYTES / 60))),
        nested(
            &format!("{{{}\"a\":", filled("\"\":0,", EVENT_BYTES / 60)),
            "}",
        ),
        "[".repeat(100_000) + &"]".repeat(100_000),
    ];
    let list = |unit: &str| format!("[{}0]", filled(unit, MAX_TEMPLATE_BYTES - 3));
    let numbers = || (0..).map(|number| format!("{{{{resource.{number}}}}},"));
    let deep = |step: &str| {
        let all = (0..60).map(|steps| format!("\"-{{{{resource{}}}}}\",", step.repeat(steps)));
        format!("[{}0]", all.collect::<String>())
    };
    let text = |unit: &str| format!("\"{}\"", filled(unit, MAX_TEMPLATE_BYTES - 2));
    let templates = [
        list("\"{{resource}}\","),
        list("\"-{{resource.a}}\","),
        format!(
            "[{}0]",
            numbers().take(paths::MAX_STEPS).collect::<String>()
        ),
        deep(".0"),
        deep(".a"),
        text("{"),
        text("{{a"),
        text("\\u007b"),
        format!("{{{}\"a\":0}}", filled("\"a\":0,", MAX_TEMPLATE_BYTES - 7)),
    ];
    for template in &templates {
        let template = PayloadTemplate::parse(template, true).unwrap();
        for resource in &resources {
            match template.render(&context(&event(resource))) {
                Ok(payload) => assert!(payload.len() <= MAX_PAYLOAD_BYTES),
                Err(error) => assert_eq!(error, RenderError::TooLarge),
            }
        }
    }
    for broken in ["{{", "[", "{\"\":", "\"\\", "{{a", "{{a}", "-", "\\u007b"] {
        let broken = filled(broken, MAX_TEMPLATE_BYTES);
        assert!(PayloadTemplate::parse(&broken, true).is_err());
    }
}
