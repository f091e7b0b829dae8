//! G7, for ad hoc webhooks that are defined through the API: before, during or after their run,
//! they fire once.

use futures::future::join;
use serde_json::{Value, json};

use crate::run::{Run, ad_hoc};
use crate::stage::Stage;

#[tokio::test(flavor = "multi_thread")]
async fn g7_an_ad_hoc_webhook_added_before_during_or_after_its_run_fires_once() {
    for (moment, handled_before) in [("before", 0), ("during", 1), ("after", 2)] {
        let stage = Stage::new().await;
        let run = Run::new("run1");
        let events = [run.event("CREATED", 0), run.event("SUCCEEDED", 9)];
        let (earlier, later) = events.split_at(handled_before);
        for event in earlier {
            assert!(stage.ingest(std::slice::from_ref(event)).await.is_empty());
        }
        add(&stage, &run, &["SUCCEEDED"], "/hook").await;
        for event in later {
            assert!(stage.ingest(std::slice::from_ref(event)).await.is_empty());
        }
        let posts = stage.receiver.wait_for(1).await;
        assert_eq!(
            posts[0].json()["eventType"],
            "ACTOR.RUN.SUCCEEDED",
            "{moment}"
        );
        // Whatever comes again, it has fired.
        assert!(stage.ingest(&events).await.is_empty());
        stage.settled().await;
        assert_eq!(stage.receiver.received().len(), 1, "{moment}");
        assert_eq!(stage.dispatches().await.len(), 1, "{moment}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn g7_an_ad_hoc_webhook_does_not_fire_for_what_it_does_not_wait_for() {
    let stage = Stage::new().await;
    let run = Run::new("run1");
    let events = [run.event("CREATED", 0), run.event("SUCCEEDED", 9)];
    assert!(stage.ingest(&events).await.is_empty());
    add(&stage, &run, &["FAILED", "ABORTED"], "/hook").await;
    add(&stage, &Run::new("run2"), &["SUCCEEDED"], "/hook").await;
    stage.settled().await;
    assert_eq!(stage.dispatches().await.len(), 0);
}

/// The event and the webhook at the same time, in two functions, many times over: whichever is
/// first, the webhook fires once.
#[tokio::test(flavor = "multi_thread")]
async fn g7_an_event_and_an_ad_hoc_webhook_of_the_api_that_race_always_meet() {
    const RACES: usize = 30;
    let stage = Stage::new().await;
    for n in 0..RACES {
        let run = Run::new(&format!("run{n}"));
        let path = format!("/race{n}");
        let succeeded = [run.event("SUCCEEDED", 9)];
        let (_, failed) = join(
            add(&stage, &run, &["SUCCEEDED"], &path),
            stage.ingest(&succeeded),
        )
        .await;
        assert!(failed.is_empty());
    }
    stage.receiver.wait_for(RACES).await;
    stage.settled().await;
    assert_eq!(stage.dispatches().await.len(), RACES);
    for n in 0..RACES {
        let posts = stage.receiver.received_at(&format!("/race{n}"));
        assert!(!posts.is_empty(), "race {n}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_idempotency_key_makes_one_webhook_however_it_is_carried() {
    let stage = Stage::new().await;
    let run = Run::new("run1");
    let keyed = |path: &str| {
        let mut definition = ad_hoc(&["SUCCEEDED"], &stage.receiver.url(path));
        definition["idempotencyKey"] = json!("key1");
        definition
    };
    let both = json!([keyed("/first"), keyed("/second")]);
    assert!(stage.ingest(&[run.created_with(&both)]).await.is_empty());
    let mut third = keyed("/third");
    third["isAdHoc"] = json!(true);
    third["condition"] = json!({"actorRunId": run.id});
    let (status, existing) = stage.api("POST", "/v2/webhooks", Some(&third)).await;
    assert_eq!(
        (status, &existing["data"]["requestUrl"]),
        (201, &json!(stage.receiver.url("/first")))
    );

    assert!(stage.ingest(&[run.event("SUCCEEDED", 9)]).await.is_empty());
    stage.settled().await;
    let heard = |path| stage.receiver.received_at(path).len();
    assert_eq!(
        (heard("/first"), heard("/second"), heard("/third")),
        (1, 0, 0)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_has_no_more_ad_hoc_webhooks_than_allowed() {
    let stage = Stage::with(&[("AdHocWebhooksPerRun", "2")]).await;
    let run = Run::new("run1");
    add(&stage, &run, &["SUCCEEDED"], "/one").await;
    add(&stage, &run, &["SUCCEEDED"], "/two").await;
    let (status, refused) = define(&stage, &run, &["SUCCEEDED"], "/three").await;
    assert_eq!(
        (status, &refused["error"]["type"]),
        (403, &json!("too-many-webhooks"))
    );
    add(&stage, &Run::new("run2"), &["SUCCEEDED"], "/three").await;
}

/// Those that were deleted or have fired are in nobody's way.
#[tokio::test(flavor = "multi_thread")]
async fn only_ad_hoc_webhooks_that_can_still_fire_count_against_the_limit_of_a_run() {
    let stage = Stage::with(&[("AdHocWebhooksPerRun", "2")]).await;
    let run = Run::new("run1");
    add(&stage, &run, &["SUCCEEDED"], "/stays").await;
    for _ in 0..4 {
        let (_, made) = define(&stage, &run, &["SUCCEEDED"], "/deleted").await;
        let path = format!(
            "/v2/webhooks/{}",
            made["data"]["id"].as_str().expect("an id")
        );
        assert_eq!(stage.api("DELETE", &path, None).await.0, 204);
    }
    assert!(stage.ingest(&[run.event("CREATED", 0)]).await.is_empty());
    for fires in 1..4 {
        add(&stage, &run, &["CREATED"], "/fires").await;
        stage.receiver.wait_for(fires).await;
    }
    add(&stage, &run, &["SUCCEEDED"], "/stays").await;
    let (status, _) = define(&stage, &run, &["SUCCEEDED"], "/one-too-many").await;
    assert_eq!(status, 403);
    stage.settled().await;
}

/// Defines an ad hoc webhook through the API.
async fn add(stage: &Stage, run: &Run, event_types: &[&str], path: &str) {
    let (status, answer) = define(stage, run, event_types, path).await;
    assert_eq!(
        (status, &answer["data"]["isAdHoc"]),
        (201, &json!(true)),
        "{answer}"
    );
}

async fn define(stage: &Stage, run: &Run, event_types: &[&str], path: &str) -> (u16, Value) {
    let mut definition = ad_hoc(event_types, &stage.receiver.url(path));
    definition["isAdHoc"] = json!(true);
    definition["condition"] = json!({"actorRunId": run.id});
    stage.api("POST", "/v2/webhooks", Some(&definition)).await
}
