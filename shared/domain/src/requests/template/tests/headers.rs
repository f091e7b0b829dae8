use super::*;

fn headers(
    template: &str,
    interpolate_strings: bool,
    resource: &str,
) -> Result<Vec<(String, String)>, String> {
    let template =
        HeadersTemplate::parse(template, interpolate_strings).map_err(|error| error.to_string())?;
    let event = event(resource);
    template
        .render(&context(&event))
        .map_err(|error| error.to_string())
}

fn pairs(headers: &[(&str, &str)]) -> Vec<(String, String)> {
    headers
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

#[test]
fn texts_and_variables_become_headers() {
    let template = r#"{"Authorization": "Bearer {{userId}}", "X-Run": {{resource.id}}, "X-Empty": "", "x-caf\u0065": " \u00e9 "}"#;
    let resource = r#"{"id":"R\u0031"}"#;
    assert_eq!(
        headers(template, true, resource).unwrap(),
        pairs(&[
            ("Authorization", "Bearer U1"),
            ("X-Run", "R1"),
            ("X-Empty", ""),
            ("x-cafe", "é"),
        ])
    );
    assert_eq!(
        headers(template, false, resource).unwrap()[0].1,
        "Bearer {{userId}}"
    );
    assert_eq!(headers("{}", true, resource).unwrap(), []);
}

#[test]
fn an_inserted_value_that_is_no_string_is_written_as_text() {
    let template = r#"{"a":{{resource.n}},"b":"{{resource.b}}","c":"{{resource.o}}","d":{{resource.o.l}},"e":"<{{resource.o.l}}>"}"#;
    let resource = "{\"n\":1.0,\"b\":false,\"o\":{ \"l\" :\n[1, \"\\u0041\"]}}";
    assert_eq!(
        headers(template, true, resource).unwrap(),
        pairs(&[
            ("a", "1.0"),
            ("b", "false"),
            ("c", r#"{"l":[1,"\u0041"]}"#),
            ("d", r#"[1,"\u0041"]"#),
            ("e", "<1,A>"),
        ])
    );
}

#[test]
fn a_header_whose_value_is_null_or_missing_is_not_sent() {
    let template = r#"{"a":{{resource.nul}},"b":"{{resource.nul}}","c":{{eventData.actorTaskId}},"d":"{{eventData.actorTaskId}}","e":"-{{eventData.actorTaskId}}"}"#;
    assert_eq!(
        headers(template, true, r#"{"nul":null}"#).unwrap(),
        pairs(&[("e", "-")])
    );
}

#[test]
fn headers_that_the_system_rewrites_are_accepted_and_left_out() {
    let template = r#"{"Host":"a","CONTENT-TYPE":"text/plain","X-Apify-Webhook":"no","x-apify-webhook-dispatch-id":"1","X-Apify-Request-Origin":5,"X-Mine":"1"}"#;
    assert_eq!(
        headers(template, true, "{}").unwrap(),
        pairs(&[("X-Mine", "1")])
    );
}

#[test]
fn headers_of_the_connection_the_framing_and_the_signature_are_refused_by_name() {
    for name in [
        "Connection",
        "content-length",
        "Content-Encoding",
        "Transfer-Encoding",
        "Expect",
        "TE",
        "Trailer",
        "Upgrade",
        "Keep-Alive",
        "Proxy-Authorization",
        "proxy-connection",
        "HTTP2-Settings",
        "Webhook-Id",
        "webhook-signature",
        "WEBHOOK-TIMESTAMP",
    ] {
        let error = headers(&format!("{{\n \"{name}\": \"1\"}}"), true, "{}").unwrap_err();
        let expected = name.to_ascii_lowercase();
        assert_eq!(
            error,
            format!("line 2, column 2: header {expected:?}: this header cannot be set")
        );
    }
}

#[test]
fn only_tokens_are_names() {
    for name in [
        "",
        " ",
        "a b",
        "a:",
        "é",
        r"a\r\nb",
        r"a\u0000",
        "a\u{7f}",
        r"\ud800",
        "(a)",
        "{{userId}}",
    ] {
        let error = headers(&format!("{{\"{name}\": \"1\"}}"), true, "{}").unwrap_err();
        assert!(
            error.contains("the name may have only"),
            "{name:?}: {error}"
        );
    }
    assert!(headers(r#"{"!#$%&'*+-.^_`|~09azAZ": "1"}"#, true, "{}").is_ok());
}

#[test]
fn only_objects_of_strings_and_variables_are_headers() {
    for template in ["[]", "5", "{{resource}}", r#""{{resource}}""#] {
        let error = headers(template, true, "{}").unwrap_err();
        assert_eq!(error, "line 1, column 1: headers must be a JSON object");
    }
    for value in ["5", "true", "null", "[\"x\"]", "{}", "{\"a\":{{userId}}}"] {
        let error = headers(&format!("{{\"a\": {value}}}"), true, "{}").unwrap_err();
        assert!(error.ends_with("header \"a\": the value must be a string or a {{variable}}"));
    }
    assert!(headers(r#"{"a":"{{bogus}}"}"#, true, "{}").is_err());
    assert!(headers("", true, "{}").is_err());
}

#[test]
fn a_control_character_is_refused_in_the_template_and_again_in_data() {
    for character in [
        r"\r",
        r"\n",
        r"\u0000",
        r"\t",
        r"\u007f",
        r"\u0085",
        r"\r\nx-evil: 1",
    ] {
        let literal = format!(r#"{{"a":"x{character}y{{{{userId}}}}"}}"#);
        let error = HeadersTemplate::parse(&literal, true)
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("header \"a\": the value has the control character"),
            "{error}"
        );

        let resource = format!(r#"{{"v":"x{character}y"}}"#);
        for template in [
            r#"{"a":{{resource.v}}}"#,
            r#"{"a":"{{resource.v}}"}"#,
            r#"{"a":"x{{resource.v}}"}"#,
        ] {
            let error = headers(template, true, &resource).unwrap_err();
            assert!(
                error.starts_with("header \"a\": the value has the control character"),
                "{error}"
            );
        }
    }
    let error = headers(r#"{"a":"{{resource}}"}"#, true, r#""\ud800""#).unwrap_err();
    assert_eq!(
        error,
        "header \"a\": the value has half of a surrogate pair"
    );
}

#[test]
fn of_equal_names_the_last_counts() {
    let template = r#"{"A":"1","SOAPAction":"2","a":"3","X-A":"4","x-a":"5"}"#;
    assert_eq!(
        headers(template, true, "{}").unwrap(),
        pairs(&[("SOAPAction", "2"), ("a", "3"), ("x-a", "5")])
    );
}

#[test]
fn there_are_50_headers_of_4096_bytes_at_most() {
    let many = |count: usize| {
        let headers: Vec<String> = (0..count).map(|n| format!("\"h{n}\":\"\"")).collect();
        format!("{{\"host\":\"\",{}}}", headers.join(","))
    };
    assert_eq!(headers(&many(50), true, "{}").unwrap().len(), 50);
    assert!(
        headers(&many(51), true, "{}")
            .unwrap_err()
            .ends_with("at most 50 headers")
    );

    let long = |bytes: usize| format!("\"{}\"", "\\u0041".repeat(bytes));
    let literal = |bytes: usize| format!("{{\"a\":{}}}", long(bytes));
    assert_eq!(
        headers(&literal(4095), true, "{}").unwrap()[0].1.len(),
        4095
    );
    let error = headers(&literal(4096), true, "{}").unwrap_err();
    assert!(
        error.ends_with("header \"a\": name and value are longer than 4096 bytes"),
        "{error}"
    );
    for template in [
        r#"{"a":{{resource}}}"#,
        r#"{"a":"{{resource}}{{resource}}"}"#,
    ] {
        assert!(headers(template, true, &long(2000)).is_ok());
        let error = headers(template, true, &long(200_000)).unwrap_err();
        assert_eq!(
            error,
            "header \"a\": name and value are longer than 4096 bytes"
        );
    }
}

#[test]
fn a_template_never_shows_its_values_when_it_is_printed() {
    let template = HeadersTemplate::parse(r#"{"Authorization":"s3cret"}"#, true).unwrap();
    assert_eq!(format!("{template:?}"), "HeadersTemplate(26 bytes)");
    assert_eq!(template.source(), r#"{"Authorization":"s3cret"}"#);
}
