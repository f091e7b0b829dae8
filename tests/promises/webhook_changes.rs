//! What a change of a webhook does, and trying one out.

use serde_json::{Value, json};

use crate::receiver::Answer;
use crate::run::{Run, ad_hoc};
use crate::stage::Stage;

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_webhook_hears_the_events_that_it_is_for_now() {
    let stage = Stage::new().await;
    let id = stage
        .webhook(&["SUCCEEDED"], json!({"actorId": "actor2"}), "/hook")
        .await;
    let path = format!("/v2/webhooks/{id}");
    let changes = [
        (json!({}), false),
        (json!({"condition": {"actorId": "actor1"}}), true),
        (json!({"eventTypes": ["ACTOR.RUN.FAILED"]}), false),
        (
            json!({"eventTypes": ["ACTOR.RUN.FAILED", "ACTOR.RUN.SUCCEEDED"]}),
            true,
        ),
        (json!({"isEnabled": false}), false),
        (json!({"isEnabled": true}), true),
        (json!({"condition": {"actorTaskId": "task1"}}), false),
        (json!({"condition": {"actorRunId": "run7"}}), true),
    ];
    for (n, (change, hears)) in changes.iter().enumerate() {
        let (status, changed) = stage.api("PUT", &path, Some(change)).await;
        assert_eq!(status, 200, "{changed}");
        assert_eq!(stage.api("GET", &path, None).await.1, changed);
        let before = stage.receiver.received().len();
        stage
            .send(&Run::new(&format!("run{n}")).event("SUCCEEDED", 1))
            .await;
        stage.settled().await;
        let heard = stage.receiver.received().len() > before;
        assert_eq!(heard, *hears, "{change}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_next_attempt_of_a_dispatch_goes_where_its_webhook_points_now() {
    let stage = Stage::with(&[("RetryScheduleSeconds", "3")]).await;
    stage.receiver.script("/old", &[Answer::Status(500)]);
    let id = stage
        .webhook(&["SUCCEEDED"], json!({"actorId": "actor1"}), "/old")
        .await;
    stage.send(&Run::new("run1").event("SUCCEEDED", 1)).await;
    stage.receiver.wait_for(1).await;
    let change =
        json!({"requestUrl": stage.receiver.url("/new"), "payloadTemplate": "{\"changed\": true}"});
    let (status, _) = stage
        .api("PUT", &format!("/v2/webhooks/{id}"), Some(&change))
        .await;
    assert_eq!(status, 200);
    let posts = stage.receiver.wait_for(2).await;
    assert_eq!(
        (posts[1].path.as_str(), posts[1].json()),
        ("/new", json!({"changed": true}))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_that_makes_no_webhook_is_refused_and_changes_nothing() {
    let stage = Stage::new().await;
    let id = stage
        .webhook(&["SUCCEEDED"], json!({"actorId": "actor1"}), "/hook")
        .await;
    let path = format!("/v2/webhooks/{id}");
    let before = stage.api("GET", &path, None).await.1;
    for (change, named) in [
        (json!({"eventTypes": []}), "eventTypes"),
        (json!({"eventTypes": null}), "eventTypes"),
        (json!({"requestUrl": "ftp://example.com"}), "requestUrl"),
        (
            json!({"condition": {"actorId": "a", "actorTaskId": "b"}}),
            "condition",
        ),
        (
            json!({"payloadTemplate": "{\"a\": {{bogus}}}"}),
            "payloadTemplate",
        ),
        (json!({"isAdHoc": true}), "isAdHoc"),
        (json!({"idempotencyKey": "another"}), "idempotencyKey"),
        (json!({"colour": "red"}), "colour"),
    ] {
        let (status, refused) = stage.api("PUT", &path, Some(&change)).await;
        assert_eq!(status, 400, "{change}");
        let message = refused["error"]["message"].as_str().expect("a message");
        assert!(message.contains(named), "{change}: {message}");
    }
    assert_eq!(stage.api("GET", &path, None).await.1, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn null_clears_what_a_webhook_can_do_without() {
    let stage = Stage::new().await;
    let definition = json!({
        "eventTypes": ["ACTOR.RUN.SUCCEEDED"], "condition": {"actorId": "actor1"}, "requestUrl": stage.receiver.url("/hook"),
        "payloadTemplate": "{\"a\": 1}", "headersTemplate": "{\"x-a\": \"1\"}", "description": "d", "doNotRetry": true,
    });
    let (_, made) = stage.api("POST", "/v2/webhooks", Some(&definition)).await;
    let path = format!(
        "/v2/webhooks/{}",
        made["data"]["id"].as_str().expect("an id")
    );
    let change = json!({"payloadTemplate": null, "headersTemplate": null, "description": null, "doNotRetry": null});
    let (status, changed) = stage.api("PUT", &path, Some(&change)).await;
    assert_eq!(status, 200, "{changed}");
    let changed = &changed["data"];
    for field in ["payloadTemplate", "headersTemplate", "description"] {
        assert_eq!(changed[field], Value::Null, "{field}");
    }
    assert_eq!(changed["doNotRetry"], false);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trial_is_a_real_delivery_also_of_a_webhook_that_is_disabled() {
    let stage = Stage::new().await;
    let id = stage
        .webhook(&["SUCCEEDED"], json!({"actorId": "actor1"}), "/hook")
        .await;
    let off = json!({"isEnabled": false});
    stage
        .api("PUT", &format!("/v2/webhooks/{id}"), Some(&off))
        .await;
    let (status, made) = stage
        .api("POST", &format!("/v2/webhooks/{id}/test"), None)
        .await;
    let made = &made["data"];
    assert_eq!(
        (status, &made["status"], &made["eventType"]),
        (201, &json!("ACTIVE"), &json!("TEST"))
    );
    assert_eq!(made["eventData"], Value::Null);

    let posts = stage.receiver.wait_for(1).await;
    let payload = posts[0].json();
    assert_eq!(
        (&payload["eventType"], &payload["eventData"]),
        (&json!("TEST"), &Value::Null)
    );
    assert!(payload["resource"]["joke"].is_string(), "{payload}");
    assert_eq!(posts[0].header("x-apify-webhook-dispatch-id"), made["id"]);
    stage.settled().await;
    let path = format!(
        "/v2/webhook-dispatches/{}",
        made["id"].as_str().expect("an id")
    );
    let (_, dispatch) = stage.api("GET", &path, None).await;
    assert_eq!(dispatch["data"]["status"], "SUCCEEDED");
    let (_, webhook) = stage.api("GET", &format!("/v2/webhooks/{id}"), None).await;
    assert_eq!(webhook["data"]["lastDispatch"]["status"], "SUCCEEDED");
    assert_eq!(webhook["data"]["stats"]["totalDispatches"], 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trial_is_retried_three_times() {
    let stage = Stage::with(&[("RetryScheduleSeconds", "1,1,1,1,1")]).await;
    stage.receiver.script("/hook", &[Answer::Status(500)]);
    let id = stage
        .webhook(&["SUCCEEDED"], json!({"actorId": "actor1"}), "/hook")
        .await;
    stage
        .api("POST", &format!("/v2/webhooks/{id}/test"), None)
        .await;
    stage.receiver.wait_for(4).await;
    stage.settled().await;
    let [dispatch] = &stage.dispatches().await[..] else {
        panic!("one dispatch")
    };
    assert_eq!((dispatch.status.as_str(), dispatch.attempts), ("FAILED", 4));
    assert_eq!(dispatch.reason.as_deref(), Some("All 3 retries failed"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trial_of_an_ad_hoc_webhook_does_not_use_it_up() {
    let stage = Stage::new().await;
    let mut definition = ad_hoc(&["SUCCEEDED"], &stage.receiver.url("/hook"));
    definition["isAdHoc"] = json!(true);
    definition["condition"] = json!({"actorRunId": "run1"});
    let (_, made) = stage.api("POST", "/v2/webhooks", Some(&definition)).await;
    let path = format!(
        "/v2/webhooks/{}",
        made["data"]["id"].as_str().expect("an id")
    );
    let (status, _) = stage.api("POST", &format!("{path}/test"), None).await;
    assert_eq!(status, 201);
    stage.receiver.wait_for(1).await;
    stage.send(&Run::new("run1").event("SUCCEEDED", 1)).await;
    stage.receiver.wait_for(2).await;
    stage.settled().await;
    let (_, list) = stage.api("GET", &format!("{path}/dispatches"), None).await;
    assert_eq!(list["data"]["total"], 2, "{list}");
    let (_, all) = stage.api("GET", "/v2/webhook-dispatches", None).await;
    assert_eq!(all["data"]["total"], 2, "{all}");
    let (_, webhook) = stage.api("GET", &path, None).await;
    assert_eq!(webhook["data"]["stats"]["totalDispatches"], 1);
}
