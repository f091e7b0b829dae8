//! Endpoints that do not answer at all.

use std::time::Duration;

use serde_json::json;

use super::{MINUTE, succeed};
use crate::mortal::Mortal;
use crate::run::{Run, ad_hoc};
use crate::stage::Stage;

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_endpoint_is_left_alone_then_probed_by_one_and_heard_by_all_when_it_lives_again() {
    let stage = Stage::with(&[("RetryScheduleSeconds", "60,60,60,60,60,60,60,60,60,60,60")]).await;
    let endpoint = Mortal::start().await;
    let definition = json!({
        "eventTypes": ["ACTOR.RUN.SUCCEEDED"], "condition": {"actorId": "actor1"}, "requestUrl": endpoint.url,
    });
    assert_eq!(
        stage.api("POST", "/v2/webhooks", Some(&definition)).await.0,
        201
    );
    for run in 0..10 {
        succeed(&stage, run).await;
        stage.attempted().await;
    }
    // The first ten found out; these do not have to.
    let died = endpoint.calls();
    for run in 10..15 {
        succeed(&stage, run).await;
    }
    stage.attempted().await;
    assert_eq!(endpoint.calls(), died, "a dead endpoint was called");
    let waiting = stage.dispatches().await;
    assert_eq!(
        waiting
            .iter()
            .filter(|dispatch| dispatch.attempts == 0)
            .count(),
        5
    );
    assert!(waiting.iter().all(|dispatch| dispatch.status == "ACTIVE"));

    // The pause is over: of all that wait, one asks.
    stage.advance(90 * Duration::from_secs(1));
    stage.attempted().await;
    assert_eq!(endpoint.calls(), died + 1, "one probe");

    endpoint.revive();
    for _ in 0..8 {
        stage.advance(3 * MINUTE);
        stage.attempted().await;
    }
    stage.settled().await;
    let dispatches = stage.dispatches().await;
    assert!(
        dispatches
            .iter()
            .all(|dispatch| dispatch.status == "SUCCEEDED"),
        "{dispatches:?}"
    );
}

/// A pause lets one message ask. Behind many others a dispatch would wait until its record expires.
#[tokio::test(flavor = "multi_thread")]
async fn nobody_waits_for_a_dead_endpoint_longer_than_its_webhooks_are_left_on() {
    let stage = Stage::with(&[("DisableAfterDays", "1")]).await;
    let endpoint = Mortal::start().await;
    for run in 0..60 {
        let webhooks = json!([ad_hoc(&["CREATED"], &endpoint.url)]);
        let event = Run::new(&format!("run{run}")).created_with(&webhooks);
        assert!(stage.ingest(&[event]).await.is_empty());
    }
    stage.attempted().await;
    // Each attempt of the few that ask begins its wait anew.
    for _ in 0..50 {
        stage.advance(60 * MINUTE);
        assert!(stage.sweep().await);
        stage.attempted().await;
    }
    let reasons: Vec<_> = stage
        .dispatches()
        .await
        .into_iter()
        .map(|dispatch| (dispatch.status, dispatch.reason.unwrap_or_default()))
        .collect();
    assert!(
        reasons.iter().all(|(status, _)| status == "FAILED"),
        "{reasons:?}"
    );
    let in_vain = "The endpoint has not answered for a day.";
    assert!(
        reasons.iter().any(|(_, reason)| reason == in_vain),
        "{reasons:?}"
    );
}
