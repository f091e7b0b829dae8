//! What Apify's engine makes of each kind of template, and what we make of it: with strings that
//! are not interpolated, and with strings that are.

use super::payload;

/// What the rows use.
const RESOURCE: &str = r#"{"n":0,"b":false,"e":"","nul":null,"t":true,"arr":[10,[20]],"obj":{"k":"v"},"neg":-1,"half":1.5,"dash-key":"D","und_er":"U","said":"{{userId}} {{bogus}}"}"#;

/// A payload, or the start of what is wrong after the place.
type Expected = Result<&'static str, &'static str>;

struct Row {
    template: &'static str,
    off: Expected,
    on: Expected,
    /// What Apify's engine does instead, and which decision says that we do not.
    apify: Option<&'static str>,
}

const fn row(template: &'static str, off: Expected, on: Expected) -> Row {
    Row {
        template,
        off,
        on,
        apify: None,
    }
}

impl Row {
    const fn apify(mut self, does: &'static str) -> Self {
        self.apify = Some(does);
        self
    }
}

const BOGUS: Expected = Err("unknown variable \"bogus");
const NO_VALUE: Expected = Err("expected a JSON value or a {{variable}}, found");

const ROWS: &[Row] = &[
    // Values outside of strings keep their type.
    row(
        "[{{resource.t}},{{resource.arr}},{{resource.neg}},{{resource.half}}]",
        Ok("[true,[10,[20]],-1,1.5]"),
        Ok("[true,[10,[20]],-1,1.5]"),
    ),
    row(
        "[{{resource.n}},{{resource.b}},{{resource.e}}]",
        Ok(r#"[0,false,""]"#),
        Ok(r#"[0,false,""]"#),
    )
    .apify("[null,null,null]; decision 8: values are told as they are"),
    row(
        r#"["{{resource.n}}","{{resource.b}}","{{resource.e}}","{{resource.nul}}"]"#,
        Ok(r#"["{{resource.n}}","{{resource.b}}","{{resource.e}}","{{resource.nul}}"]"#),
        Ok(r#"[0,false,"",null]"#),
    ),
    // Inside text.
    row(
        r#"["x{{resource.n}}","x{{resource.b}}","x{{resource.e}}","x{{resource.nul}}","x{{resource.arr}}"]"#,
        Ok(
            r#"["x{{resource.n}}","x{{resource.b}}","x{{resource.e}}","x{{resource.nul}}","x{{resource.arr}}"]"#,
        ),
        Ok(r#"["x0","xfalse","x","xnull","x10,20"]"#),
    ),
    row(
        r#"["x{{resource.zzz}}","x{{resource.obj}}"]"#,
        Ok(r#"["x{{resource.zzz}}","x{{resource.obj}}"]"#),
        Ok(r#"["x","x{\"k\":\"v\"}"]"#),
    )
    .apify(r#"["xundefined","x[object Object]"]; decision 9"#),
    // Nothing there.
    row(
        "[{{resource.zzz}},{{resource.zzz.y}}]",
        Ok("[null,null]"),
        Ok("[null,null]"),
    ),
    row(
        r#"{"a":"{{resource.zzz}}","b":["{{resource.zzz}}"]}"#,
        Ok(r#"{"a":"{{resource.zzz}}","b":["{{resource.zzz}}"]}"#),
        Ok(r#"{"b":[null]}"#),
    ),
    row(
        r#"{"a":"{{resource.zzz.y}}"}"#,
        Ok(r#"{"a":"{{resource.zzz.y}}"}"#),
        Ok(r#"{"a":null}"#),
    ),
    // Unknown names.
    row("{{bogus}}", BOGUS, BOGUS),
    row("{{bogus.x}}", BOGUS, BOGUS),
    row(r#""{{bogus}}""#, Ok(r#""{{bogus}}""#), BOGUS),
    row(r#""x {{bogus}}""#, Ok(r#""x {{bogus}}""#), BOGUS),
    row(
        "{{ userId }}",
        Err("unknown variable \" userId \""),
        Err("unknown variable \" userId \""),
    ),
    // What is no variable inside a string.
    row(
        r#"["{{ userId }}","{{}}","{{resource.dash-key}}","{{resource.und_er}}"]"#,
        Ok(r#"["{{ userId }}","{{}}","{{resource.dash-key}}","{{resource.und_er}}"]"#),
        Ok(r#"["{{ userId }}","{{}}","{{resource.dash-key}}","{{resource.und_er}}"]"#),
    ),
    row(
        "[{{resource.dash-key}},{{resource.und_er}}]",
        Ok(r#"["D","U"]"#),
        Ok(r#"["D","U"]"#),
    ),
    // Braces.
    row(
        r#""{{{userId}}}""#,
        Ok(r#""{{{userId}}}""#),
        Ok(r#""{U1}""#),
    ),
    row(
        "{{{userId}}}",
        Err("unknown variable \"{userId\""),
        Err("unknown variable \"{userId\""),
    ),
    row(
        "{{{userId}}:1}",
        Err("unknown variable \"{userId\""),
        Err("unknown variable \"{userId\""),
    ),
    row(
        r#""{{userId}}{{userId}}""#,
        Ok(r#""{{userId}}{{userId}}""#),
        Ok(r#""U1U1""#),
    ),
    row(
        r#"{"{{userId}}":1}"#,
        Ok(r#"{"{{userId}}":1}"#),
        Ok(r#"{"{{userId}}":1}"#),
    ),
    row(
        "{{userId",
        Err("this variable is never closed"),
        Err("this variable is never closed"),
    ),
    row(r#""{{userId""#, Ok(r#""{{userId""#), Ok(r#""{{userId""#)),
    row(
        r#"{"a":{"b":{{userId}}}}"#,
        Ok(r#"{"a":{"b":"U1"}}"#),
        Ok(r#"{"a":{"b":"U1"}}"#),
    ),
    // Escapes.
    row(
        r#"{"a":"x\\","b":{{userId}}}"#,
        Ok(r#"{"a":"x\\","b":"U1"}"#),
        Ok(r#"{"a":"x\\","b":"U1"}"#),
    )
    .apify("InvalidJsonError; decision 8: escapes are counted rightly"),
    row(
        r#"{"a":"\"{{userId}}\"","b":{{userId}}}"#,
        Ok(r#"{"a":"\"{{userId}}\"","b":"U1"}"#),
        Ok(r#"{"a":"\"U1\"","b":"U1"}"#),
    ),
    // Any JSON value is a payload, and nothing but JSON.
    row("{{userId}}", Ok(r#""U1""#), Ok(r#""U1""#)),
    row("[1]", Ok("[1]"), Ok("[1]")),
    row("5", Ok("5"), Ok("5")),
    row(r#""x""#, Ok(r#""x""#), Ok(r#""x""#)),
    row("null", Ok("null"), Ok("null")),
    row("", NO_VALUE, NO_VALUE),
    row(" \n\t", NO_VALUE, NO_VALUE),
    row("[1,]", NO_VALUE, NO_VALUE),
    row(
        "[1] // why",
        Err("expected the end"),
        Err("expected the end"),
    ),
    row("['x']", NO_VALUE, NO_VALUE),
    row("\u{feff}[1]", NO_VALUE, NO_VALUE),
    row(
        "{{globals.dateISO}}",
        Ok(r#""2019-01-09T15:59:56.408Z""#),
        Ok(r#""2019-01-09T15:59:56.408Z""#),
    )
    .apify("InvalidVariableError with the published set of variables; decision 5"),
    row("{{resource.constructor}}", Ok("null"), Ok("null"))
        .apify("InvalidJsonError, because JavaScript's objects have such a field"),
    // Data is no template.
    row(
        "[{{resource.said}}]",
        Ok(r#"["{{userId}} {{bogus}}"]"#),
        Ok(r#"["{{userId}} {{bogus}}"]"#),
    )
    .apify("with interpolation the value is interpolated again, or refused; decision 8"),
    row(
        r#"{"a":1,"b":2,"a":3}"#,
        Ok(r#"{"a":3,"b":2}"#),
        Ok(r#"{"a":3,"b":2}"#),
    ),
    row(
        "[9007199254740993,1e400,-0,1.0]",
        Ok("[9007199254740993,1e400,-0,1.0]"),
        Ok("[9007199254740993,1e400,-0,1.0]"),
    )
    .apify("[9007199254740992,null,0,1]: JavaScript's numbers; ours stay as they are written"),
    row(
        r#"{"b":1,"2":2,"1":3}"#,
        Ok(r#"{"b":1,"2":2,"1":3}"#),
        Ok(r#"{"b":1,"2":2,"1":3}"#),
    )
    .apify(r#"the same object, written {"1":3,"2":2,"b":1}"#),
    row(
        r#"{"__proto__":1,"a":2}"#,
        Ok(r#"{"__proto__":1,"a":2}"#),
        Ok(r#"{"a":2}"#),
    ),
];

#[test]
fn every_row_of_the_contract_has_its_result() {
    for Row {
        template,
        off,
        on,
        apify,
    } in ROWS
    {
        for (interpolate, expected) in [(false, off), (true, on)] {
            let found = payload(template, interpolate, RESOURCE);
            let same = match (expected, &found) {
                (Ok(expected), Ok(found)) => expected == found,
                (Err(problem), Err(found)) => found.contains(problem),
                _ => false,
            };
            assert!(
                same,
                "{template}, interpolated: {interpolate}: expected {expected:?}, found {found:?}; Apify: {apify:?}"
            );
        }
    }
}

#[test]
fn a_whole_template_that_is_a_missing_variable_is_null() {
    assert_eq!(
        payload(r#""{{resource.zzz}}""#, true, "{}").unwrap(),
        "null"
    );
}
