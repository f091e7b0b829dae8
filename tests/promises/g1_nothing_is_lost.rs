//! G1: an event that was accepted from the queue reaches every webhook that matched it, or its
//! dispatch ends as FAILED with the reason.

use std::time::Duration;

use std::collections::BTreeSet;

use local::gateway::kill::Moment;
use serde_json::json;

use crate::receiver::Answer;
use crate::run::{Run, ad_hoc};
use crate::stage::Stage;

/// Kills `ingest` before and after every call that it makes for an event with ad hoc webhooks, and
/// lets the event come again each time.
#[tokio::test(flavor = "multi_thread")]
async fn g1_a_crash_of_ingest_after_any_step_loses_nothing_and_fires_nothing_twice() {
    let stage = Stage::new().await;
    stage
        .webhook(&["CREATED"], json!({"actorId": "actor1"}), "/standing")
        .await;
    for moment in [Moment::BeforeCall, Moment::AfterCall] {
        let mut steps = 0;
        loop {
            let name = format!("run{moment:?}{steps}");
            let kill = stage.kill_at("ingest", steps + 1, moment);
            let path = format!("/{name}");
            stage
                .send(
                    &Run::new(&name)
                        .created_with(&json!([ad_hoc(&["CREATED"], &stage.receiver.url(&path))])),
                )
                .await;
            tokio::select! {
                () = kill.fired() => stage.give_back("EventQueue"),
                () = stage.settled() => {}
            }
            stage.settled().await;
            let posts = stage.receiver.received_at(&path);
            let ids: BTreeSet<_> = posts
                .iter()
                .map(|post| post.header("webhook-id").to_owned())
                .collect();
            assert_eq!(
                ids.len(),
                1,
                "killed at call {steps} ({moment:?}): the ad hoc webhook's dispatches are {ids:?}"
            );
            if !kill.has_fired() {
                break;
            }
            steps += 1;
        }
        // Keep, define, point, list, read events, match, fire, claim, claim, send.
        assert!(steps >= 9, "ingest was killed at {steps} calls only");
    }
    let dispatches = stage.dispatches().await;
    assert!(
        dispatches
            .iter()
            .all(|dispatch| dispatch.status == "SUCCEEDED")
    );
    let standing: BTreeSet<_> = stage
        .receiver
        .received_at("/standing")
        .iter()
        .map(|post| post.header("webhook-id").to_owned())
        .collect();
    let runs = dispatches.len() - standing.len();
    assert_eq!(
        standing.len(),
        runs,
        "each run has one dispatch of either webhook"
    );
}

/// How long a worker keeps an attempt to itself.
const LEASE: Duration = Duration::from_secs(180);

/// The same for `deliver`: whatever it was about to do, the dispatch comes to its end.
#[tokio::test(flavor = "multi_thread")]
async fn g1_a_crash_of_deliver_after_any_step_loses_nothing() {
    let stage = Stage::with(&[("RetryScheduleSeconds", "1")]).await;
    for moment in [Moment::BeforeCall, Moment::AfterCall] {
        for step in 1.. {
            let name = format!("run{moment:?}{step}");
            let path = format!("/{name}");
            stage
                .receiver
                .script(&path, &[Answer::Status(500), Answer::Status(200)]);
            let kill = stage.kill_at("deliver", step, moment);
            stage
                .send(
                    &Run::new(&name)
                        .created_with(&json!([ad_hoc(&["CREATED"], &stage.receiver.url(&path))])),
                )
                .await;
            tokio::select! {
                () = kill.fired() => {
                    // Where its endpoint was slow to answer, it has come on the other lane.
                    stage.give_back("DeliveryQueue");
                    stage.give_back("SlowDeliveryQueue");
                }
                () = stage.settled() => {}
            }
            stage.attempted().await;
            // Who was killed may have leased the attempt: nobody makes it while that lease lasts.
            stage.advance(LEASE);
            stage.settled().await;
            let posts = stage.receiver.received_at(&path);
            let ids: BTreeSet<_> = posts.iter().map(|post| post.header("webhook-id")).collect();
            assert!(
                posts.len() >= 2 && ids.len() == 1,
                "killed at call {step} ({moment:?}): {} POSTs of {ids:?}",
                posts.len()
            );
            if !kill.has_fired() {
                assert!(step > 3, "deliver was killed at {} calls only", step - 1);
                break;
            }
        }
    }
    let dispatches = stage.dispatches().await;
    assert!(
        dispatches
            .iter()
            .all(|dispatch| dispatch.status == "SUCCEEDED"),
        "{dispatches:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn g1_a_failing_endpoint_is_tried_again_and_every_call_is_on_record() {
    let stage = Stage::with(&[("RetryScheduleSeconds", "1,1,1")]).await;
    stage.receiver.script(
        "/flaky",
        &[
            Answer::Status(500),
            Answer::Status(404),
            Answer::Status(200),
        ],
    );
    let url = stage.receiver.url("/flaky");
    stage
        .send(&Run::new("run1").created_with(&json!([ad_hoc(&["CREATED"], &url)])))
        .await;
    stage.receiver.wait_for(3).await;
    stage.settled().await;
    let [dispatch] = &stage.dispatches().await[..] else {
        panic!("one dispatch")
    };
    assert_eq!(
        (dispatch.status.as_str(), dispatch.attempts),
        ("SUCCEEDED", 3)
    );
    let statuses: Vec<_> = dispatch
        .calls
        .iter()
        .map(|call| call["status"].as_n().unwrap().clone())
        .collect();
    assert_eq!(statuses, ["500", "404", "200"]);
    assert_eq!(
        dispatch.calls[0]["error"].as_s().unwrap(),
        "Endpoint responded with HTTP status code 500"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn g1_a_dispatch_that_is_given_up_says_why() {
    let stage = Stage::with(&[("RetryScheduleSeconds", "1")]).await;
    stage.receiver.script("/dead", &[Answer::Status(503)]);
    let url = stage.receiver.url("/dead");
    stage
        .send(&Run::new("run1").created_with(&json!([ad_hoc(&["CREATED"], &url)])))
        .await;
    stage.receiver.wait_for(2).await;
    stage.settled().await;
    let [dispatch] = &stage.dispatches().await[..] else {
        panic!("one dispatch")
    };
    assert_eq!(dispatch.status, "FAILED");
    assert_eq!(dispatch.reason.as_deref(), Some("The only retry failed"));
}

#[tokio::test(flavor = "multi_thread")]
async fn g1_an_event_of_a_megabyte_is_delivered_whole() {
    let stage = Stage::new().await;
    let mut message = Run::new("run1").created_with(&json!([ad_hoc(
        &["CREATED"],
        &stage.receiver.url("/large")
    )]));
    // Digits of pi would compress; these do not, so that the event needs several items.
    let mut number = 1u64;
    let mut noise = String::new();
    while noise.len() < 900_000 {
        number = number
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        noise.push_str(&format!("{number:x}"));
    }
    message["resource"]["noise"] = json!(noise);
    stage.send(&message).await;
    let received = stage.receiver.wait_for(1).await;
    assert_eq!(received[0].json()["resource"]["noise"], json!(noise));
    stage.settled().await;
}
