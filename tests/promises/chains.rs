//! A webhook starts another actor: the platform's API is called in the name of the webhook's owner,
//! and nobody else ever sees the credential for it.

mod credential;

use serde_json::{Value, json};

use crate::run::USER;
use crate::stage::Stage;

/// Defines a webhook that posts there when a run of this actor is like that.
async fn webhook_to(stage: &Stage, token: &str, what: &str, actor: &str, url: &str) -> String {
    let definition = json!({
        "eventTypes": [format!("ACTOR.RUN.{what}")], "condition": {"actorId": actor}, "requestUrl": url,
    });
    let (status, made) = stage
        .api_as(token, "POST", "/v2/webhooks", Some(&definition))
        .await;
    assert_eq!(status, 201, "{made}");
    made["data"]["id"].as_str().expect("an id").to_owned()
}

/// Where a run of this actor is started.
fn runs_of(stage: &Stage, actor: &str) -> String {
    format!("{}/v2/acts/{actor}/runs", stage.platform.endpoints().api)
}

/// Starts a run that ends at once, and returns its id.
async fn start(stage: &Stage, token: &str, actor: &str) -> String {
    let path = format!("/v2/acts/{actor}/runs");
    let input = json!({"afterMs": 0});
    let (status, run) = stage.api_as(token, "POST", &path, Some(&input)).await;
    assert_eq!(status, 201, "{run}");
    run["data"]["id"].as_str().expect("an id").to_owned()
}

async fn runs(stage: &Stage, token: &str, actor: &str) -> Vec<Value> {
    let path = format!("/v2/acts/{actor}/runs");
    let (_, page) = stage.api_as(token, "GET", &path, None).await;
    page["data"]["items"].as_array().expect("runs").clone()
}

/// The first example of the documentation page.
#[tokio::test(flavor = "multi_thread")]
async fn when_a_run_of_one_actor_succeeds_a_run_of_another_starts_with_it_as_its_input() {
    let stage = Stage::new().await;
    let own = stage.token();
    let other = stage.user_token("user2", json!({}));
    for token in [&own, &other] {
        let starts = runs_of(&stage, "actorB");
        webhook_to(&stage, token, "SUCCEEDED", "actorA", &starts).await;
        let tells = stage.receiver.url("/begun");
        webhook_to(&stage, token, "CREATED", "actorB", &tells).await;
    }
    for (token, user) in [(&own, USER), (&other, "user2")] {
        let before = stage.receiver.received().len();
        let first = start(&stage, token, "actorA").await;
        let begun = stage.receiver.wait_for(before + 1).await;
        let begun = begun.last().expect("a POST").json();
        assert_eq!(begun["userId"], user);
        let second = begun["eventData"]["actorRunId"].as_str().expect("an id");
        let path = format!("/v2/actor-runs/{second}/key-value-store/records/INPUT");
        let (status, input) = stage.api_as(token, "GET", &path, None).await;
        assert_eq!(status, 200, "{input}");
        assert_eq!(input["eventType"], "ACTOR.RUN.SUCCEEDED");
        assert_eq!(input["eventData"]["actorRunId"], first);
        assert_eq!(input["resource"]["id"], first);
    }
    stage.settled().await;
    for (token, user) in [(&own, USER), (&other, "user2")] {
        let [run] = &runs(&stage, token, "actorB").await[..] else {
            panic!("one run of {user}")
        };
        assert_eq!(run["userId"], user);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_actor_that_starts_itself_stops_after_ten_times() {
    let stage = Stage::new().await;
    let token = stage.token();
    let url = runs_of(&stage, "actorA");
    let webhook = webhook_to(&stage, &token, "CREATED", "actorA", &url).await;
    // It goes on being told of them all.
    let tells = stage.receiver.url("/begun");
    webhook_to(&stage, &token, "CREATED", "actorA", &tells).await;
    start(&stage, &token, "actorA").await;
    stage.receiver.wait_for(11).await;
    stage.settled().await;

    assert_eq!(runs(&stage, &token, "actorA").await.len(), 11);
    assert_eq!(stage.receiver.received().len(), 11);
    let path = format!("/v2/webhooks/{webhook}/dispatches?desc=true");
    let (_, page) = stage.api("GET", &path, None).await;
    let dispatches = page["data"]["items"].as_array().expect("dispatches");
    let (last, others) = dispatches.split_first().expect("dispatches");
    assert!(others.iter().all(|other| other["status"] == "SUCCEEDED"));
    assert_eq!((others.len(), &last["status"]), (10, &json!("FAILED")));
    let [call] = &last["calls"].as_array().expect("calls")[..] else {
        panic!("{last}")
    };
    let reason = "The run is the last of 10 that webhooks have started one after another, and no webhook of it starts another.";
    assert_eq!(call["errorMessage"], reason);
    assert_eq!(call["responseStatus"], Value::Null);
}

/// The depth comes from the platform, and what it says of it has to make sense.
#[tokio::test(flavor = "multi_thread")]
async fn a_depth_that_is_none_is_rejected_with_its_name() {
    let stage = Stage::new().await;
    for depth in [json!(-1), json!("1"), json!(1.5), json!(4_294_967_296_u64)] {
        let mut event = crate::run::Run::new("run1").event("SUCCEEDED", 1);
        event["chainDepth"] = depth.clone();
        assert_eq!(stage.ingest(&[event]).await, [] as [&str; 0]);
        let (_, reason) = stage.rejected().await.pop().expect("a message");
        assert!(reason.starts_with("chainDepth"), "{depth}: {reason}");
    }
}
