//! G7: a run's events may arrive in any order, also before the ad hoc webhooks of that run are
//! known.

use futures::future::join;
use serde_json::json;

use crate::run::{Run, ad_hoc};
use crate::stage::Stage;

#[tokio::test(flavor = "multi_thread")]
async fn g7_succeeded_handled_before_created_fires_the_ad_hoc_webhook_of_the_run_once() {
    let stage = Stage::new().await;
    let run = Run::new("run1");
    assert!(stage.ingest(&[run.event("SUCCEEDED", 9)]).await.is_empty());
    stage.settled().await;
    assert_eq!(stage.receiver.received().len(), 0);

    let created = run.created_with(&json!([ad_hoc(
        &["SUCCEEDED"],
        &stage.receiver.url("/done")
    )]));
    assert!(stage.ingest(&[created]).await.is_empty());
    let posts = stage.receiver.wait_for(1).await;
    assert_eq!(posts[0].json()["eventType"], "ACTOR.RUN.SUCCEEDED");
    stage.settled().await;
    assert_eq!(stage.dispatches().await.len(), 1);
}

/// Both events at the same time, in two processes, many times over: whichever is first, the webhook
/// fires once.
#[tokio::test(flavor = "multi_thread")]
async fn g7_an_event_and_its_ad_hoc_webhook_that_race_always_meet() {
    const RACES: usize = 30;
    let stage = Stage::new().await;
    for n in 0..RACES {
        let run = Run::new(&format!("run{n}"));
        let created = run.created_with(&json!([ad_hoc(
            &["SUCCEEDED"],
            &stage.receiver.url(&format!("/race{n}"))
        )]));
        let (created, succeeded) = ([created], [run.event("SUCCEEDED", 9)]);
        let (one, other) = join(stage.ingest(&created), stage.ingest(&succeeded)).await;
        assert!(one.is_empty() && other.is_empty());
    }
    stage.receiver.wait_for(RACES).await;
    stage.settled().await;
    assert_eq!(stage.dispatches().await.len(), RACES);
    for n in 0..RACES {
        assert!(
            !stage.receiver.received_at(&format!("/race{n}")).is_empty(),
            "race {n}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn g7_a_batch_in_reverse_order_is_as_good_as_any() {
    let stage = Stage::new().await;
    let run = Run::new("run1");
    let webhooks = json!([
        ad_hoc(&["CREATED"], &stage.receiver.url("/created")),
        ad_hoc(&["FAILED"], &stage.receiver.url("/failed")),
        ad_hoc(&["SUCCEEDED"], &stage.receiver.url("/succeeded")),
    ]);
    assert!(
        stage
            .ingest(&[run.event("FAILED", 9), run.created_with(&webhooks)])
            .await
            .is_empty()
    );
    stage.receiver.wait_for(2).await;
    stage.settled().await;
    let count = |path| stage.receiver.received_at(path).len();
    assert_eq!(
        (count("/created"), count("/failed"), count("/succeeded")),
        (1, 1, 0)
    );
}
