//! Alarms about tables that have too much to do.

use serde_json::json;

use super::Watched;
use crate::run::Run;
use crate::stage::Stage;

#[tokio::test(flavor = "multi_thread")]
async fn reads_of_webhooks_that_are_throttled() {
    let stage = Stage::new().await;
    let alarm = Watched::off(&stage, "WebhooksReadThrottlesAlarm").await;
    let throttled = stage.throttled("api", &["GetItem", "Query"]);
    let list = async || drop(stage.api("GET", "/v2/webhooks", None).await);
    alarm.goes_on(list).await;
    drop(throttled);
    alarm.goes_off(list).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn writes_of_webhooks_that_are_throttled() {
    let stage = Stage::new().await;
    let alarm = Watched::off(&stage, "WebhooksWriteThrottlesAlarm").await;
    let throttled = stage.throttled("api", &["PutItem", "TransactWriteItems", "UpdateItem"]);
    let definition = json!({
        "eventTypes": ["ACTOR.RUN.SUCCEEDED"], "condition": {"actorId": "actor1"}, "requestUrl": stage.receiver.url("/hook"),
    });
    let define = async || drop(stage.api("POST", "/v2/webhooks", Some(&definition)).await);
    alarm.goes_on(define).await;
    drop(throttled);
    alarm.goes_off(define).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn reads_of_dispatches_that_are_throttled() {
    let stage = Stage::new().await;
    let condition = json!({"actorId": "actor1"});
    let webhook = stage.webhook(&["SUCCEEDED"], condition, "/hook").await;
    let alarm = Watched::off(&stage, "DispatchesReadThrottlesAlarm").await;
    let throttled = stage.throttled("api", &["Query"]);
    let path = format!("/v2/webhooks/{webhook}/dispatches");
    let list = async || drop(stage.api("GET", &path, None).await);
    alarm.goes_on(list).await;
    drop(throttled);
    alarm.goes_off(list).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn writes_of_dispatches_that_are_throttled() {
    let stage = Stage::new().await;
    let condition = json!({"actorId": "actor1"});
    stage.webhook(&["SUCCEEDED"], condition, "/hook").await;
    let alarm = Watched::off(&stage, "DispatchesWriteThrottlesAlarm").await;
    let throttled = stage.throttled("ingest", &["BatchWriteItem", "PutItem"]);
    let mut runs = 0;
    let send = async || {
        runs += 1;
        let event = Run::new(&format!("run{runs}")).event("SUCCEEDED", 1);
        stage.send(&event).await;
    };
    alarm.goes_on(send).await;
    drop(throttled);
    alarm.goes_off(super::nothing).await;
    // What failed is hidden for a while.
    stage.give_back("EventQueue");
    stage.receiver.wait_for(1).await;
}
