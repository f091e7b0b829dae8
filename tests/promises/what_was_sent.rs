//! What the owner of a webhook can see of what was sent, and of what would be.

use serde_json::{Value, json};

use crate::receiver::{Answer, Received};
use crate::run::Run;
use crate::stage::Stage;

/// The request of a dispatch's call, as the API shows it.
async fn shown(stage: &Stage, dispatch: &str, call: usize) -> Value {
    let path = format!("/v2/webhook-dispatches/{dispatch}/request?call={call}");
    let (status, answer) = stage.api("GET", &path, None).await;
    assert_eq!(status, 200, "{answer}");
    answer["data"].clone()
}

fn assert_is(shown: &Value, received: &Received) {
    let body = String::from_utf8(received.body.to_vec()).expect("a text");
    assert_eq!(shown["body"], body);
    let headers = shown["headers"].as_array().expect("headers");
    assert_eq!(headers.len(), received.headers.len(), "{shown}");
    for header in headers {
        let text = |field: &str| header[field].as_str().expect("a text");
        assert_eq!(received.header(text("name")), text("value"));
    }
}

async fn only_dispatch(stage: &Stage, webhook: &str) -> Value {
    let path = format!("/v2/webhooks/{webhook}/dispatches");
    let (_, page) = stage.api("GET", &path, None).await;
    assert_eq!(page["data"]["count"], 1, "{page}");
    page["data"]["items"][0].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_call_can_be_seen_as_it_was_sent_until_its_webhook_changes() {
    let stage = Stage::with(&[("RetryScheduleSeconds", "1")]).await;
    stage
        .receiver
        .script("/hook", &[Answer::Status(503), Answer::Status(201)]);
    let definition = json!({
        "eventTypes": ["ACTOR.RUN.SUCCEEDED"], "condition": {"actorId": "actor1"},
        "requestUrl": stage.receiver.url("/hook"), "payloadTemplate": "{\"run\": {{resource.id}}}",
        "headersTemplate": "{\"X-Own\": \"secret\"}", "shouldSignWithEd25519": true,
    });
    let (_, made) = stage.api("POST", "/v2/webhooks", Some(&definition)).await;
    let webhook = made["data"]["id"].as_str().expect("an id");
    stage.send(&Run::new("run1").event("SUCCEEDED", 1)).await;
    stage.receiver.wait_for(2).await;
    stage.settled().await;

    let dispatch = only_dispatch(&stage, webhook).await;
    let id = dispatch["id"].as_str().expect("an id");
    for (place, received) in stage.receiver.received().iter().enumerate() {
        let shown = shown(&stage, id, place + 1).await;
        assert_eq!(shown["isAsSent"], true);
        assert_is(&shown, received);
        let call = &dispatch["calls"][place];
        assert_eq!(call["remoteAddress"], "127.0.0.1");
        assert_eq!(call["responseHeaders"]["content-length"], "0", "{call}");
        assert!(call["durationMs"].is_u64());
    }

    let change = json!({"payloadTemplate": "{}"});
    let path = format!("/v2/webhooks/{webhook}");
    assert_eq!(stage.api("PUT", &path, Some(&change)).await.0, 200);
    let shown = shown(&stage, id, 1).await;
    assert_eq!(
        (&shown["isAsSent"], &shown["body"]),
        (&json!(false), &json!("{}"))
    );

    for (call, status, kind) in [
        ("0", 400, "invalid-parameter"),
        ("x", 400, "invalid-parameter"),
        ("3", 404, "record-not-found"),
    ] {
        let path = format!("/v2/webhook-dispatches/{id}/request?call={call}");
        let (found, answer) = stage.api("GET", &path, None).await;
        assert_eq!((found, &answer["error"]["type"]), (status, &json!(kind)));
    }
}

#[tokio::test(flavor = "multi_thread")]
#[expect(
    clippy::too_many_lines,
    reason = "one story, told from its start to its end"
)]
async fn a_definition_can_be_seen_with_a_past_run_and_nothing_is_sent() {
    let stage = Stage::new().await;
    let run = Run::new("run1");
    stage.send(&run.event("CREATED", 0)).await;
    stage.send(&run.event("FAILED", 2)).await;
    stage.settled().await;
    let ask = async |more: Value| {
        let mut body = json!({
            "eventTypes": ["ACTOR.RUN.FAILED"], "requestUrl": stage.receiver.url("/hook"),
            "payloadTemplate": "{\"what\": {{eventType}}, \"run\": {{resource.id}}}",
            "headersTemplate": "{\"X-Own\": \"yes\"}",
        });
        let body = body.as_object_mut().expect("an object");
        body.extend(more.as_object().expect("an object").clone());
        let body = Value::Object(body.clone());
        stage.api("POST", "/v2/webhooks/preview", Some(&body)).await
    };
    let (status, answer) = ask(json!({"resourceId": "run1"})).await;
    assert_eq!(status, 200, "{answer}");
    let preview = &answer["data"];
    assert_eq!(
        preview["body"],
        r#"{"what":"ACTOR.RUN.FAILED","run":"run1"}"#
    );
    let headers = preview["headers"].to_string();
    assert!(
        headers.contains("X-Own") && !headers.contains("webhook-signature"),
        "{headers}"
    );

    let created =
        json!({"resourceId": "run1", "resourceType": "RUN", "eventType": "ACTOR.RUN.CREATED"});
    assert_eq!(
        ask(created).await.1["data"]["eventType"],
        "ACTOR.RUN.CREATED"
    );
    assert_eq!(ask(json!({})).await.1["data"]["eventType"], "TEST");

    for (more, status, kind) in [
        (json!({"resourceId": "run2"}), 404, "record-not-found"),
        (json!({"resourceId": "me~run"}), 400, "schema-validation"),
        (json!({"resourceType": "RUN"}), 400, "schema-validation"),
        (
            json!({"resourceId": "run1", "resourceType": "ACTOR"}),
            400,
            "schema-validation",
        ),
        (json!({"payloadTemplate": "{"}), 400, "schema-validation"),
        (
            json!({"resourceId": "run1", "eventType": "ACTOR.RUN.ABORTED"}),
            400,
            "schema-validation",
        ),
    ] {
        let (found, answer) = ask(more.clone()).await;
        assert_eq!(
            (found, &answer["error"]["type"]),
            (status, &json!(kind)),
            "{more}"
        );
    }
    let stranger = stage.token_of("stranger1").await;
    let body =
        json!({"eventTypes": ["TEST"], "requestUrl": "https://example.com", "resourceId": "run1"});
    let preview = stage.api_as(&stranger, "POST", "/v2/webhooks/preview", Some(&body));
    assert_eq!(preview.await.0, 404);
    assert!(stage.receiver.received().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trial_can_show_a_past_run_and_shows_it_whenever_it_is_attempted() {
    let stage = Stage::with(&[("RetryScheduleSeconds", "1")]).await;
    stage
        .receiver
        .script("/hook", &[Answer::Status(500), Answer::Status(200)]);
    let id = stage
        .webhook(&["FAILED"], json!({"actorId": "actor1"}), "/hook")
        .await;
    stage.send(&Run::new("run1").event("SUCCEEDED", 1)).await;
    stage.settled().await;
    let path = format!("/v2/webhooks/{id}/test");
    let body = json!({"resourceId": "run1", "resourceType": "RUN"});
    let (status, trial) = stage.api("POST", &path, Some(&body)).await;
    assert_eq!(status, 201, "{trial}");
    assert_eq!(trial["data"]["eventData"], Value::Null);
    stage.receiver.wait_for(2).await;
    stage.settled().await;
    for received in stage.receiver.received() {
        let sent = received.json();
        assert_eq!(sent["eventType"], "TEST");
        assert_eq!(sent["resource"]["status"], "SUCCEEDED");
    }
    let dispatch = trial["data"]["id"].as_str().expect("an id");
    assert_is(
        &shown(&stage, dispatch, 2).await,
        &stage.receiver.received()[1],
    );
    for (body, status) in [
        (json!({"resourceId": "run2"}), 404),
        (json!({"resourceId": "run1", "resourceType": "BUILD"}), 404),
        (json!({"resourceType": "RUN"}), 400),
    ] {
        assert_eq!(
            stage.api("POST", &path, Some(&body)).await.0,
            status,
            "{body}"
        );
    }
}
