//! What can never work is refused when a webhook is defined, while its owner looks on, with words
//! that say why and no secret.

use serde_json::{Value, json};

use crate::run::{Run, ad_hoc};
use crate::stage::Stage;

async fn refusal(stage: &Stage, field: &str, value: Value) -> String {
    let mut definition = json!({
        "eventTypes": ["ACTOR.RUN.SUCCEEDED"], "condition": {"actorId": "actor1"}, "requestUrl": "https://example.com/"
    });
    definition[field] = value;
    let (status, answer) = stage.api("POST", "/v2/webhooks", Some(&definition)).await;
    assert_eq!(status, 400, "{field}: {answer}");
    let message = answer["error"]["message"].as_str().expect("a message");
    assert!(message.starts_with(field), "{message}");
    message.to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_that_nobody_can_ever_call_is_refused_and_one_of_this_machine_is_not() {
    let stage = Stage::new().await;
    let (label, name) = ("x".repeat(64), "x.".repeat(126) + "com");
    for (host, why) in [
        ("*.example.com", "the character '*'"),
        ("{{resource.host}}", "the character '{'"),
        ("a-.", "hyphen"),
        ("a..example.com", "before a dot"),
        (&format!("{label}.com"), "at most 63"),
        (&name, "at most 253"),
        ("printer.local", ".local"),
        ("x.onion", ".onion"),
        ("x.invalid", ".invalid"),
        ("x.test", ".test"),
        ("router.home.arpa", ".arpa"),
        ("hooks.example", ".example"),
        ("metadata.google.internal", "public address"),
    ] {
        let url = format!("https://{host}/secret-in-the-path");
        let message = refusal(&stage, "requestUrl", json!(url)).await;
        assert!(message.contains(why), "{host}: {message}");
        assert!(!message.contains("secret"), "{message}");
    }
    let here = stage
        .receiver
        .url("/hook")
        .replace("127.0.0.1", "localhost");
    let definition = json!({
        "eventTypes": ["ACTOR.RUN.SUCCEEDED"], "condition": {"actorId": "actor1"}, "requestUrl": here
    });
    let (status, answer) = stage.api("POST", "/v2/webhooks", Some(&definition)).await;
    assert_eq!(status, 201, "{answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn half_a_surrogate_pair_is_refused_with_its_place() {
    let stage = Stage::new().await;
    for field in ["payloadTemplate", "headersTemplate"] {
        let message = refusal(&stage, field, json!("{\n  \"x-a\\ud83d\": \"b\"}")).await;
        assert!(message.contains("line 2, column"), "{message}");
    }
    let message = refusal(
        &stage,
        "payloadTemplate",
        json!(r#"["\ud83d\ude00 \ude00"]"#),
    )
    .await;
    assert!(message.contains("line 1, column 16"), "{message}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_value_that_may_be_a_secret_is_not_repeated() {
    let stage = Stage::new().await;
    for field in ["headersTemplate", "payloadTemplate", "requestUrl"] {
        for (value, kind) in [
            (json!({"Authorization": "secret"}), "an object"),
            (json!(["secret"]), "a list"),
            (json!(12345), "a number"),
        ] {
            let message = refusal(&stage, field, value).await;
            assert_eq!(message, format!("{field}: expected a string, found {kind}"));
        }
    }
    let message = refusal(&stage, "headerTemplate", json!("secret")).await;
    assert_eq!(message, "headerTemplate: is not a known field");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_idempotency_key_has_255_characters_at_most() {
    let stage = Stage::new().await;
    // Four octets each: as much as a key of the table holds.
    let key = json!("😀".repeat(255));
    let mut definition = ad_hoc(&["CREATED"], &stage.receiver.url("/hook"));
    definition["idempotencyKey"] = key.clone();
    let created = Run::new("run1").created_with(&json!([definition]));
    assert!(stage.ingest(&[created]).await.is_empty());
    stage.receiver.wait_for(1).await;
    definition["condition"] = json!({"actorId": "actor1"});
    let (status, existing) = stage.api("POST", "/v2/webhooks", Some(&definition)).await;
    assert_eq!((status, &existing["data"]["isAdHoc"]), (201, &json!(true)));
    let longer = json!("k".repeat(256));
    let message = refusal(&stage, "idempotencyKey", longer).await;
    assert!(message.contains("1 to 255"), "{message}");
    stage.settled().await;
}

/// A receiver sees `eventData` as the platform has written it.
#[tokio::test(flavor = "multi_thread")]
async fn a_task_that_is_null_stays_null_in_payloads_and_templates() {
    let stage = Stage::new().await;
    let mut with_template = ad_hoc(&["CREATED"], &stage.receiver.url("/template"));
    with_template["payloadTemplate"] =
        json!(r#"{"all": {{eventData}}, "task": {{eventData.actorTaskId}}}"#);
    let default = ad_hoc(&["CREATED"], &stage.receiver.url("/default"));
    let list = json!([with_template, default]);
    for (run, is_null) in [("run1", true), ("run2", false)] {
        let mut created = Run::new(run).created_with(&list);
        if !is_null {
            let data = created["eventData"].as_object_mut().expect("an object");
            data.remove("actorTaskId");
        }
        stage.send(&created).await;
        stage.receiver.wait_for(if is_null { 2 } else { 4 }).await;
    }
    let bodies = |path: &str| {
        let posts = stage.receiver.received_at(path);
        [0, 1].map(|place| posts[place].json())
    };
    let data = |body: &Value, name: &str| body[name].get("actorTaskId").cloned();
    let [null, absent] = bodies("/default");
    assert_eq!(data(&null, "eventData"), Some(Value::Null), "{null}");
    assert_eq!(data(&absent, "eventData"), None, "{absent}");
    let [null, absent] = bodies("/template");
    assert_eq!(data(&null, "all"), Some(Value::Null), "{null}");
    assert_eq!(data(&absent, "all"), None, "{absent}");
    assert_eq!(
        (&null["task"], &absent["task"]),
        (&Value::Null, &Value::Null)
    );
}
