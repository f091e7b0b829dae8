//! A bad event is parked with a reason that a human understands, and everything else goes on.

use serde_json::json;

use crate::log::{Log, values};
use crate::run::Run;
use crate::stage::Stage;

const SECRET: &str = "secret-in-the-wrong-place";
/// No line of a log is longer than what an error can say.
const LONGEST_LINE: usize = 2000;

/// Messages that are no events, each with a part of the reason for it.
fn bad_messages() -> Vec<(String, &'static str)> {
    let good = Run::new("run1");
    let mut hostile_id = good.event("SUCCEEDED", 1);
    hostile_id["eventData"]["actorRunId"] = json!("run1#U#someone");
    hostile_id["resource"]["id"] = json!("run1#U#someone");
    let mut wrong_type = good.event("SUCCEEDED", 1);
    wrong_type["createdAt"] = json!(5);
    let mut unknown = good.event("SUCCEEDED", 1);
    unknown["eventType"] = json!("ACTOR.RUN.STARTED");
    let mut no_user = good.event("SUCCEEDED", 1);
    no_user["userId"] = json!(null);
    no_user["resource"]["userId"] = json!(null);
    let question = json!({"Type": "SubscriptionConfirmation", "Token": "t", "TopicArn": "arn"});
    let mut long_status = good.event("SUCCEEDED", 1);
    long_status["eventType"] = json!(null);
    long_status["resource"]["status"] = json!("X".repeat(900_000));
    let secret = format!("{SECRET}{}", "x".repeat(900_000));
    let deep = format!("{{\"resource\":{}{}}}", "[".repeat(5000), "]".repeat(5000));

    vec![
        ("not json".to_owned(), "not a JSON object"),
        (deep, "nested 5001 levels deep"),
        (
            hostile_id.to_string(),
            "eventData.actorRunId: \"run1#U#someone\" is not a run id",
        ),
        (
            question.to_string(),
            "the question of SNS whether to send to this queue",
        ),
        (long_status.to_string(), "does not stand for an event"),
        (json!(secret).to_string(), "found a string"),
        (
            wrong_type.to_string(),
            "createdAt: expected a string, found 5",
        ),
        (
            unknown.to_string(),
            "\"ACTOR.RUN.STARTED\" is not an event type",
        ),
        (no_user.to_string(), "userId is missing"),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn every_kind_of_bad_event_is_parked_with_its_reason_and_never_comes_again() {
    let log = Log::of("bad_events");
    let stage = log.stage(&[]).await;
    let cases = bad_messages();
    for (body, _) in &cases {
        stage.send_text(body).await;
    }
    stage.settled().await;
    let mut rejected = Vec::new();
    while rejected.len() < cases.len() {
        rejected.extend(stage.rejected().await);
    }
    for (body, reason) in &cases {
        let found = rejected.iter().find(|(rejected, _)| rejected == body);
        let found = found.unwrap_or_else(|| panic!("{reason:?} was not parked"));
        assert!(
            found.1.contains(reason),
            "{:?} does not say {reason:?}",
            found.1
        );
        assert!(!found.1.contains(SECRET), "{}", found.1);
    }
    assert_eq!(stage.receiver.received().len(), 0);
    let written = log.written(stage).await;
    assert!(!written.contains(SECRET));
    let longest = written.lines().map(str::len).max();
    assert!(longest < Some(LONGEST_LINE), "{longest:?}");
}

/// `RUNNING` and its like are steps on the way, which webhooks do not wait for. Nobody has to look
/// at them.
#[tokio::test(flavor = "multi_thread")]
async fn a_status_that_is_no_event_is_taken_and_counted() {
    let log = Log::of("statuses");
    let stage = log.stage(&[]).await;
    let condition = json!({"actorId": "actor1"});
    stage
        .webhook(&["CREATED", "ABORTED"], condition, "/hook")
        .await;
    let statuses = ["RUNNING", "TIMING-OUT", "ABORTING", "ABORTED"];
    for (second, status) in (1..).zip(statuses) {
        let mut event = Run::new("run1").event(status, second);
        event["eventType"] = json!(null);
        stage.send(&event).await;
    }
    let posts = stage.receiver.wait_for(1).await;
    assert_eq!(posts[0].json()["eventType"], "ACTOR.RUN.ABORTED");
    stage.settled().await;
    assert_eq!(stage.dispatches().await.len(), 1);
    assert!(stage.rejected().await.is_empty());
    let written = log.written(stage).await;
    assert_eq!(values(&written, "EventsIgnored").iter().sum::<u64>(), 3);
    assert!(values(&written, "EventsRejected").is_empty());
}

/// A message so large that SQS has no room left for the reason goes to the dead-letter queue
/// instead of being lost.
#[tokio::test(flavor = "multi_thread")]
async fn a_bad_event_too_large_to_be_parked_comes_again_until_it_is_a_dead_letter() {
    let stage = Stage::new().await;
    let body = "x".repeat(1024 * 1024);
    assert_eq!(
        stage
            .ingest_texts(&[body, Run::new("run1").event("SUCCEEDED", 1).to_string()])
            .await,
        ["message-0"]
    );
    stage.settled().await;
}
