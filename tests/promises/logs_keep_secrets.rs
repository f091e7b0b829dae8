//! Nothing that a user has entrusted to us is in any log, whatever the level: tokens, payloads,
//! headers, paths and queries of URLs, keys.

use std::time::Duration;

use serde_json::{Value, json};

use crate::log::Log;
use crate::master_key;
use crate::receiver::Answer;
use crate::run::Run;
use crate::stage::Stage;

const IN_PAYLOAD: &str = "secret-of-the-run";
const IN_HEADER: &str = "secret-of-the-receiver";
const IN_PATH: &str = "secret-in-the-path";
const IN_QUERY: &str = "secret-in-the-query";

#[tokio::test(flavor = "multi_thread")]
async fn at_the_lowest_level_our_own_lines_are_written_and_no_secret() {
    let log = Log::of("logs_keep_secrets");
    let parameters = [("LogLevel", "TRACE"), ("RetryScheduleSeconds", "1,2000")];
    let stage = log.stage(&parameters).await;
    let secrets = use_secrets(&stage).await;
    let written = log.written(stage).await;
    for secret in secrets {
        assert!(!secret.is_empty());
        let line = written.lines().find(|line| line.contains(&secret));
        assert_eq!(line, None, "{secret}");
    }
    for ours in [
        "rejected an event",
        "an attempt has failed",
        // Of the lowest level that we write at.
        "no connection",
        "nothing to send",
        "\"EventsRejected\":1",
        "\"RetriesSent\":2",
    ] {
        assert!(written.contains(ours), "{ours:?} is not in the log");
    }
}

/// Takes the functions through what they do with secrets, and returns these.
async fn use_secrets(stage: &Stage) -> Vec<String> {
    let path = format!("/{IN_PATH}");
    let answers = [500, 500, 200].map(Answer::Status);
    stage.receiver.script(&path, &answers);
    let nobody = format!("http://127.0.0.1:1/{IN_PATH}?key={IN_QUERY}");
    let hook = format!("{}?key={IN_QUERY}", stage.receiver.url(&path));
    let definition = |url: &str| {
        json!({
            "eventTypes": ["ACTOR.RUN.SUCCEEDED"], "condition": {"actorId": "actor1"}, "requestUrl": url,
            "headersTemplate": format!(r#"{{"Authorization": "Bearer {IN_HEADER}"}}"#),
        })
    };
    let made = call(stage, "POST", "/v2/webhooks", Some(&definition(&hook))).await;
    let with_token = format!("/v2/webhooks?token={}", stage.token());
    let lost = call(stage, "POST", &with_token, Some(&definition(&nobody))).await;
    let id = made["id"].as_str().expect("an id");
    let secret = call(stage, "GET", &format!("/v2/webhooks/{id}/secret"), None).await;

    let mut event = Run::new("run1").event("SUCCEEDED", 1);
    event["resource"]["input"] = json!(IN_PAYLOAD);
    assert!(stage.sweep().await);
    stage.send(&event).await;
    event["eventType"] = json!("ACTOR.RUN.EXPLODED");
    stage.send(&event).await;
    stage.receiver.wait_for(2).await;
    // The second attempt of the other one may still be delayed.
    stage.advance(Duration::from_secs(5));
    stage.attempted().await;
    let removed = format!("/v2/webhooks/{}", lost["id"].as_str().expect("an id"));
    stage.api("DELETE", &removed, None).await;
    stage.advance(Duration::from_secs(3000));
    assert!(stage.sweep().await);
    stage.receiver.wait_for(3).await;
    stage.settled().await;

    let keys = master_key::read(stage).await;
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    let key = text(&secret["key"]);
    vec![
        stage.token(),
        key.trim_start_matches("whsec_").to_owned(),
        text(&keys["current"]),
        IN_PAYLOAD.to_owned(),
        IN_HEADER.to_owned(),
        IN_PATH.to_owned(),
        IN_QUERY.to_owned(),
        // What an AWS SDK signs with, and a signature of ours.
        "AWS4-HMAC-SHA256".to_owned(),
        "v1,".to_owned(),
    ]
}

async fn call(stage: &Stage, method: &str, path: &str, body: Option<&Value>) -> Value {
    let (status, answer) = stage.api(method, path, body).await;
    assert!(status < 300, "{method} {path}: {answer}");
    answer["data"].clone()
}
