//! G6 for crowds: what is found out about an endpoint is found out once for all deliveries of a
//! batch, and they are postponed together. Otherwise the neighbours' deliveries would pay for it in
//! time.

use std::time::Duration;

use local::gateway::calls::Service;
use serde_json::json;
use tokio::net::TcpListener;

use crate::receiver::Answer;
use crate::run::{Run, ad_hoc};
use crate::stage::Stage;

const CROWD: usize = 30;
/// Attempts in a row without an answer that make an endpoint dead.
const DEAD_AFTER: u64 = 10;

#[tokio::test(flavor = "multi_thread")]
async fn g6_a_batch_for_an_endpoint_that_is_on_trial_takes_the_slow_lane_in_few_calls() {
    let stage = Stage::with(&[("DeliveriesEnabled", "false")]).await;
    stage.receiver.script("/hang", &[Answer::Hang]);
    let messages = crowd(&stage, &stage.receiver.url("/hang"), CROWD + 1).await;
    let (first, others) = messages.split_at(1);
    let (failures, ()) = tokio::join!(stage.deliver(first), async {
        stage.receiver.wait_for(1).await;
        assert!(stage.deliver(others).await.is_empty());
        stage.receiver.release();
    });
    assert!(failures.is_empty());
    let slow_lane = stage.platform.queue("SlowDeliveryQueue").expect("a queue");
    assert_eq!(slow_lane.depth().visible, CROWD);
    // Ten messages to a call.
    assert_eq!(calls(&stage, Service::Sqs, "SendMessageBatch"), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn g6_a_batch_for_a_dead_endpoint_finds_that_out_and_asks_again_in_few_calls() {
    let schedule = [
        ("DeliveriesEnabled", "false"),
        ("RetryScheduleSeconds", "600"),
    ];
    let stage = Stage::with(&schedule).await;
    let gone = closed_port().await;
    let messages = crowd(&stage, &gone, 2 * CROWD).await;
    let (first, others) = messages.split_at(CROWD);
    assert!(stage.deliver(first).await.is_empty());
    // It is tried first, and enough attempts are noted to pause it, which its owner is told.
    let found_out = 1 + DEAD_AFTER;
    assert_eq!(updates(&stage), found_out);
    assert_eq!(told(&stage), 1);
    // They go on record together, as many as one call carries.
    let recorded = records(&stage);
    assert!(recorded <= 4, "{recorded} calls");

    stage.advance(Duration::from_secs(90));
    // Nobody knows whether it hangs, so nobody asks in the fast lane.
    assert!(stage.deliver_slowly(others).await.is_empty());
    // One asks to probe, is noted, and pauses it again. The others wait.
    assert_eq!(updates(&stage), found_out + 3);
    assert_eq!(told(&stage), 1);
    assert_eq!(records(&stage), recorded + 1);
    let dispatches = stage.dispatches().await;
    let attempts = dispatches.iter().filter(|one| one.attempts == 1).count();
    assert_eq!(attempts, CROWD + 1);
    assert!(dispatches.iter().all(|one| one.status == "ACTIVE"));
}

#[tokio::test(flavor = "multi_thread")]
async fn g6_answers_beside_a_receiver_that_hangs_go_on_record_in_few_calls_and_before_it_ends() {
    let stage = Stage::with(&[("DeliveriesEnabled", "false")]).await;
    stage.receiver.script("/hang", &[Answer::Hang]);
    let hanging = Run::new("hanging");
    let webhooks = json!([ad_hoc(&["CREATED"], &stage.receiver.url("/hang"))]);
    assert!(
        stage
            .ingest(&[hanging.created_with(&webhooks)])
            .await
            .is_empty()
    );
    let mut messages = stage.delivery_messages(1).await;
    messages.extend(crowd(&stage, &stage.receiver.url("/good"), CROWD).await);
    let on_record = async {
        loop {
            let dispatches = stage.dispatches().await;
            let ended = dispatches.iter().filter(|one| one.status == "SUCCEEDED");
            if ended.count() == CROWD {
                break;
            }
        }
        // They wait for each other, and not for the one that hangs.
        let recorded = records(&stage);
        assert!(recorded < CROWD as u64 / 2, "{recorded} calls");
        stage.receiver.release();
    };
    let (failures, ()) = tokio::join!(stage.deliver_slowly(&messages), on_record);
    assert!(failures.is_empty());
}

/// Messages for the first attempts of so many deliveries to this URL.
async fn crowd(stage: &Stage, url: &str, count: usize) -> Vec<String> {
    let events: Vec<_> = (0..count)
        .map(|n| Run::new(&format!("run{n}")).created_with(&json!([ad_hoc(&["CREATED"], url)])))
        .collect();
    assert!(stage.ingest(&events).await.is_empty());
    stage.delivery_messages(count).await
}

async fn closed_port() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await;
    let address = listener.expect("a free port").local_addr();
    format!("http://{}/hook", address.expect("an address"))
}

fn updates(stage: &Stage) -> u64 {
    calls(stage, Service::DynamoDb, "UpdateItem")
}

/// Changes that went together with a notice.
fn told(stage: &Stage) -> u64 {
    calls(stage, Service::DynamoDb, "TransactWriteItems")
}

fn records(stage: &Stage) -> u64 {
    calls(stage, Service::DynamoDb, "BatchExecuteStatement")
}

/// How often `deliver` has made such a call.
fn calls(stage: &Stage, service: Service, operation: &str) -> u64 {
    let calls = stage.platform.calls();
    let all = calls.iter().filter(|(call, _)| {
        call.caller == "deliver" && call.service == service && call.operation == operation
    });
    all.map(|(_, count)| count).sum()
}
