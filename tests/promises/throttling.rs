//! What DynamoDB or SQS throttles slows its queue down: it comes again, after seconds at first, and
//! is no failure of ours.

use std::time::Duration;

use local::gateway::calls::Service;
use serde_json::json;

use crate::log::{Log, values};
use crate::receiver::Answer;
use crate::run::Run;

/// A little longer than the first waits.
const WAITS: [Duration; 3] = [
    Duration::from_secs(5),
    Duration::from_secs(10),
    Duration::from_secs(30),
];

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_is_throttled_comes_again_and_is_not_counted_as_a_failure() {
    let log = Log::of("an_event_that_is_throttled");
    let stage = log.stage(&[]).await;
    let condition = json!({"actorId": "actor1"});
    stage.webhook(&["SUCCEEDED"], condition, "/hook").await;
    let throttled = stage.throttled("ingest", &["BatchExecuteStatement"]);
    stage.send(&Run::new("run1").event("SUCCEEDED", 1)).await;
    for wait in WAITS {
        stage.platform.at_rest().await;
        assert_eq!(stage.receiver.received().len(), 0);
        stage.advance(wait);
    }
    drop(throttled);
    stage.platform.at_rest().await;
    stage.advance(Duration::from_secs(120));
    stage.receiver.wait_for(1).await;
    stage.settled().await;

    let written = log.written(stage).await;
    let times = values(&written, "EventsThrottled").len();
    assert!((3..=4).contains(&times), "{times}");
    assert_eq!(values(&written, "EventsFailed"), [] as [u64; 0]);
    assert_eq!(values(&written, "Delivered"), [1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delivery_that_is_throttled_comes_again_and_is_made_once() {
    let log = Log::of("a_delivery_that_is_throttled");
    let stage = log.stage(&[]).await;
    let condition = json!({"actorId": "actor1"});
    stage.webhook(&["SUCCEEDED"], condition, "/hook").await;
    // Before the request: what the delivery needs cannot be read.
    let throttled = stage.throttled("deliver", &["BatchGetItem"]);
    stage.send(&Run::new("run1").event("SUCCEEDED", 1)).await;
    stage.drained("EventQueue").await;
    stage.platform.at_rest().await;
    assert_eq!(stage.receiver.received().len(), 0);
    drop(throttled);
    stage.advance(WAITS[0]);
    stage.receiver.wait_for(1).await;
    stage.settled().await;

    let written = log.written(stage).await;
    assert_eq!(values(&written, "DeliveriesThrottled"), [1]);
    assert_eq!(values(&written, "DeliveriesFailed"), [] as [u64; 0]);
    assert_eq!(values(&written, "Delivered"), [1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_queue_itself_throttles_comes_again_and_is_not_counted_as_a_failure() {
    let log = Log::of("what_the_queue_itself_throttles");
    let stage = log.stage(&[("RetryScheduleSeconds", "1,600")]).await;
    let condition = json!({"actorId": "actor1"});
    stage.webhook(&["SUCCEEDED"], condition, "/hook").await;
    stage
        .receiver
        .script("/hook", &[Answer::Status(500), Answer::Status(200)]);
    // The delivery cannot be asked for.
    let send = ["SendMessageBatch"];
    let throttled = stage.throttled_by(Service::Sqs, "ingest", &send);
    stage.send(&Run::new("run1").event("SUCCEEDED", 1)).await;
    stage.platform.at_rest().await;
    assert_eq!(stage.receiver.received().len(), 0);
    drop(throttled);
    // Its first retry cannot.
    let throttled = stage.throttled_by(Service::Sqs, "deliver", &send);
    stage.advance(WAITS[0]);
    stage.receiver.wait_for(1).await;
    stage.platform.at_rest().await;
    drop(throttled);
    stage.advance(WAITS[0]);
    stage.receiver.wait_for(2).await;
    stage.settled().await;

    let written = log.written(stage).await;
    assert_eq!(values(&written, "EventsThrottled"), [1]);
    assert_eq!(values(&written, "DeliveriesThrottled"), [1]);
    for name in ["EventsFailed", "DeliveriesFailed"] {
        assert_eq!(values(&written, name), [] as [u64; 0], "{name}");
    }
    assert_eq!(values(&written, "Delivered"), [1]);
}
