//! How the API deals with those who ask too much, too often, or in circles.

use std::collections::BTreeSet;

use bytes::Bytes;
use hyper::Response;
use serde_json::{Value, json};

use crate::run::Run;
use crate::stage::{Stage, json_of};

#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_that_is_sent_to_its_own_trial_comes_to_rest() {
    let stage = Stage::with(&[("RetryScheduleSeconds", "1")]).await;
    let id = stage
        .webhook(&["SUCCEEDED"], json!({"actorId": "actor1"}), "/hook")
        .await;
    let (api, token) = (&stage.platform.endpoints().api, stage.token());
    let own = json!({"requestUrl": format!("{api}/v2/webhooks/{id}/test?token={token}")});
    let path = format!("/v2/webhooks/{id}");
    assert_eq!(stage.api("PUT", &path, Some(&own)).await.0, 200);
    assert_eq!(
        stage.api("POST", &format!("{path}/test"), None).await.0,
        201
    );
    stage.settled().await;
    let [trial] = &stage.dispatches().await[..] else {
        panic!("more than the one that was asked for")
    };
    let status = trial.calls[0]["status"].as_n().expect("an answer");
    assert_eq!((trial.status.as_str(), status.as_str()), ("FAILED", "403"));
    let body = trial.calls[0]["body"].as_s().expect("a body");
    assert!(body.contains("insufficient-permissions"), "{body}");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_asks_too_often_within_a_minute_is_told_when_to_come_again() {
    let parameters = [
        ("TestsPerMinute", "3"),
        ("RedeliveryRequestsPerMinute", "3"),
        ("WebhookChangesPerMinute", "4"),
        ("HeavyReadsPerMinute", "3"),
    ];
    let stage = Stage::with(&parameters).await;
    let id = stage
        .webhook(&["SUCCEEDED"], json!({"actorId": "actor1"}), "/hook")
        .await;
    let test = format!("/v2/webhooks/{id}/test");
    let (_, trial) = stage.api("POST", &test, None).await;
    stage.settled().await;
    let trial = trial["data"]["id"].as_str().expect("an id");
    let other = stage.token_of("another").await;
    for (what, method, path, body) in [
        ("test deliveries", "POST", test, None),
        (
            "redeliveries",
            "POST",
            format!("/v2/webhook-dispatches/{trial}/redeliver"),
            None,
        ),
        (
            "definitions and changes of webhooks",
            "PUT",
            format!("/v2/webhooks/{id}"),
            Some(json!({"title": "t"})),
        ),
        (
            "reads of this kind",
            "GET",
            "/v2/actor-runs/run1/webhook-matches".to_owned(),
            None,
        ),
        (
            "reads of this kind",
            "GET",
            format!("/v2/webhooks/{id}/dispatches?offset=5000"),
            None,
        ),
    ] {
        let mut statuses = BTreeSet::new();
        // More than two minutes have room for: the clock may strike in between.
        for _ in 0..9 {
            let sent = body.as_ref().map_or_else(String::new, Value::to_string);
            let token = stage.token();
            let answer = stage.ask(&token, method, &path, &JSON, sent.into()).await;
            if answer.status() == 429 {
                assert_says_when_to_come_again(&answer, what);
            }
            statuses.insert(answer.status().as_u16());
        }
        assert!(statuses.contains(&429), "{path}: {statuses:?}");
        // Nobody else has to wait, and neither do ordinary reads.
        let status = stage.api_as(&other, method, &path, body.as_ref()).await.0;
        assert_ne!(status, 429, "{path}");
        assert_eq!(stage.api("GET", "/v2/webhooks", None).await.0, 200);
    }
    // A minute later there is room again.
    stage.advance(std::time::Duration::from_secs(60));
    let test = format!("/v2/webhooks/{id}/test");
    assert_eq!(stage.api("POST", &test, None).await.0, 201);
}

const JSON: [(&str, &str); 1] = [("content-type", "application/json")];

fn assert_says_when_to_come_again(answer: &Response<Bytes>, what: &str) {
    let header = |name: &str| answer.headers()[name].to_str().expect("a text").to_owned();
    let wait: u64 = header("retry-after").parse().expect("seconds");
    assert!((1..=60).contains(&wait), "{wait}");
    assert!(["3", "4"].contains(&header("x-ratelimit-limit").as_str()));
    let error = &json_of(answer)["error"];
    assert_eq!(error["type"], "rate-limit-exceeded");
    let message = error["message"].as_str().expect("a message");
    assert!(message.contains(what), "{message}");
}

#[tokio::test(flavor = "multi_thread")]
async fn deliveries_and_ordinary_reads_are_not_counted() {
    let stage = Stage::new().await;
    let id = stage
        .webhook(&["SUCCEEDED"], json!({"actorId": "actor1"}), "/hook")
        .await;
    let (user, table) = ("U#", &stage.platform.endpoints().tables["WebhooksTable"]);
    let counted = async || {
        let scan = stage.dynamodb.scan().table_name(table).send().await;
        let items = scan.expect("a table").items.unwrap_or_default();
        let counts = items.iter().filter(|item| {
            let pk = item["pk"].as_s().expect("a key");
            pk.starts_with(user) && pk.ends_with("#Y")
        });
        counts.count()
    };
    assert_eq!(counted().await, 1, "the definition");
    stage.send(&Run::new("run1").event("SUCCEEDED", 1)).await;
    stage.settled().await;
    for path in [
        "/v2/webhooks".to_owned(),
        format!("/v2/webhooks/{id}"),
        format!("/v2/webhooks/{id}/dispatches"),
        format!("/v2/webhooks/{id}/notices?limit=1"),
        "/v2/webhook-dispatches?limit=1".to_owned(),
    ] {
        assert_eq!(stage.api("GET", &path, None).await.0, 200);
    }
    assert_eq!(counted().await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_made_is_told_with_its_whole_address_and_can_be_sent_back_as_it_was_answered() {
    let stage = Stage::new().await;
    let api = &stage.platform.endpoints().api;
    let definition = json!({
        "eventTypes": ["ACTOR.RUN.SUCCEEDED"], "condition": {"actorId": "actor1"},
        "requestUrl": stage.receiver.url("/hook"), "payloadTemplate": "{\"a\": {{userId}}}",
    });
    let token = stage.token();
    let body = Bytes::from(definition.to_string());
    let answer = stage.ask(&token, "POST", "/v2/webhooks", &JSON, body).await;
    let made = json_of(&answer)["data"].clone();
    let id = made["id"].as_str().expect("an id");
    let location = format!("{api}/v2/webhooks/{id}");
    assert_eq!(answer.headers()["location"], location.as_str());

    // As it was created, as it is read, and as a list has it.
    let path = format!("/v2/webhooks/{id}");
    assert_eq!(
        stage.api("POST", &format!("{path}/test"), None).await.0,
        201
    );
    stage.settled().await;
    let read = stage.api("GET", &path, None).await.1["data"].clone();
    assert!(read["lastDispatch"].is_object(), "{read}");
    let list = stage.api("GET", "/v2/webhooks", None).await.1;
    for body in [&made, &read, &list["data"]["items"][0]] {
        let (status, updated) = stage.api("PUT", &path, Some(body)).await;
        assert_eq!(status, 200, "{updated}");
        assert_eq!(updated["data"]["id"], made["id"]);
        let (status, copy) = stage.api("POST", "/v2/webhooks", Some(body)).await;
        assert_eq!(status, 201, "{copy}");
        assert_ne!(copy["data"]["id"], made["id"]);
        assert_eq!(copy["data"]["payloadTemplate"], made["payloadTemplate"]);
    }
}
