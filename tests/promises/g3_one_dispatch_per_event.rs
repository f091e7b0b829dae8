//! G3: a standing webhook gets one dispatch per event; a repeated event finds the dispatch that
//! exists.

use serde_json::json;

use crate::run::{Run, ad_hoc};
use crate::stage::Stage;

#[tokio::test(flavor = "multi_thread")]
async fn g3_a_redelivered_event_finds_the_dispatch_that_is_there() {
    let stage = Stage::new().await;
    stage
        .webhook(&["SUCCEEDED"], json!({"actorId": "actor1"}), "/hook")
        .await;
    let event = Run::new("run1").event("SUCCEEDED", 1);
    stage.send(&event).await;
    stage.receiver.wait_for(1).await;
    stage.settled().await;
    for _ in 0..3 {
        stage.send(&event).await;
    }
    stage.settled().await;
    assert_eq!(stage.receiver.received().len(), 1);
    assert_eq!(stage.dispatches().await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn g3_each_webhook_gets_its_own_dispatch_of_each_event_that_it_waits_for() {
    let stage = Stage::new().await;
    stage
        .webhook(
            &["CREATED", "SUCCEEDED"],
            json!({"actorId": "actor1"}),
            "/actor",
        )
        .await;
    stage
        .webhook(&["SUCCEEDED"], json!({"actorTaskId": "task1"}), "/task")
        .await;
    stage
        .webhook(&["SUCCEEDED"], json!({"actorRunId": "run1"}), "/run")
        .await;
    stage
        .webhook(&["SUCCEEDED"], json!({"actorId": "actor2"}), "/other")
        .await;
    let run = Run::new("run1").of_task("task1");
    stage.send(&run.event("CREATED", 0)).await;
    stage.send(&run.event("SUCCEEDED", 1)).await;
    stage.receiver.wait_for(4).await;
    stage.settled().await;
    let count = |path| stage.receiver.received_at(path).len();
    assert_eq!(
        (
            count("/actor"),
            count("/task"),
            count("/run"),
            count("/other")
        ),
        (2, 1, 1, 0)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn g3_a_run_that_succeeds_again_after_a_resurrection_is_a_new_event() {
    let stage = Stage::new().await;
    stage
        .webhook(&["SUCCEEDED"], json!({"actorId": "actor1"}), "/hook")
        .await;
    let run = Run::new("run1");
    stage.send(&run.event("SUCCEEDED", 1)).await;
    stage.send(&run.event("SUCCEEDED", 9)).await;
    stage.receiver.wait_for(2).await;
    stage.settled().await;
    assert_eq!(stage.dispatches().await.len(), 2);
}

/// A run is created once: its messages need not agree about when, and need not say so in the same
/// words.
#[tokio::test(flavor = "multi_thread")]
async fn g3_a_run_is_created_once_whatever_its_messages_say() {
    let stage = Stage::new().await;
    let condition = json!({"actorId": "actor1"});
    stage.webhook(&["CREATED"], condition, "/standing").await;
    for (run, batch) in [("run1", true), ("run2", false)] {
        let run = Run::new(run);
        let mut ready = run.event("CREATED", 0);
        ready["eventType"] = json!(null);
        let mut named = run.event("CREATED", 3);
        named["eventId"] = json!("transition1");
        named["resource"]["startedAt"] = json!("later");
        let mut with = run.created_with(&json!([ad_hoc(
            &["CREATED"],
            &stage.receiver.url("/ad-hoc")
        )]));
        with["createdAt"] = run.event("CREATED", 7)["createdAt"].clone();
        let messages = [ready, named, with];
        if batch {
            assert!(stage.ingest(&messages).await.is_empty());
        } else {
            for message in messages {
                assert!(stage.ingest(&[message]).await.is_empty());
            }
        }
        stage.settled().await;
        let path = format!("/v2/actor-runs/{}/webhook-matches", run.id);
        let (_, matches) = stage.api("GET", &path, None).await;
        let events = &matches["data"];
        assert_eq!(events["total"], 1, "{events}");
        for webhook in events["items"][0]["webhooks"].as_array().expect("webhooks") {
            assert_eq!(webhook["reason"], "TRIGGERED", "{events}");
        }
    }
    for path in ["/standing", "/ad-hoc"] {
        assert_eq!(stage.receiver.received_at(path).len(), 2, "{path}");
    }
    assert_eq!(stage.dispatches().await.len(), 4);
}
