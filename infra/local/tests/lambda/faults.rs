//! What goes wrong on purpose. Each test lets a function work until the fault has met it.

use std::collections::BTreeSet;

use local::faults::{Fault, Plan};
use local::options::Options;
use local::platform::Platform;
use local::sqs::Depth;
use serde_json::{Value, json};

use crate::fixture::{answer, nothing, options, send, told};

async fn start_with(fault: Fault) -> Platform {
    let plan = Plan {
        seed: 1,
        faults: [fault].into_iter().collect(),
        factor: 1.0,
        function: None,
    };
    let options = Options {
        faults: Some(plan),
        clock_moves: true,
        ..options().await
    };
    Platform::start(options).await.unwrap()
}

fn met(platform: &Platform, fault: Fault) -> u64 {
    let counts = platform.mishaps().unwrap().counts();
    counts.get(&fault).copied().unwrap_or_default()
}

fn sent(platform: &Platform) -> usize {
    platform.queue("OutQueue").unwrap().depth().visible
}

/// Lets a function send one message after the other until one of the sends has met the fault.
/// Returns how many it was told to send.
async fn send_until_met(platform: &Platform, fault: Fault) -> usize {
    let mut texts = 0;
    while met(platform, fault) == 0 {
        texts += 1;
        let order = json!({ "do": "send", "texts": [texts] });
        platform.invoke("plain", order.to_string()).await.unwrap();
    }
    texts
}

#[tokio::test]
async fn a_call_whose_answer_is_lost_was_carried_out_and_is_made_again() {
    let platform = start_with(Fault::LostAnswer).await;
    let texts = send_until_met(&platform, Fault::LostAnswer).await;
    assert!(sent(&platform) > texts);
}

#[tokio::test]
async fn a_call_that_fails_was_not_carried_out() {
    for fault in [Fault::Error, Fault::Throttle] {
        let platform = start_with(fault).await;
        let texts = send_until_met(&platform, fault).await;
        // Where every attempt fails, so does the function.
        assert!([texts, texts - 1].contains(&sent(&platform)));
    }
}

#[tokio::test]
async fn a_late_call_is_carried_out_once() {
    let platform = start_with(Fault::Latency).await;
    let texts = send_until_met(&platform, Fault::Latency).await;
    assert_eq!(sent(&platform), texts);
}

#[tokio::test]
async fn a_function_that_dies_at_a_call_gives_its_messages_back_at_once() {
    let platform = start_with(Fault::Kill).await;
    while met(&platform, Fault::Kill) == 0 {
        send(&platform, "BatchQueue", &nothing());
        // It settles although the queue hides a message for ten minutes, and nobody moves the
        // clock.
        platform.settled().await;
    }
    let depth = platform.queue("BatchQueue").unwrap().depth();
    assert_eq!(depth, Depth::default());
    assert_eq!(
        platform.queue("DeadLetterQueue").unwrap().depth(),
        Depth::default()
    );
}

#[tokio::test]
async fn a_function_that_stands_still_shares_its_messages_with_another() {
    let platform = start_with(Fault::Freeze).await;
    let mut first = nothing();
    while met(&platform, Fault::Freeze) == 0 {
        send(&platform, "BatchQueue", &nothing());
        first = told(&platform).await;
    }
    let again = told(&platform).await;
    assert_eq!(first[0]["messageId"], again[0]["messageId"]);
    // Whoever stood still before it could tell of the message tells of it last.
    let receives = |batch: &Value| batch[0]["attributes"]["ApproximateReceiveCount"].to_string();
    assert_ne!(receives(&first), receives(&again));
    platform.settled().await;
}

#[tokio::test]
async fn a_message_is_handed_over_twice() {
    let platform = start_with(Fault::Duplicate).await;
    let mut ids = BTreeSet::new();
    loop {
        send(&platform, "BatchQueue", &nothing());
        let id = told(&platform).await[0]["messageId"].to_string();
        if !ids.insert(id) {
            break;
        }
    }
    assert_eq!(met(&platform, Fault::Duplicate), 1);
    platform.settled().await;
}

#[tokio::test]
async fn processes_have_clocks_that_differ() {
    let platform = start_with(Fault::ClockSkew).await;
    let mut clocks = BTreeSet::new();
    for _ in 0..4 {
        let environment = answer(&platform, "plain", json!({ "do": "environment" })).await;
        let file = environment["RUNHOOKS_CLOCK"].as_str().unwrap().to_owned();
        clocks.insert(std::fs::read_to_string(file).unwrap());
        // The next one is another process.
        platform
            .invoke("plain", json!({ "do": "exit" }).to_string())
            .await
            .unwrap();
    }
    assert_eq!(clocks.len(), 4);
}

#[tokio::test]
async fn once_they_are_over_nothing_goes_wrong_any_more() {
    let platform = start_with(Fault::Error).await;
    platform.mishaps().unwrap().end();
    let texts: Vec<_> = (0..300).collect();
    answer(&platform, "plain", json!({ "do": "send", "texts": texts })).await;
    assert_eq!((sent(&platform), met(&platform, Fault::Error)), (300, 0));
}
