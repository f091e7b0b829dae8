//! G1 for test deliveries: one that is on record is made, and its owner finds it, even if `api` has
//! died in the middle.

use std::time::Duration;

use local::gateway::kill::Moment;
use serde_json::json;

use crate::stage::Stage;

/// Token, where the webhook is, webhook, count, where to begin sweeping, reminder, note, record,
/// message.
const CALLS: u32 = 9;

#[tokio::test(flavor = "multi_thread")]
async fn g1_a_trial_on_record_is_made_and_listed_though_api_dies_at_any_call() {
    let stage = Stage::new().await;
    let id = ad_hoc_webhook(&stage).await;
    assert!(stage.sweep().await);
    for (nth, moment) in
        (1..=CALLS).flat_map(|nth| [(nth, Moment::BeforeCall), (nth, Moment::AfterCall)])
    {
        let kill = stage.kill_at("api", nth, moment);
        let (status, _) = stage
            .api("POST", &format!("/v2/webhooks/{id}/test"), None)
            .await;
        assert_ne!(status, 201, "{nth} {moment:?}");
        // Its caller may hear of the end before the host does.
        kill.fired().await;
        // Nobody asks again.
        stage.advance(Duration::from_secs(20 * 60));
        assert!(stage.sweep().await);
        stage.settled().await;
        let dispatches = stage.dispatches().await;
        let is_made = dispatches
            .iter()
            .all(|trial| (trial.status.as_str(), trial.attempts) == ("SUCCEEDED", 1));
        assert!(is_made, "{nth} {moment:?}: {dispatches:?}");
        assert_eq!(stage.receiver.received().len(), dispatches.len());
        let listed = format!("/v2/webhooks/{id}/dispatches");
        let (_, list) = stage.api("GET", &listed, None).await;
        assert_eq!(list["data"]["total"], dispatches.len());
    }
    // Of the three whose record was written; of the others there is nothing.
    assert_eq!(stage.dispatches().await.len(), 3);
}

/// An ad hoc one: its trials are listed only where they are noted.
async fn ad_hoc_webhook(stage: &Stage) -> String {
    let definition = json!({
        "isAdHoc": true,
        "eventTypes": ["ACTOR.RUN.SUCCEEDED"],
        "condition": {"actorRunId": "run1"},
        "requestUrl": stage.receiver.url("/hook"),
    });
    let (status, answer) = stage.api("POST", "/v2/webhooks", Some(&definition)).await;
    assert_eq!(status, 201, "{answer}");
    answer["data"]["id"].as_str().expect("an id").to_owned()
}
