//! A bad event is parked with a reason that a human understands, and everything else goes on.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::json;

use crate::run::{Run, ad_hoc};
use crate::stage::Stage;

#[tokio::test(flavor = "multi_thread")]
async fn every_kind_of_bad_event_is_parked_with_its_reason_and_never_comes_again() {
    let stage = Stage::new().await;
    let good = Run::new("run1");
    let mut hostile_id = good.event("SUCCEEDED", 1);
    hostile_id["eventData"]["actorRunId"] = json!("run1#U#someone");
    hostile_id["resource"]["id"] = json!("run1#U#someone");
    let mut bad_base64 = good.event("CREATED", 0);
    bad_base64["webhooks"] = json!("%%%");
    let mut wrong_type = good.event("SUCCEEDED", 1);
    wrong_type["createdAt"] = json!(5);
    let mut unknown = good.event("SUCCEEDED", 1);
    unknown["eventType"] = json!("ACTOR.RUN.STARTED");
    let mut no_user = good.event("SUCCEEDED", 1);
    no_user["userId"] = json!(null);
    no_user["resource"]["userId"] = json!(null);
    let many = vec![ad_hoc(&["FAILED"], "https://example.com/"); 21];
    let mut too_many = good.event("CREATED", 0);
    too_many["webhooks"] = json!(BASE64_STANDARD.encode(json!(many).to_string()));
    let deep = format!("{{\"resource\":{}{}}}", "[".repeat(5000), "]".repeat(5000));

    let cases = [
        ("not json".to_owned(), "not a JSON object"),
        (deep, "nested 5001 levels deep"),
        (
            hostile_id.to_string(),
            "eventData.actorRunId: \"run1#U#someone\" is not a run id",
        ),
        (bad_base64.to_string(), "webhooks: not base64"),
        (
            wrong_type.to_string(),
            "createdAt: expected a string, found 5",
        ),
        (
            unknown.to_string(),
            "\"ACTOR.RUN.STARTED\" is not an event type",
        ),
        (no_user.to_string(), "userId is missing"),
        (
            too_many.to_string(),
            "21 ad hoc webhooks; one run may have 20",
        ),
    ];
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
    }
    assert_eq!(stage.receiver.received().len(), 0);
}

/// A message so large that SQS has no room left for the reason goes to the dead-letter queue instead of being lost.
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
