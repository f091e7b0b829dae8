//! What follows from the way endpoints behave: patience, silence, a lane of their own, and the end.

mod dead;
mod neighbours;

use std::time::Duration;

use serde_json::{Value, json};

use crate::receiver::Answer;
use crate::run::Run;
use crate::stage::Stage;

const MINUTE: Duration = Duration::from_secs(60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

#[tokio::test(flavor = "multi_thread")]
async fn retry_after_makes_a_wait_longer_and_never_shorter() {
    for (answer, waits) in [
        (Answer::RetryAfter(503, "600"), Duration::from_secs(600)),
        (Answer::RetryAfter(429, "600"), Duration::from_secs(600)),
        (Answer::RetryAfter(503, "1"), Duration::from_secs(45)),
        (Answer::RetryAfter(500, "600"), Duration::from_secs(45)),
        // As a date, and no longer than a day.
        (
            Answer::RetryAfter(503, "Thu, 31 Dec 2099 23:59:59 GMT"),
            DAY,
        ),
    ] {
        let stage = Stage::with(&[("RetryScheduleSeconds", "60")]).await;
        stage
            .receiver
            .script("/hook", &[answer, Answer::Status(200)]);
        stage
            .webhook(&["SUCCEEDED"], json!({"actorId": "actor1"}), "/hook")
            .await;
        succeed(&stage, 1).await;
        stage.receiver.wait_for(1).await;
        stage.attempted().await;
        stage.advance(waits - Duration::from_secs(15));
        // What no queue can hold for so long is the sweeper's.
        assert!(stage.sweep().await);
        stage.attempted().await;
        assert_eq!(stage.receiver.received().len(), 1, "{answer:?}: too early");
        // The wait itself may be longer by chance, but not by more than a quarter.
        stage.advance(Duration::from_secs(60));
        stage.receiver.wait_for(2).await;
        stage.settled().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receiver_that_answers_410_switches_its_webhook_off() {
    let stage = Stage::new().await;
    stage.receiver.script("/gone", &[Answer::Status(410)]);
    let id = stage
        .webhook(&["SUCCEEDED"], json!({"actorId": "actor1"}), "/gone")
        .await;
    succeed(&stage, 1).await;
    stage.receiver.wait_for(1).await;
    stage.settled().await;
    let webhook = webhook(&stage, &id).await;
    assert_eq!(webhook["isEnabled"], false);
    let because = webhook["disabledReason"].as_str().expect("a reason");
    assert!(because.contains("410"), "{because}");

    // What happens from now on goes on record, and nowhere else.
    succeed(&stage, 2).await;
    stage.settled().await;
    assert_eq!(stage.receiver.received().len(), 1);
    let mut dispatches = stage.dispatches().await;
    dispatches.sort_by_key(|dispatch| dispatch.attempts);
    let seen: Vec<_> = dispatches
        .iter()
        .map(|dispatch| (dispatch.status.as_str(), dispatch.attempts))
        .collect();
    assert_eq!(seen, [("FAILED", 0), ("FAILED", 1)]);
    assert_eq!(
        dispatches[0].reason.as_deref(),
        Some("Webhook was disabled.")
    );

    // Switched on again, it hears of what comes, and the reason is gone.
    stage.receiver.script("/gone", &[Answer::Status(200)]);
    let on = json!({"isEnabled": true});
    let (status, changed) = stage
        .api("PUT", &format!("/v2/webhooks/{id}"), Some(&on))
        .await;
    assert_eq!(
        (status, &changed["data"]["disabledReason"]),
        (200, &Value::Null)
    );
    succeed(&stage, 3).await;
    stage.receiver.wait_for(2).await;
    stage.settled().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_that_accepts_nothing_for_five_days_loses_its_webhook() {
    let stage = Stage::with(&[("RetryScheduleSeconds", "60")]).await;
    stage.receiver.script(
        "/hook",
        &[
            Answer::Status(500),
            Answer::Status(500),
            Answer::Status(200),
            Answer::Status(500),
        ],
    );
    let id = stage
        .webhook(&["SUCCEEDED"], json!({"actorId": "actor1"}), "/hook")
        .await;
    let fail = async |run: u32, posts: usize| {
        succeed(&stage, run).await;
        stage.receiver.wait_for(posts).await;
        stage.attempted().await;
        stage.advance(2 * MINUTE);
        stage.receiver.wait_for(posts + 1).await;
        stage.settled().await;
    };
    fail(1, 1).await;
    // A success in between: the five days begin anew.
    stage.advance(4 * DAY);
    succeed(&stage, 2).await;
    stage.receiver.wait_for(3).await;
    stage.settled().await;
    stage.advance(2 * DAY);
    fail(3, 4).await;
    assert_eq!(webhook(&stage, &id).await["isEnabled"], true);
    stage.advance(4 * DAY);
    fail(4, 6).await;
    assert_eq!(webhook(&stage, &id).await["isEnabled"], true);

    stage.advance(DAY);
    succeed(&stage, 5).await;
    stage.receiver.wait_for(8).await;
    stage.attempted().await;
    let webhook = webhook(&stage, &id).await;
    assert_eq!(webhook["isEnabled"], false);
    assert_eq!(
        webhook["disabledReason"],
        "Its endpoint has accepted nothing for 5 days"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_that_hangs_is_called_in_a_lane_of_its_own_until_it_behaves() {
    let stage = Stage::new().await;
    let slow_lane = stage.platform.queue("SlowDeliveryQueue").expect("a queue");
    stage.receiver.script("/hang", &[Answer::Hang]);
    let id = stage
        .webhook(&["SUCCEEDED"], json!({"actorId": "actor1"}), "/hang")
        .await;
    succeed(&stage, 1).await;
    stage.receiver.wait_for(1).await;
    // It is slow when it has not answered for ten seconds. What comes then goes another way.
    let mut depth = slow_lane.changed();
    let mut run = 1;
    loop {
        run += 1;
        succeed(&stage, run).await;
        let arrived = depth.wait_for(|depth| !depth.is_empty());
        if tokio::time::timeout(Duration::from_secs(2), arrived)
            .await
            .is_ok()
        {
            break;
        }
        assert!(run < 60, "nothing has come to the slow lane");
    }
    stage.receiver.release();
    stage.settled().await;
    // All were delivered, each once.
    let ids: std::collections::BTreeSet<_> = stage
        .receiver
        .received()
        .iter()
        .map(|post| post.header("webhook-id").to_owned())
        .collect();
    assert_eq!(
        (ids.len(), stage.receiver.received().len()),
        (run as usize, run as usize)
    );
    assert_eq!(webhook(&stage, &id).await["stats"]["totalDispatches"], run);
    // It answers at once now: back to the fast lane.
    succeed(&stage, run + 1).await;
    stage.receiver.wait_for(run as usize + 1).await;
    stage.settled().await;
    succeed(&stage, run + 2).await;
    stage.receiver.wait_for(run as usize + 2).await;
    assert!(slow_lane.depth().is_empty());
}

/// A run of the actor succeeds.
async fn succeed(stage: &Stage, run: u32) {
    let event = Run::new(&format!("run{run}")).event("SUCCEEDED", run);
    assert!(stage.ingest(&[event]).await.is_empty());
}

async fn webhook(stage: &Stage, id: &str) -> Value {
    let (status, answer) = stage.api("GET", &format!("/v2/webhooks/{id}"), None).await;
    assert_eq!(status, 200);
    answer["data"].clone()
}
