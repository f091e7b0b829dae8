use super::*;
use crate::event::{Event, Subject};
use crate::event_type::EventType;
use crate::id::{ActorId, RunId, UserId};
use crate::spread::Spread;
use crate::timestamp::Timestamp;
use serde_json::value::RawValue;

mod apify;
mod bounds;
mod contract;
mod headers;
mod hostile;
mod properties;

/// An event of run `R1` of user `U1`.
fn event(resource: &str) -> Event {
    Event {
        user: UserId::parse("U1").unwrap(),
        kind: EventType::RunTimedOut,
        created_at: Timestamp::parse("2019-01-09T15:59:56.408Z").unwrap(),
        subject: Subject::Run {
            actor_id: ActorId::parse("A1").unwrap(),
            actor_task_id: None,
            actor_run_id: RunId::parse("R1").unwrap(),
        },
        platform_id: None,
        has_null_task: false,
        trace: None,
        chain_depth: 0,
        resource: RawValue::from_string(resource.to_owned()).unwrap(),
    }
}

fn context(event: &Event) -> Context<'_> {
    Context::of(event, "ACTOR.RUN.TIMEDOUT").unwrap()
}

/// The payload, or what is wrong with the template.
fn payload(template: &str, interpolate_strings: bool, resource: &str) -> Result<String, String> {
    let template =
        PayloadTemplate::parse(template, interpolate_strings).map_err(|error| error.to_string())?;
    let event = event(resource);
    template
        .render(&context(&event))
        .map_err(|error| error.to_string())
}

fn refusal(template: &str) -> String {
    PayloadTemplate::parse(template, true)
        .unwrap_err()
        .to_string()
}

#[test]
fn every_variable_has_its_documented_value() {
    let template = r#"["{{userId}}","{{createdAt}}","{{eventType}}","{{eventData}}","{{resource}}","{{globals}}"]"#;
    assert_eq!(
        payload(template, true, r#"{"id":"R1"}"#).unwrap(),
        concat!(
            r#"["U1","2019-01-09T15:59:56.408Z","ACTOR.RUN.TIMEDOUT",{"actorId":"A1","actorRunId":"R1"},{"id":"R1"},"#,
            r#"{"dateISO":"2019-01-09T15:59:56.408Z","dateUnix":1547049596}]"#
        )
    );
}

/// What Apify documents as the template of a webhook that has none.
const DEFAULT_PAYLOAD_TEMPLATE: &str = r#"{
    "userId": {{userId}},
    "createdAt": {{createdAt}},
    "eventType": {{eventType}},
    "eventData": {{eventData}},
    "resource": {{resource}}
}"#;

#[test]
fn the_default_template_makes_the_default_payload() {
    let webhook = webhook();
    for resource in [
        "{}",
        r#"{ "b" : 1.0, "a": [1e400, -0], "b": "{{userId}}\u2028" }"#,
    ] {
        let event = event(resource);
        let spelling = webhook.definition.event_types.spelling_of(event.kind);
        assert_eq!(
            PayloadTemplate::parse(DEFAULT_PAYLOAD_TEMPLATE, false)
                .unwrap()
                .render(&Context::of(&event, spelling).unwrap())
                .unwrap(),
            crate::payload::default_payload(&event, spelling).unwrap()
        );
    }
}

fn webhook() -> crate::webhook::Webhook {
    let text = r#"{"eventTypes":["ACTOR.RUN.TIMEDOUT"],"requestUrl":"https://example.com/"}"#;
    let definition = crate::definition::Definition::take(&mut crate::fields::Fields::new(
        serde_json::from_str(text).unwrap(),
    ));
    let at = Timestamp::default();
    crate::webhook::Webhook {
        id: crate::id::WebhookId::parse(&"w".repeat(crate::id::WEBHOOK_ID_LENGTH)).unwrap(),
        user: UserId::parse("U1").unwrap(),
        condition: crate::condition::Condition::Actor(ActorId::parse("A1").unwrap()),
        lifetime: crate::webhook::Lifetime::Standing,
        definition: definition.unwrap(),
        label: crate::webhook::Label::default(),
        idempotency_key: None,
        disabled_because: None,
        failing_since: None,
        hears_from: None,
        spread: Spread::default(),
        version: 1,
        secret: crate::signature::SecretVersions::default(),
        state: crate::webhook::WebhookState::Enabled,
        created_at: at,
        modified_at: at,
    }
}

#[test]
fn the_text_of_a_template_stays_as_it_was_written() {
    let text = "{ \"a\" : {{ resource.\n} }}\n}";
    let template = PayloadTemplate::parse(text, false);
    assert!(template.is_err(), "a name has no blanks");
    let text = "{ \"a\" :\n{{resource.\n}}\n}";
    let template = PayloadTemplate::parse(text, false).unwrap();
    assert_eq!(template.source(), text);
}

#[test]
fn an_error_says_where_and_what() {
    for (template, error) in [
        (
            "",
            "line 1, column 1: expected a JSON value or a {{variable}}, found the end of the template",
        ),
        (
            "{\n  \"é\": {{bogus}}\n}",
            "line 2, column 8: unknown variable \"bogus\"; known are userId, createdAt, eventType, eventData, resource, globals",
        ),
        (
            "{\n  \"a\": \"é {{resource.a}} {{bogus.x}}\"}",
            "line 2, column 26: unknown variable \"bogus.x\"; known are userId, createdAt, eventType, eventData, resource, globals",
        ),
        (
            "[1,\n\n]",
            "line 3, column 1: expected a JSON value or a {{variable}}, found ']'",
        ),
        (
            "[1 2]",
            "line 1, column 4: expected \",\" or \"]\", found '2'",
        ),
        ("{\"a\" 2}", "line 1, column 6: expected \":\", found '2'"),
        (
            "{a: 2}",
            "line 1, column 2: expected a key in double quotes, found 'a'",
        ),
        ("[1.]", "line 1, column 4: expected a digit, found ']'"),
        (
            "5 5",
            "line 1, column 3: expected the end of the template, found '5'",
        ),
        (
            "[\"a\\x\"]",
            "line 1, column 4: this is no escape that JSON knows",
        ),
        (
            "[\"a\nb\"]",
            "line 1, column 4: a control character in a string must be escaped",
        ),
        ("[\"ab]", "line 1, column 2: this string is never closed"),
        (
            "[{{userId]",
            "line 1, column 2: this variable is never closed by \"}}\"",
        ),
        (
            "{ {{userId}}: 1}",
            "line 1, column 3: a variable cannot be a key",
        ),
    ] {
        assert_eq!(refusal(template), error, "{template:?}");
    }
}

#[test]
fn the_limits_of_a_template_are_met_to_the_byte() {
    let sized = |bytes: usize| format!("\"{}\"", "x".repeat(bytes - 2));
    assert!(PayloadTemplate::parse(&sized(MAX_TEMPLATE_BYTES), true).is_ok());
    let error = PayloadTemplate::parse(&sized(MAX_TEMPLATE_BYTES + 1), true).unwrap_err();
    assert_eq!((error.line, error.column), (1, MAX_TEMPLATE_BYTES + 1));

    let nested = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
    assert!(PayloadTemplate::parse(&nested(64), true).is_ok());
    assert!(refusal(&nested(65)).starts_with("line 1, column 65: a template is nested 64"));

    let steps = |steps: usize| format!("{{{{resource{}}}}}", ".0".repeat(steps));
    assert!(PayloadTemplate::parse(&steps(64), true).is_ok());
    assert!(refusal(&steps(65)).ends_with("a variable has at most 64 dots"));
}

#[test]
fn a_payload_is_as_large_as_the_limit_and_no_larger() {
    let resource = |bytes: usize| format!("\"{}\"", "x".repeat(bytes - 2));
    let template = PayloadTemplate::parse("[{{resource}}]", true).unwrap();
    let rendered = |bytes: usize| template.render(&context(&event(&resource(bytes))));
    assert_eq!(
        rendered(MAX_PAYLOAD_BYTES - 2).unwrap().len(),
        MAX_PAYLOAD_BYTES
    );
    assert_eq!(rendered(MAX_PAYLOAD_BYTES - 1), Err(RenderError::TooLarge));
}
