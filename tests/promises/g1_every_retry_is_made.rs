//! G1, over a whole schedule: short waits on the queue, long ones in the sweeper's buckets. Time is
//! advanced, not waited for.

use std::collections::HashMap;
use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use futures::future::join;
use local::gateway::kill::Moment;
use serde_json::json;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::receiver::Answer;
use crate::run::Run;
use crate::stage::{Recorded, Stage};

const MINUTE: Duration = Duration::from_secs(60);
/// In seconds: two waits that the queue holds, and four that it cannot.
const SCHEDULE: [u64; 6] = [60, 600, 1200, 2400, 4800, 3600];

#[tokio::test(flavor = "multi_thread")]
async fn g1_every_retry_is_made_once_in_order_and_none_is_early() {
    let stage = failing(&schedule()).await;
    for _ in 0..60 {
        stage.advance(5 * MINUTE);
        // As when one sweep is late and meets the next.
        let (one, other) = join(stage.sweep(), stage.sweep()).await;
        assert!(one && other);
        stage.attempted().await;
        if stage.receiver.received().len() > SCHEDULE.len() {
            break;
        }
    }
    // A sweep comes every five minutes here, and a retry that it sends can be late by as much.
    assert_schedule_was_kept(&the_dispatch(&stage).await, 6 * MINUTE);
    assert_eq!(stage.receiver.received().len(), SCHEDULE.len() + 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn g1_a_sweeper_that_dies_at_any_call_forgets_no_retry() {
    let stage = failing(&schedule()).await;
    let mut killed = 0;
    for round in 0..60 {
        stage.advance(5 * MINUTE);
        let moment = if round % 2 == 0 {
            Moment::BeforeCall
        } else {
            Moment::AfterCall
        };
        let kill = stage.kill_at("sweep", round % 23 + 1, moment);
        killed += u32::from(!stage.sweep().await);
        drop(kill);
        // The next minute's sweep.
        assert!(stage.sweep().await);
        stage.attempted().await;
        if stage.receiver.received().len() > SCHEDULE.len() {
            break;
        }
    }
    assert!(killed > 15, "{killed} sweeps died");
    assert_schedule_was_kept(&the_dispatch(&stage).await, 6 * MINUTE);
    assert_eq!(stage.receiver.received().len(), SCHEDULE.len() + 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn g1_a_sweeper_that_was_away_for_a_day_catches_up() {
    let stage = failing("7200,60").await;
    stage.advance(24 * 60 * MINUTE);
    stage.attempted().await;
    assert_eq!(
        stage.receiver.received().len(),
        1,
        "the retry is not on the queue"
    );
    assert!(stage.sweep().await);
    stage.receiver.wait_for(2).await;
    stage.attempted().await;
    assert_eq!(stage.receiver.received().len(), 2);
}

fn schedule() -> String {
    SCHEDULE.map(|seconds| seconds.to_string()).join(",")
}

/// A platform on which one dispatch has failed for the first time.
async fn failing(schedule: &str) -> Stage {
    let stage = Stage::with(&[("RetryScheduleSeconds", schedule)]).await;
    stage.receiver.script("/hook", &[Answer::Status(500)]);
    stage
        .webhook(&["SUCCEEDED"], json!({"actorId": "actor1"}), "/hook")
        .await;
    // The sweeper begins before anything is parked.
    assert!(stage.sweep().await);
    stage.send(&Run::new("run1").event("SUCCEEDED", 1)).await;
    stage.receiver.wait_for(1).await;
    stage.attempted().await;
    stage
}

async fn the_dispatch(stage: &Stage) -> Recorded {
    stage.settled().await;
    stage.dispatches().await.pop().expect("a dispatch")
}

fn assert_schedule_was_kept(dispatch: &Recorded, late: Duration) {
    assert_eq!((dispatch.status.as_str(), dispatch.attempts), ("FAILED", 7));
    assert_eq!(dispatch.reason.as_deref(), Some("All 6 retries failed"));
    for (seconds, calls) in SCHEDULE.into_iter().zip(dispatch.calls.windows(2)) {
        let (failed, tried_again) = (moment(&calls[0], "finished"), moment(&calls[1], "started"));
        let waited = (tried_again - failed).unsigned_abs();
        let nominal = Duration::from_secs(seconds);
        assert!(
            tried_again > failed && waited >= nominal.mul_f64(0.749),
            "{nominal:?}: {waited:?}"
        );
        assert!(
            waited <= nominal.mul_f64(1.25) + late,
            "{nominal:?}: {waited:?}"
        );
    }
}

fn moment(call: &HashMap<String, AttributeValue>, name: &str) -> OffsetDateTime {
    let text = call[name].as_s().expect("a time");
    OffsetDateTime::parse(text, &Rfc3339).expect("a time")
}
