//! All dispatches of a webhook that have failed, in the background.

use local::gateway::kill::Moment;
use serde_json::{Value, json};

use super::{DOWN, MINUTE, OK, down, enable, redeliver, refused, succeed, webhook};
use crate::receiver::Answer;
use crate::stage::Stage;

#[tokio::test(flavor = "multi_thread")]
async fn g11_all_that_has_failed_is_redelivered_once_though_the_sweeper_dies_again_and_again() {
    const FAILED: usize = 14;
    let parameters = [
        ("RetryScheduleSeconds", "1"),
        ("RedeliveriesPerMinute", "1"),
    ];
    let stage = Stage::with(&parameters).await;
    stage.receiver.script("/hook", &DOWN);
    let id = webhook(&stage).await;
    for number in 1..=FAILED {
        succeed(&stage, number).await;
    }
    stage.receiver.wait_for(2 * FAILED).await;
    stage.settled().await;
    stage.receiver.script("/hook", &OK);
    // What was delivered is none of the job's business.
    succeed(&stage, FAILED + 1).await;
    stage.receiver.wait_for(2 * FAILED + 1).await;
    stage.settled().await;

    let job = start(&stage, &id, "").await;
    assert_eq!(
        (&job["status"], &job["found"], &job["left"]),
        (&json!("RUNNING"), &json!(FAILED), &json!(FAILED))
    );
    assert_eq!(start(&stage, &id, "").await["id"], job["id"]);
    let other = format!("/v2/webhooks/{id}/redeliver-failed?since=2026-01-09T15:00:03Z");
    refused(&stage, &other, "another range").await;

    let progress = carry_on_with_deaths(&stage, &id, &job).await;
    assert_eq!(progress.last(), Some(&(FAILED as u64)), "{progress:?}");
    let dispatches = stage.dispatches().await;
    let of = |calls: usize| {
        dispatches
            .iter()
            .filter(|one| one.calls.len() == calls)
            .count()
    };
    assert_eq!((of(3), of(1), dispatches.len()), (FAILED, 1, FAILED + 1));
    assert!(dispatches.iter().all(|one| one.status == "SUCCEEDED"));
    assert_eq!(stage.receiver.received().len(), 3 * FAILED + 1);
}

/// Continues a job, one dispatch a minute, with sweepers that die at each of their calls. Returns
/// how many were redelivered after each minute.
async fn carry_on_with_deaths(stage: &Stage, id: &str, job: &Value) -> Vec<u64> {
    assert!(stage.sweep().await);
    stage.advance(MINUTE);
    let (mut killed, mut progress) = (0, Vec::new());
    for round in 0..30 {
        let moment = if round % 2 == 0 {
            Moment::BeforeCall
        } else {
            Moment::AfterCall
        };
        // Its first call is about retries, of which there are none; then come mark, job, webhook,
        // part, record, message and move.
        let kill = stage.kill_at("sweep", 2 + round / 2 % 7, moment);
        killed += u32::from(!stage.sweep().await);
        drop(kill);
        assert!(stage.sweep().await);
        stage.advance(MINUTE);
        stage.settled().await;
        let now = watch(stage, id, job).await;
        let count = |name: &str| now[name].as_u64().expect("a count");
        assert_eq!(count("found"), count("redelivered") + count("left"));
        progress.push(count("redelivered"));
        if now["status"] == "FINISHED" {
            assert!(now["finishedAt"].is_string());
            break;
        }
    }
    assert!(killed > 12, "{killed} sweeps died");
    assert!(progress.is_sorted_by(|before, after| before <= after && after - before <= 1));
    progress
}

#[tokio::test(flavor = "multi_thread")]
async fn g11_only_a_range_is_redelivered_if_its_owner_says_so() {
    let (stage, id) = down("1", 5).await;
    stage.receiver.script("/hook", &OK);
    // Event `n` happened `n` seconds after 15:00:00.408.
    let range = "?since=2026-01-09T15:00:02.408Z&until=2026-01-09T15:00:04.408Z";
    let job = start(&stage, &id, range).await;
    assert_eq!(
        (&job["found"], &job["since"]),
        (&json!(2), &json!("2026-01-09T15:00:02.408Z"))
    );
    assert!(stage.sweep().await && stage.sweep().await);
    stage.settled().await;
    let done = watch(&stage, &id, &job).await;
    assert_eq!(
        (&done["status"], &done["redelivered"]),
        (&json!("FINISHED"), &json!(2))
    );
    let dispatches = stage.dispatches().await;
    let delivered = dispatches.iter().filter(|one| one.status == "SUCCEEDED");
    assert_eq!(delivered.count(), 2);
    // A new job may begin when one has ended, and finds what is left.
    let rest = start(&stage, &id, "").await;
    assert_eq!(
        (rest["id"] == job["id"], &rest["found"]),
        (false, &json!(3))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn g11_what_happened_while_a_webhook_was_disabled_is_redelivered_when_it_is_enabled() {
    let stage = Stage::new().await;
    let id = webhook(&stage).await;
    enable(&stage, &id, false).await;
    for number in 1..=3 {
        succeed(&stage, number).await;
    }
    stage.settled().await;
    let skipped = stage.dispatches().await;
    assert!(
        skipped
            .iter()
            .all(|one| one.status == "FAILED" && one.calls.is_empty())
    );
    assert_eq!(skipped.len(), 3);
    enable(&stage, &id, true).await;
    stage.receiver.script("/hook", &[Answer::Hang]);
    for _ in 0..2 {
        assert_eq!(redeliver(&stage, &skipped[0].id).await.0, 202);
        stage.receiver.wait_for(1).await;
        let queue = stage.platform.queue("DeliveryQueue").expect("a queue");
        let mut depth = queue.changed();
        let met = depth.wait_for(|depth| depth.visible == 0 && depth.in_flight == 1);
        met.await.expect("a queue");
    }
    stage.receiver.release();
    // The message that met the attempt while it was being made comes again when its lease is over.
    stage.advance(4 * MINUTE);
    stage.settled().await;
    assert_eq!(stage.receiver.received().len(), 1);
    let job = start(&stage, &id, "").await;
    assert_eq!(job["found"], 2);
    assert!(stage.sweep().await);
    stage.receiver.wait_for(3).await;
    stage.settled().await;
    let dispatches = stage.dispatches().await;
    assert!(
        dispatches
            .iter()
            .all(|one| one.status == "SUCCEEDED" && one.calls.len() == 1)
    );
    assert_eq!(stage.receiver.received().len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn g11_a_job_stops_when_its_webhook_is_switched_off() {
    let (stage, id) = down("1", 3).await;
    let job = start(&stage, &id, "").await;
    enable(&stage, &id, false).await;
    assert!(stage.sweep().await);
    let stopped = watch(&stage, &id, &job).await;
    assert_eq!(
        (&stopped["status"], &stopped["redelivered"]),
        (&json!("STOPPED"), &json!(0))
    );
    assert!(
        stopped["stopReason"]
            .as_str()
            .is_some_and(|why| why.contains("disabled"))
    );
    assert_eq!(stage.receiver.received().len(), 6);
}

async fn start(stage: &Stage, webhook: &str, range: &str) -> Value {
    let path = format!("/v2/webhooks/{webhook}/redeliver-failed{range}");
    let (status, answer) = stage.api("POST", &path, None).await;
    assert_eq!(status, 202, "{answer}");
    answer["data"].clone()
}

async fn watch(stage: &Stage, webhook: &str, job: &Value) -> Value {
    let job = job["id"].as_str().expect("an id");
    let path = format!("/v2/webhooks/{webhook}/redeliver-failed/{job}");
    let (status, answer) = stage.api("GET", &path, None).await;
    assert_eq!(status, 200, "{answer}");
    answer["data"].clone()
}
