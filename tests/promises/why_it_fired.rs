//! Why did it fire, or why not? The answer for a run, event by event and webhook by webhook.

use serde_json::{Value, json};

use crate::run::{Run, ad_hoc};
use crate::stage::Stage;

#[tokio::test(flavor = "multi_thread")]
async fn each_event_of_a_run_says_what_it_has_meant_for_each_webhook() {
    let stage = Stage::new().await;
    let actor = json!({"actorId": "actor1"});
    let fires = stage.webhook(&["SUCCEEDED"], actor.clone(), "/hook").await;
    let elsewhere = json!({"actorId": "actor2"});
    let elsewhere = stage.webhook(&["SUCCEEDED"], elsewhere, "/hook").await;
    let disabled = stage.webhook(&["SUCCEEDED"], actor.clone(), "/hook").await;
    let off = json!({"isEnabled": false});
    change(&stage, "PUT", &disabled, Some(&off)).await;
    let removed = stage.webhook(&["SUCCEEDED"], actor.clone(), "/hook").await;
    change(&stage, "DELETE", &removed, None).await;

    let run = Run::new("run1");
    let url = stage.receiver.url("/hook");
    let once = json!([ad_hoc(&["CREATED", "SUCCEEDED"], &url)]);
    stage.send(&run.created_with(&once)).await;
    stage.receiver.wait_for(1).await;
    stage.send(&run.event("SUCCEEDED", 9)).await;
    stage.receiver.wait_for(2).await;
    stage.settled().await;
    let later = stage.webhook(&["SUCCEEDED"], actor, "/hook").await;

    let events = matches(&stage, "run1").await;
    let [created, succeeded] = &events[..] else {
        panic!("two events: {events:?}")
    };
    assert_eq!(created["eventType"], "ACTOR.RUN.CREATED");
    assert_eq!(succeeded["eventType"], "ACTOR.RUN.SUCCEEDED");
    let once = created["webhooks"].as_array().expect("webhooks").iter();
    let once = once.clone().find(|webhook| webhook["isAdHoc"] == true);
    let once = once.expect("the ad hoc webhook")["webhookId"].clone();
    let once = once.as_str().expect("an id");
    for (event, webhook, reason, dispatch) in [
        (created, fires.as_str(), "EVENT_TYPE_NOT_AWAITED", None),
        (created, &elsewhere, "OTHER_CONDITION", None),
        (created, &disabled, "EVENT_TYPE_NOT_AWAITED", None),
        (created, once, "TRIGGERED", Some("SUCCEEDED")),
        (succeeded, &fires, "TRIGGERED", Some("SUCCEEDED")),
        (succeeded, &elsewhere, "OTHER_CONDITION", None),
        (succeeded, &disabled, "DISABLED", Some("FAILED")),
        (succeeded, &removed, "REMOVED", None),
        (succeeded, &later, "DEFINED_LATER", None),
        (succeeded, once, "FIRED_BY_ANOTHER_EVENT", None),
    ] {
        let found = of(event, webhook);
        assert_eq!(found["reason"], reason, "{found}");
        assert_eq!(found["matched"], reason == "TRIGGERED");
        assert_eq!(found["dispatch"]["status"].as_str(), dispatch, "{found}");
    }
    let used_up_by = &of(created, once)["dispatch"]["id"];
    let message = of(succeeded, once)["message"].as_str().expect("a message");
    assert!(
        message.contains(used_up_by.as_str().expect("an id")),
        "{message}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_nothing_was_heard_of_and_anothers_run_have_no_events() {
    let stage = Stage::new().await;
    let actor = json!({"actorId": "actor1"});
    stage.webhook(&["SUCCEEDED"], actor, "/hook").await;
    stage.send(&Run::new("run1").event("SUCCEEDED", 1)).await;
    stage.receiver.wait_for(1).await;
    stage.settled().await;
    assert_eq!(matches(&stage, "run1").await.len(), 1);
    assert_eq!(matches(&stage, "run2").await.len(), 0);
    let stranger = stage.token_of("stranger1").await;
    let path = "/v2/actor-runs/run1/webhook-matches";
    let (status, answer) = stage.api_as(&stranger, "GET", path, None).await;
    assert_eq!((status, &answer["data"]["total"]), (200, &json!(0)));
}

async fn matches(stage: &Stage, run: &str) -> Vec<Value> {
    let path = format!("/v2/actor-runs/{run}/webhook-matches");
    let (status, answer) = stage.api("GET", &path, None).await;
    assert_eq!(status, 200, "{answer}");
    let items = answer["data"]["items"].as_array().expect("items");
    assert_eq!(answer["data"]["total"], items.len());
    items.clone()
}

/// What an event has meant for a webhook.
fn of<'a>(event: &'a Value, webhook: &str) -> &'a Value {
    let mut webhooks = event["webhooks"].as_array().expect("webhooks").iter();
    let found = webhooks.find(|found| found["webhookId"] == webhook);
    found.unwrap_or_else(|| panic!("nothing about {webhook}: {event}"))
}

async fn change(stage: &Stage, method: &str, webhook: &str, body: Option<&Value>) {
    let path = format!("/v2/webhooks/{webhook}");
    let (status, answer) = stage.api(method, &path, body).await;
    assert!(status < 300, "{answer}");
}
