//! Dispatches as the owners of their webhooks read them.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::run::{Run, ad_hoc};
use crate::stage::Stage;

#[tokio::test(flavor = "multi_thread")]
async fn all_dispatches_of_a_user_are_one_list_in_the_order_of_time() {
    let stage = Stage::new().await;
    let condition = || json!({"actorId": "actor1"});
    let one = stage.webhook(&["SUCCEEDED"], condition(), "/one").await;
    let other = stage.webhook(&["SUCCEEDED"], condition(), "/other").await;
    four_runs_succeed(&stage).await;
    stage.receiver.wait_for(12).await;
    stage.settled().await;
    // Those of a webhook that is gone stay readable.
    let gone = format!("/v2/webhooks/{other}");
    assert_eq!(stage.api("DELETE", &gone, None).await.0, 204);

    let mut ids = BTreeSet::new();
    let mut times: Vec<String> = Vec::new();
    for offset in [0, 5, 10, 15] {
        let path = format!("/v2/webhook-dispatches?offset={offset}&limit=5&desc=1");
        let (status, page) = stage.api("GET", &path, None).await;
        assert_eq!(
            (status, &page["data"]["total"]),
            (200, &json!(12)),
            "{page}"
        );
        for item in page["data"]["items"].as_array().expect("items") {
            let id = item["id"].as_str().expect("an id").to_owned();
            let (_, single) = stage
                .api("GET", &format!("/v2/webhook-dispatches/{id}"), None)
                .await;
            assert_eq!(&single["data"], item);
            assert!(item["webhook"]["requestUrl"].is_string(), "{item}");
            times.push(item["createdAt"].as_str().expect("a time").to_owned());
            ids.insert(id);
        }
    }
    assert_eq!((ids.len(), times.len()), (12, 12));
    assert!(
        times.is_sorted_by(|newer, older| newer >= older),
        "{times:?}"
    );
    for id in [&one, &other] {
        let path = format!("/v2/webhooks/{id}/dispatches");
        let (status, page) = stage.api("GET", &path, None).await;
        assert_eq!((status, &page["data"]["total"]), (200, &json!(4)));
    }
}

/// Not in the order of time, and each with an ad hoc webhook.
async fn four_runs_succeed(stage: &Stage) {
    for n in 0..4 {
        let run = Run::new(&format!("run{n}"));
        let list = json!([ad_hoc(&["SUCCEEDED"], &stage.receiver.url("/ad-hoc"))]);
        let mut succeeded = run.event("SUCCEEDED", n * 7 % 4 + 1);
        succeeded["webhooks"] = run.created_with(&list)["webhooks"].clone();
        stage.send(&succeeded).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_says_how_often_it_was_triggered_and_how_the_last_time_ended() {
    let stage = Stage::new().await;
    let id = stage
        .webhook(&["SUCCEEDED"], json!({"actorId": "actor1"}), "/hook")
        .await;
    let path = format!("/v2/webhooks/{id}");
    let (_, unused) = stage.api("GET", &path, None).await;
    assert_eq!(unused["data"]["lastDispatch"], Value::Null);
    assert_eq!(unused["data"]["stats"], json!({"totalDispatches": 0}));

    let events: Vec<_> = (0..25)
        .map(|n| Run::new(&format!("run{n}")).event("SUCCEEDED", n))
        .collect();
    for event in &events {
        stage.send(event).await;
    }
    stage.receiver.wait_for(25).await;
    stage.settled().await;
    // What comes again is not counted again.
    assert!(stage.ingest(&events[..5]).await.is_empty());
    let (_, used) = stage.api("GET", &path, None).await;
    assert_eq!(used["data"]["stats"], json!({"totalDispatches": 25}));
    assert_eq!(used["data"]["lastDispatch"]["status"], "SUCCEEDED");
    assert!(
        used["data"]["lastDispatch"]["finishedAt"].is_string(),
        "{used}"
    );
    let (_, list) = stage.api("GET", "/v2/actors/actor1/webhooks", None).await;
    assert_eq!(list["data"]["items"][0], used["data"]);
}
