//! A run that was resurrected has not ended: an ad hoc webhook that comes late does not hear of the
//! end that was none.

use serde_json::{Value, json};

use crate::log::{Log, values};
use crate::run::{Run, ad_hoc};
use crate::stage::Stage;

const ENDS: [&str; 2] = ["SUCCEEDED", "FAILED"];

fn run() -> Run {
    Run::new("run1")
}

/// What the run has gone through, up to its resurrection.
fn before() -> [Value; 3] {
    let steps = [("CREATED", 0), ("FAILED", 9), ("RESURRECTED", 10)];
    steps.map(|(what, second)| run().event(what, second))
}

async fn happen(stage: &Stage, events: &[Value]) {
    assert!(stage.ingest(events).await.is_empty());
    stage.settled().await;
}

/// The run goes on to its real end, which must be the only one that was told.
async fn ends_once(stage: &Stage) {
    // Whatever is reported once more is as old as before.
    happen(stage, &before()).await;
    assert_eq!(stage.receiver.received().len(), 0);
    happen(stage, &[run().event("SUCCEEDED", 20)]).await;
    let posts = stage.receiver.wait_for(1).await;
    assert_eq!(posts[0].json()["eventType"], "ACTOR.RUN.SUCCEEDED");
    happen(stage, &before()).await;
    assert_eq!(stage.receiver.received().len(), 1);
}

async fn define(stage: &Stage, event_types: &[&str], is_enabled: bool) -> String {
    let mut definition = ad_hoc(event_types, &stage.receiver.url("/hook"));
    definition["isAdHoc"] = json!(true);
    definition["isEnabled"] = json!(is_enabled);
    definition["condition"] = json!({"actorRunId": run().id});
    let (status, answer) = stage.api("POST", "/v2/webhooks", Some(&definition)).await;
    assert_eq!(status, 201, "{answer}");
    stage.settled().await;
    let id = answer["data"]["id"].as_str().expect("an id");
    format!("/v2/webhooks/{id}")
}

async fn change(stage: &Stage, webhook: &str, change: Value) {
    let (status, answer) = stage.api("PUT", webhook, Some(&change)).await;
    assert_eq!(status, 200, "{answer}");
    stage.settled().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_ad_hoc_webhook_of_the_api_waits_for_the_real_end() {
    let stage = Stage::new().await;
    happen(&stage, &before()).await;
    define(&stage, &ENDS, true).await;
    ends_once(&stage).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn webhooks_that_come_with_the_resurrection_wait_for_the_real_end() {
    let stage = Stage::new().await;
    let [created, failed, mut resurrected] = before();
    let with = run().created_with(&json!([ad_hoc(&ENDS, &stage.receiver.url("/hook"))]));
    resurrected["webhooks"] = with["webhooks"].clone();
    happen(&stage, &[created, failed]).await;
    happen(&stage, &[resurrected]).await;
    ends_once(&stage).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_that_begins_to_wait_for_an_end_waits_for_the_real_one() {
    let stage = Stage::new().await;
    let [created, ..] = before();
    happen(&stage, &[created]).await;
    let webhook = define(&stage, &["ABORTED"], true).await;
    happen(&stage, &before()).await;
    let widened =
        json!({"eventTypes": ["ACTOR.RUN.ABORTED", "ACTOR.RUN.FAILED", "ACTOR.RUN.SUCCEEDED"]});
    change(&stage, &webhook, widened).await;
    ends_once(&stage).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_that_is_switched_on_waits_for_the_real_end() {
    let stage = Stage::new().await;
    let [created, ..] = before();
    happen(&stage, &[created]).await;
    let webhook = define(&stage, &ENDS, false).await;
    happen(&stage, &before()).await;
    change(&stage, &webhook, json!({"isEnabled": true})).await;
    ends_once(&stage).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_several_ends_a_late_webhook_hears_of_the_last_and_why_not_of_the_others() {
    let stage = Stage::new().await;
    let ends = [
        ("FAILED", 9),
        ("RESURRECTED", 10),
        ("ABORTED", 20),
        ("SUCCEEDED", 30),
    ];
    happen(
        &stage,
        &ends.map(|(what, second)| run().event(what, second)),
    )
    .await;
    define(&stage, &["FAILED", "ABORTED", "SUCCEEDED"], true).await;
    let posts = stage.receiver.wait_for(1).await;
    assert_eq!(posts[0].json()["eventType"], "ACTOR.RUN.SUCCEEDED");
    define(&stage, &["FAILED", "ABORTED"], true).await;
    stage.settled().await;
    assert_eq!(stage.receiver.received().len(), 1);
    let (_, matches) = stage
        .api("GET", "/v2/actor-runs/run1/webhook-matches", None)
        .await;
    let reasons = |event: usize| {
        let webhooks = &matches["data"]["items"][event]["webhooks"];
        [0, 1].map(|place| webhooks[place]["reason"].as_str().expect("a reason"))
    };
    assert_eq!(reasons(0), ["FIRED_BY_ANOTHER_EVENT", "DEFINED_LATER"]);
    assert_eq!(reasons(2), ["FIRED_BY_ANOTHER_EVENT", "DEFINED_LATER"]);
    assert_eq!(reasons(3), ["TRIGGERED", "EVENT_TYPE_NOT_AWAITED"]);
}

/// What was there before the end hears of it, resurrected or not.
#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_that_was_there_hears_of_an_end_that_comes_behind_the_resurrection() {
    let stage = Stage::new().await;
    let [_, failed, resurrected] = before();
    let hook = stage.receiver.url("/hook");
    happen(
        &stage,
        &[run().created_with(&json!([ad_hoc(&ENDS, &hook)]))],
    )
    .await;
    happen(&stage, &[resurrected]).await;
    happen(&stage, &[failed]).await;
    let posts = stage.receiver.wait_for(1).await;
    assert_eq!(posts[0].json()["eventType"], "ACTOR.RUN.FAILED");
}

/// However much a run has gone through, and however large: what goes through the queue once more is
/// little, and only when it is wanted.
#[tokio::test(flavor = "multi_thread")]
async fn a_change_puts_no_event_back_that_it_does_not_need() {
    let log = Log::of("changes_of_ad_hoc_webhooks");
    let stage = log.stage(&[]).await;
    let mut sent = 0;
    for cycle in 0..8 {
        for (what, second) in [("FAILED", 2 * cycle + 1), ("RESURRECTED", 2 * cycle + 2)] {
            let mut event = run().event(what, second);
            event["resource"]["log"] = json!(noise(900_000, second));
            stage.send(&event).await;
            sent += 1;
        }
    }
    stage.send(&run().event("SUCCEEDED", 100)).await;
    sent += 1;
    stage.settled().await;
    let waiting = define(&stage, &["ABORTED"], true).await;
    for nothing in [
        json!({}),
        json!({"description": "d"}),
        json!({"eventTypes": ["ACTOR.RUN.ABORTED", "ACTOR.RUN.FAILED"]}),
        json!({"isEnabled": false}),
        json!({"isEnabled": true}),
    ] {
        change(&stage, &waiting, nothing).await;
    }
    assert_eq!(stage.dispatches().await.len(), 0);
    let all = json!({"eventTypes": ["ACTOR.RUN.SUCCEEDED"]});
    change(&stage, &waiting, all).await;
    stage.receiver.wait_for(1).await;
    for fired in [
        json!({}),
        json!({"eventTypes": ["ACTOR.RUN.SUCCEEDED", "ACTOR.RUN.RESURRECTED"]}),
    ] {
        change(&stage, &waiting, fired).await;
    }
    stage.settled().await;
    let written = log.written(stage).await;
    // One more: the end, once.
    assert_eq!(values(&written, "Events").iter().sum::<u64>(), sent + 1);
}

/// Characters that nothing compresses much.
fn noise(characters: usize, seed: u32) -> String {
    let mut state = u64::from(seed) + 1;
    let mut next = || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        char::from(b'a' + (state >> 33) as u8 % 26)
    };
    (0..characters).map(|_| next()).collect()
}
