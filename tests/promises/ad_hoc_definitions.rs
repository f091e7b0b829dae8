//! An event is as good as ever, whatever is wrong with the ad hoc webhooks that it brings: those
//! that are good are webhooks, and the owner of those that are bad can read why.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};

use crate::log::{Log, values};
use crate::run::{Run, ad_hoc};
use crate::stage::Stage;

const SECRET: &str = "secret-of-the-receiver";

/// The message about the start of a run with this `webhooks` parameter.
fn created(run: &str, webhooks: Value) -> Value {
    let mut message = Run::new(run).event("CREATED", 0);
    message["webhooks"] = webhooks;
    message
}

fn base64(list: &Value) -> String {
    BASE64_STANDARD.encode(list.to_string())
}

/// What the owner of a run is told of the definitions that came to nothing.
async fn rejected(stage: &Stage, run: &str) -> Value {
    let path = format!("/v2/actor-runs/{run}/webhook-matches");
    let (status, answer) = stage.api("GET", &path, None).await;
    assert_eq!(status, 200, "{answer}");
    answer["data"]["items"][0]["rejectedWebhooks"].clone()
}

/// What can be wrong with the second of two definitions, and what is said about it.
fn bad_neighbours(good: &Value) -> Vec<(Value, &'static str)> {
    let with = |field: &str, value: Value| {
        let mut bad = good.clone();
        bad[field] = value;
        bad
    };
    let headers = json!({"Authorization": format!("Bearer {SECRET}")});
    vec![
        (json!(5), "[1]: expected an object, found a number"),
        (
            with("eventTypes", json!(["NOPE"])),
            "[1].eventTypes: \"NOPE\" is not",
        ),
        (
            with("requestUrl", json!("")),
            "[1].requestUrl: must be a valid URL",
        ),
        (
            with("requestUrl", json!([SECRET])),
            "[1].requestUrl: expected a string, found a list",
        ),
        (
            with("headersTemplate", headers.clone()),
            "[1].headersTemplate: expected a string, found an object",
        ),
        (
            with("payloadTemplate", json!({"a": SECRET})),
            "[1].payloadTemplate: expected a string, found an object",
        ),
        (with("doNotRetry", json!("yes")), "[1].doNotRetry: expected"),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_definitions_cost_neither_the_event_nor_their_neighbours() {
    let log = Log::of("ad_hoc_definitions");
    let stage = log.stage(&[]).await;
    let condition = json!({"actorId": "actor1"});
    stage.webhook(&["CREATED"], condition, "/standing").await;
    let good = ad_hoc(&["CREATED"], &stage.receiver.url("/good"));
    let bad = bad_neighbours(&good);
    for (number, (definition, _)) in bad.iter().enumerate() {
        let list = json!([good, definition]);
        stage
            .send(&created(&format!("run{number}"), json!(base64(&list))))
            .await;
    }
    stage.receiver.wait_for(2 * bad.len()).await;
    stage.settled().await;
    for path in ["/standing", "/good"] {
        assert_eq!(stage.receiver.received_at(path).len(), bad.len(), "{path}");
    }
    for (number, (_, reason)) in bad.iter().enumerate() {
        let told = rejected(&stage, &format!("run{number}")).await;
        assert_eq!(told["count"], 1, "{told}");
        assert_eq!(told["reasons"][0]["position"], 1, "{told}");
        let found = told["reasons"][0]["reason"].as_str().expect("a reason");
        assert!(found.contains(reason), "{found:?} does not say {reason:?}");
        assert!(!found.contains(SECRET), "{found}");
    }
    assert!(stage.rejected().await.is_empty());
    let written = log.written(stage).await;
    assert!(!written.contains(SECRET));
    let counted: u64 = values(&written, "AdHocRejected").iter().sum();
    assert_eq!(counted, bad.len() as u64);
    for ours in ["EventsRejected", "EventsFailed"] {
        assert!(values(&written, ours).is_empty(), "{ours}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_parameter_that_is_no_list_costs_the_event_nothing() {
    let stage = Stage::new().await;
    let condition = json!({"actorId": "actor1"});
    stage.webhook(&["CREATED"], condition, "/standing").await;
    let nothing = ["", "undefined", "null", "W10=", "W10%3D", "b''"].map(|text| (json!(text), 0));
    let unreadable = [
        (json!("%%%"), 1),
        (json!("aGVsbG8="), 1),
        (json!(5), 1),
        (json!([{"headersTemplate": SECRET}]), 1),
        (json!({}), 1),
        (json!(base64(&json!({}))), 1),
        (json!("[object Object]"), 1),
        (json!(base64(&json!(vec![7; 30]))), 30),
    ];
    let parameters = [&nothing[..], &unreadable].concat();
    for (number, (webhooks, _)) in parameters.iter().enumerate() {
        stage
            .send(&created(&format!("run{number}"), webhooks.clone()))
            .await;
    }
    stage.receiver.wait_for(parameters.len()).await;
    stage.settled().await;
    for (number, (webhooks, count)) in parameters.iter().enumerate() {
        let told = rejected(&stage, &format!("run{number}")).await;
        assert_eq!(told["count"], *count, "{webhooks}: {told}");
    }
    assert!(stage.rejected().await.is_empty());
}

/// How a parameter can be written: each means the same.
#[tokio::test(flavor = "multi_thread")]
async fn base64_is_read_however_it_is_written() {
    let stage = Stage::new().await;
    let list = json!([ad_hoc(&["CREATED"], &stage.receiver.url("/hook?q=>>>???"))]);
    let standard = base64(&list);
    let lines: Vec<_> = standard.as_bytes().chunks(76).collect();
    let lines: Vec<_> = lines.into_iter().map(String::from_utf8_lossy).collect();
    let percent = |text: &str| {
        text.replace('%', "%25")
            .replace('+', "%2B")
            .replace('/', "%2F")
            .replace('=', "%3D")
    };
    let spellings = [
        standard.clone(),
        lines.join("\r\n"),
        lines.join(" "),
        standard
            .replace('+', "-")
            .replace('/', "_")
            .replace('=', ""),
        standard.replace('+', " "),
        percent(&standard),
        percent(&percent(&standard)),
        percent(&lines.join("\n")).replace('\n', "%0A"),
        format!("b'{standard}'"),
    ];
    for (number, spelling) in spellings.iter().enumerate() {
        stage
            .send(&created(&format!("run{number}"), json!(spelling)))
            .await;
    }
    stage.receiver.wait_for(spellings.len()).await;
    stage.settled().await;
    assert_eq!(stage.dispatches().await.len(), spellings.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn of_too_many_the_first_good_ones_count() {
    let stage = Stage::with(&[("AdHocWebhooksPerRun", "2")]).await;
    let good = |path| ad_hoc(&["CREATED"], &stage.receiver.url(path));
    let list = json!([
        {},
        good("/one"),
        good("/two"),
        good("/three"),
        good("/four")
    ]);
    stage.send(&created("run1", json!(base64(&list)))).await;
    stage.receiver.wait_for(2).await;
    stage.settled().await;
    let heard = ["/one", "/two", "/three"].map(|path| stage.receiver.received_at(path).len());
    assert_eq!(heard, [1, 1, 0]);
    let told = rejected(&stage, "run1").await;
    assert_eq!(told["count"], 3, "{told}");
    assert_eq!(
        told["reasons"][1]["reason"],
        "5 ad hoc webhooks; one run may have 2: those from [3] on are left out"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_build_loses_nothing_but_the_list_that_it_cannot_have() {
    let log = Log::of("ad_hoc_of_a_build");
    let stage = log.stage(&[]).await;
    let definition = json!({
        "eventTypes": ["ACTOR.BUILD.SUCCEEDED"], "condition": {"actorId": "actor1"},
        "requestUrl": stage.receiver.url("/hook"),
    });
    let (status, _) = stage.api("POST", "/v2/webhooks", Some(&definition)).await;
    assert_eq!(status, 201);
    let mut build = created("run1", json!(base64(&json!([definition]))));
    build["eventType"] = json!("ACTOR.BUILD.SUCCEEDED");
    build["eventData"] = json!({"actorId": "actor1", "actorBuildId": "run1"});
    stage.send(&build).await;
    stage.receiver.wait_for(1).await;
    stage.settled().await;
    assert!(stage.rejected().await.is_empty());
    let written = log.written(stage).await;
    assert_eq!(values(&written, "AdHocRejected"), [1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_another_run_has_taken_is_told() {
    let stage = Stage::new().await;
    let mut keyed = ad_hoc(&["CREATED"], &stage.receiver.url("/hook"));
    keyed["idempotencyKey"] = json!("key1");
    let list = json!(base64(&json!([keyed])));
    stage.send(&created("run1", list.clone())).await;
    stage.receiver.wait_for(1).await;
    stage.settled().await;
    stage.send(&created("run2", list)).await;
    stage.settled().await;
    assert_eq!(stage.receiver.received().len(), 1);
    assert_eq!(rejected(&stage, "run1").await["count"], 0);
    let told = rejected(&stage, "run2").await;
    assert_eq!(
        told["reasons"][0]["reason"],
        "[0].idempotencyKey: is taken by another webhook"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_said_about_an_ad_hoc_webhook_is_kept_and_one_that_is_off_waits() {
    let stage = Stage::new().await;
    let mut off = ad_hoc(&["CREATED"], &stage.receiver.url("/hook"));
    off["description"] = json!("for the books");
    off["isEnabled"] = json!(false);
    stage
        .send(&created("run1", json!(base64(&json!([off])))))
        .await;
    stage.settled().await;
    assert_eq!(stage.dispatches().await.len(), 0);
    let (_, matches) = stage
        .api("GET", "/v2/actor-runs/run1/webhook-matches", None)
        .await;
    let webhook = &matches["data"]["items"][0]["webhooks"][0];
    assert_eq!(webhook["reason"], "DISABLED", "{matches}");
    let path = format!(
        "/v2/webhooks/{}",
        webhook["webhookId"].as_str().expect("an id")
    );
    let on = json!({"isEnabled": true});
    let (_, changed) = stage.api("PUT", &path, Some(&on)).await;
    assert_eq!(changed["data"]["description"], "for the books");
    stage.receiver.wait_for(1).await;
    stage.settled().await;
}
