//! G11: every dispatch can be redelivered by its owner until its record expires, one by its id, or
//! all of a webhook that have failed.

mod all_that_failed;
mod full_records;
mod rivals;

use std::collections::BTreeSet;
use std::time::Duration;

use futures::future::join_all;
use local::gateway::kill::Moment;
use serde_json::{Value, json};

use crate::receiver::Answer;
use crate::run::Run;
use crate::stage::{Recorded, Stage};

const MINUTE: Duration = Duration::from_secs(60);
const OK: [Answer; 1] = [Answer::Status(200)];
const DOWN: [Answer; 1] = [Answer::Status(500)];

#[tokio::test(flavor = "multi_thread")]
async fn g11_a_failed_dispatch_is_redelivered_under_its_id_and_keeps_its_calls() {
    let (stage, _) = down("1", 1).await;
    stage.receiver.script("/hook", &OK);
    let before = the_dispatch(&stage).await;
    let (status, answer) = redeliver(&stage, &before.id).await;
    assert_eq!((status, &answer["data"]["status"]), (202, &json!("ACTIVE")));
    assert_eq!(answer["data"]["calls"].as_array().map(Vec::len), Some(2));
    stage.receiver.wait_for(3).await;
    let after = the_dispatch(&stage).await;
    assert_eq!((after.status.as_str(), after.attempts), ("SUCCEEDED", 3));
    assert_eq!((&after.id, after.reason), (&before.id, None));
    assert_eq!(after.calls[..2], before.calls);
    let received = stage.receiver.received();
    let ids: BTreeSet<_> = received
        .iter()
        .map(|post| post.header("webhook-id"))
        .collect();
    assert_eq!(ids, [before.id.as_str()].into());
}

#[tokio::test(flavor = "multi_thread")]
async fn g11_a_delivered_dispatch_is_delivered_again_as_often_as_its_owner_asks() {
    let stage = Stage::new().await;
    webhook(&stage).await;
    succeed(&stage, 1).await;
    stage.receiver.wait_for(1).await;
    for posts in 2..=4 {
        let id = the_dispatch(&stage).await.id;
        assert_eq!(redeliver(&stage, &id).await.0, 202);
        stage.receiver.wait_for(posts).await;
        let dispatch = the_dispatch(&stage).await;
        assert_eq!(dispatch.status, "SUCCEEDED");
        assert_eq!(stage.receiver.received().len(), posts);
        assert_eq!(dispatch.calls.len(), posts);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn g11_the_schedule_of_retries_begins_anew() {
    let (stage, _) = down("1,1", 1).await;
    for rounds in 2..=3 {
        let dispatch = the_dispatch(&stage).await;
        assert_eq!(redeliver(&stage, &dispatch.id).await.0, 202);
        stage.receiver.wait_for(3 * rounds).await;
        let dispatch = the_dispatch(&stage).await;
        assert_eq!(dispatch.calls.len(), 3 * rounds);
        assert_eq!(dispatch.reason.as_deref(), Some("All 2 retries failed"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn g11_many_who_ask_at_once_get_one_attempt() {
    let (stage, _) = down("1", 1).await;
    stage.receiver.script("/hook", &[Answer::Hang]);
    let id = the_dispatch(&stage).await.id;
    let all = join_all((0..6).map(|_| redeliver(&stage, &id))).await;
    assert!(all.iter().all(|(status, _)| *status == 202), "{all:?}");
    stage.receiver.wait_for(3).await;
    stage.receiver.release();
    stage.attempted().await;
    // Messages that met the attempt while it was being made come again when its lease is over.
    stage.advance(4 * MINUTE);
    let dispatch = the_dispatch(&stage).await;
    assert_eq!(
        (dispatch.status.as_str(), dispatch.calls.len()),
        ("SUCCEEDED", 3)
    );
    assert_eq!(stage.receiver.received().len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn g11_a_retry_that_waits_comes_forward_and_is_made_once() {
    let stage = Stage::with(&[("RetryScheduleSeconds", "2000")]).await;
    stage
        .receiver
        .script("/hook", &[Answer::Status(500), Answer::Hang]);
    webhook(&stage).await;
    assert!(stage.sweep().await);
    succeed(&stage, 1).await;
    stage.receiver.wait_for(1).await;
    let id = the_dispatch(&stage).await.id;
    let all = join_all((0..3).map(|_| redeliver(&stage, &id))).await;
    assert!(all.iter().all(|(status, _)| *status == 202), "{all:?}");
    // Whoever asks when it has ended asks for another one.
    stage.receiver.wait_for(2).await;
    stage.receiver.release();
    stage.attempted().await;
    stage.advance(60 * MINUTE);
    assert!(stage.sweep().await);
    stage.settled().await;
    let dispatch = the_dispatch(&stage).await;
    assert_eq!(
        (dispatch.status.as_str(), dispatch.calls.len()),
        ("SUCCEEDED", 2)
    );
    assert_eq!(stage.receiver.received().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn g11_a_request_that_dies_before_it_sends_is_made_good_by_a_repeat_or_by_the_sweeper() {
    let (stage, _) = down("1", 1).await;
    stage.receiver.script("/hook", &OK);
    let id = the_dispatch(&stage).await.id;
    assert!(stage.sweep().await);
    // Token, count, dispatch, webhook, where to begin sweeping, reminder, record: the eighth call
    // sends.
    for posts in [3, 4] {
        let kill = stage.kill_at("api", 8, Moment::BeforeCall);
        assert_ne!(redeliver(&stage, &id).await.0, 202);
        // Its caller may hear of the end before the host does.
        kill.fired().await;
        let left = the_dispatch(&stage).await;
        assert_eq!(
            (left.status.as_str(), left.calls.len()),
            ("ACTIVE", posts - 1)
        );
        if posts == 3 {
            assert_eq!(redeliver(&stage, &id).await.0, 202);
        } else {
            stage.advance(20 * MINUTE);
            assert!(stage.sweep().await);
        }
        stage.receiver.wait_for(posts).await;
        assert_eq!(the_dispatch(&stage).await.status, "SUCCEEDED");
        assert_eq!(stage.receiver.received().len(), posts);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn g11_what_cannot_be_delivered_to_is_refused_with_the_reason() {
    let (stage, id) = down("1", 1).await;
    let dispatch = the_dispatch(&stage).await.id;
    let webhook = format!("/v2/webhooks/{id}");
    let bulk = format!("{webhook}/redeliver-failed");
    enable(&stage, &id, false).await;
    for path in [
        format!("/v2/webhook-dispatches/{dispatch}/redeliver"),
        bulk.clone(),
    ] {
        refused(&stage, &path, "enable it first").await;
    }
    enable(&stage, &id, true).await;
    assert_eq!(redeliver(&stage, &dispatch).await.0, 202);
    stage.receiver.wait_for(4).await;
    stage.settled().await;
    assert_eq!(stage.api("DELETE", &webhook, None).await.0, 204);
    for path in [format!("/v2/webhook-dispatches/{dispatch}/redeliver"), bulk] {
        refused(&stage, &path, "was removed").await;
    }
    let readable = format!("/v2/webhook-dispatches/{dispatch}");
    assert_eq!(stage.api("GET", &readable, None).await.0, 200);
}

/// A platform on which so many dispatches of one webhook, at `/hook`, have failed; and the webhook.
async fn down(schedule: &str, dispatches: usize) -> (Stage, String) {
    let stage = Stage::with(&[("RetryScheduleSeconds", schedule)]).await;
    stage.receiver.script("/hook", &DOWN);
    let id = webhook(&stage).await;
    for number in 1..=dispatches {
        succeed(&stage, number).await;
    }
    let attempts = 1 + schedule.split(',').count();
    stage.receiver.wait_for(attempts * dispatches).await;
    stage.settled().await;
    let failed = stage.dispatches().await;
    assert!(
        failed.iter().all(|one| one.status == "FAILED"),
        "{failed:?}"
    );
    (stage, id)
}

async fn webhook(stage: &Stage) -> String {
    let condition = json!({"actorId": "actor1"});
    stage.webhook(&["SUCCEEDED"], condition, "/hook").await
}

/// Run `number` succeeds, so many seconds into the hour.
async fn succeed(stage: &Stage, number: usize) {
    let second = u32::try_from(number).expect("a small number");
    let run = Run::new(&format!("run{number}"));
    stage.send(&run.event("SUCCEEDED", second)).await;
}

async fn redeliver(stage: &Stage, dispatch: &str) -> (u16, Value) {
    let path = format!("/v2/webhook-dispatches/{dispatch}/redeliver");
    stage.api("POST", &path, None).await
}

async fn refused(stage: &Stage, path: &str, why: &str) {
    let (status, answer) = stage.api("POST", path, None).await;
    assert_eq!(
        (status, &answer["error"]["type"]),
        (409, &json!("cannot-redeliver")),
        "{answer}"
    );
    let message = answer["error"]["message"].as_str().expect("a message");
    assert!(message.contains(why), "{message}");
}

async fn enable(stage: &Stage, webhook: &str, enabled: bool) {
    let path = format!("/v2/webhooks/{webhook}");
    let change = json!({"isEnabled": enabled});
    let (status, answer) = stage.api("PUT", &path, Some(&change)).await;
    assert_eq!(status, 200, "{answer}");
}

async fn the_dispatch(stage: &Stage) -> Recorded {
    stage.settled().await;
    stage.dispatches().await.pop().expect("a dispatch")
}
