//! G3: a standing webhook gets one dispatch per event; a redelivered event finds the dispatch that is there.

use serde_json::json;

use crate::run::Run;
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
