//! The API, called as its users call it.

use serde_json::json;

use crate::receiver::Answer;
use crate::run::Run;
use crate::stage::Stage;

#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_is_created_read_listed_and_deleted() {
    let stage = Stage::new().await;
    let id = stage
        .webhook(&["SUCCEEDED"], json!({"actorId": "actor1"}), "/hook")
        .await;
    let (status, one) = stage.api("GET", &format!("/v2/webhooks/{id}"), None).await;
    assert_eq!(
        (status, &one["data"]["condition"]),
        (200, &json!({"actorId": "actor1"}))
    );
    let (status, list) = stage.api("GET", "/v2/webhooks", None).await;
    assert_eq!(
        (
            status,
            &list["data"]["total"],
            &list["data"]["items"][0]["id"]
        ),
        (200, &json!(1), &json!(id))
    );
    assert_eq!(
        stage
            .api("DELETE", &format!("/v2/webhooks/{id}"), None)
            .await
            .0,
        204
    );
    let (status, error) = stage.api("GET", &format!("/v2/webhooks/{id}"), None).await;
    assert_eq!(
        (status, &error["error"]["type"]),
        (404, &json!("record-not-found"))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_idempotency_key_makes_one_webhook_however_often_it_is_used() {
    let stage = Stage::new().await;
    let definition = json!({
        "eventTypes": ["ACTOR.RUN.FAILED"], "condition": {"actorId": "actor1"}, "requestUrl": "https://example.com/",
        "idempotencyKey": "key1",
    });
    let (_, first) = stage.api("POST", "/v2/webhooks", Some(&definition)).await;
    let (status, second) = stage.api("POST", "/v2/webhooks", Some(&definition)).await;
    assert_eq!((status, &second["data"]["id"]), (201, &first["data"]["id"]));
    assert_eq!(
        stage.api("GET", "/v2/webhooks", None).await.1["data"]["total"],
        1
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_dispatches_of_a_webhook_show_every_call() {
    let stage = Stage::with(&[("RetryScheduleSeconds", "1")]).await;
    stage
        .receiver
        .script("/hook", &[Answer::Status(500), Answer::Status(200)]);
    let id = stage
        .webhook(&["SUCCEEDED"], json!({"actorId": "actor1"}), "/hook")
        .await;
    stage.send(&Run::new("run1").event("SUCCEEDED", 1)).await;
    stage.receiver.wait_for(2).await;
    stage.settled().await;
    let (status, page) = stage
        .api("GET", &format!("/v2/webhooks/{id}/dispatches"), None)
        .await;
    assert_eq!(status, 200, "{page}");
    let dispatch = &page["data"]["items"][0];
    assert_eq!(dispatch["status"], "SUCCEEDED");
    assert_eq!(dispatch["eventType"], "ACTOR.RUN.SUCCEEDED");
    assert_eq!(dispatch["eventData"]["actorId"], "actor1");
    assert_eq!(dispatch["calls"][0]["responseStatus"], 500);
    assert_eq!(dispatch["calls"][1]["responseStatus"], 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_webhook_ends_its_waiting_dispatches_and_hears_no_further_events() {
    let stage = Stage::with(&[("RetryScheduleSeconds", "1")]).await;
    stage.receiver.script("/hook", &[Answer::Status(500)]);
    let id = stage
        .webhook(&["SUCCEEDED"], json!({"actorId": "actor1"}), "/hook")
        .await;
    stage.send(&Run::new("run1").event("SUCCEEDED", 1)).await;
    stage.receiver.wait_for(1).await;
    assert_eq!(
        stage
            .api("DELETE", &format!("/v2/webhooks/{id}"), None)
            .await
            .0,
        204
    );
    stage.send(&Run::new("run2").event("SUCCEEDED", 1)).await;
    stage.settled().await;
    let [dispatch] = &stage.dispatches().await[..] else {
        panic!("one dispatch")
    };
    assert_eq!(dispatch.status, "FAILED");
    assert_eq!(dispatch.reason.as_deref(), Some("Webhook was removed."));
}

#[tokio::test(flavor = "multi_thread")]
async fn every_refusal_has_its_status_and_names_what_is_wrong() {
    let stage = Stage::new().await;
    let unknown = stage.api_as("wrong", "GET", "/v2/webhooks", None).await;
    assert_eq!(unknown.0, 401, "{unknown:?}");
    assert_eq!(
        stage.api("GET", "/v2/nothing", None).await.1["error"]["type"],
        "page-not-found"
    );
    assert_eq!(stage.api("PATCH", "/v2/webhooks", None).await.0, 405);
    let (status, error) = stage
        .api(
            "POST",
            "/v2/webhooks",
            Some(&json!({"eventTypes": ["NOPE"]})),
        )
        .await;
    assert_eq!(status, 400);
    assert!(
        error["error"]["message"].as_str().unwrap().contains("NOPE"),
        "{error}"
    );
}
