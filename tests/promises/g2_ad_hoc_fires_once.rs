//! G2: an ad hoc webhook is triggered at most once, ever.

use std::collections::BTreeSet;

use futures::future::join_all;
use serde_json::json;

use crate::run::{Run, ad_hoc};
use crate::stage::Stage;

/// Fifty processes of `ingest`, each with an event of its own that would trigger the same ad hoc
/// webhook.
#[tokio::test(flavor = "multi_thread")]
async fn g2_fifty_workers_racing_on_one_ad_hoc_webhook_make_one_dispatch() {
    let stage = Stage::new().await;
    let run = Run::new("run1");
    let webhooks = json!([ad_hoc(
        &["SUCCEEDED", "FAILED", "ABORTED"],
        &stage.receiver.url("/once")
    )]);
    stage.ingest(&[run.created_with(&webhooks)]).await;
    let events: Vec<_> = (0..50)
        .map(|n| [run.event(["SUCCEEDED", "FAILED", "ABORTED"][n % 3], n as u32 + 1)])
        .collect();
    let failures = join_all(events.iter().map(|event| stage.ingest(event))).await;
    assert!(failures.iter().all(Vec::is_empty), "{failures:?}");
    stage.receiver.wait_for(1).await;
    stage.settled().await;
    assert_eq!(stage.dispatches().await.len(), 1);
    let ids: BTreeSet<_> = stage
        .receiver
        .received()
        .iter()
        .map(|post| post.header("webhook-id").to_owned())
        .collect();
    assert_eq!(ids.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn g2_a_resurrected_run_does_not_fire_its_ad_hoc_webhook_again() {
    let stage = Stage::new().await;
    let run = Run::new("run1");
    stage
        .send(&run.created_with(&json!([ad_hoc(
            &["SUCCEEDED"],
            &stage.receiver.url("/once")
        )])))
        .await;
    stage.send(&run.event("SUCCEEDED", 1)).await;
    stage.receiver.wait_for(1).await;
    stage.send(&run.event("RESURRECTED", 2)).await;
    stage.send(&run.event("SUCCEEDED", 3)).await;
    stage.settled().await;
    assert_eq!(stage.receiver.received().len(), 1);
    assert_eq!(stage.dispatches().await.len(), 1);
}

/// The event with the ad hoc webhooks comes again and again, alone and within one batch.
#[tokio::test(flavor = "multi_thread")]
async fn g2_a_repeated_registration_defines_nothing_anew() {
    let stage = Stage::new().await;
    let created =
        Run::new("run1").created_with(&json!([ad_hoc(&["CREATED"], &stage.receiver.url("/once"))]));
    assert!(
        stage
            .ingest(&[created.clone(), created.clone(), created.clone()])
            .await
            .is_empty()
    );
    stage.receiver.wait_for(1).await;
    stage.settled().await;
    assert!(stage.ingest(&[created]).await.is_empty());
    stage.settled().await;
    assert_eq!(stage.receiver.received().len(), 1);
    assert_eq!(stage.dispatches().await.len(), 1);
}
