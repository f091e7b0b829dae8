//! What has changed about a webhook can be read by its owner: through the API and in the console,
//! also when the webhook is gone.

use serde_json::{Value, json};

use crate::console::page;
use crate::receiver::Answer;
use crate::run::Run;
use crate::stage::Stage;

#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_that_was_disabled_has_a_notice_that_its_owner_reads_and_nobody_else() {
    let stage = Stage::new().await;
    let stranger = stage.token_of("stranger1").await;
    stage.receiver.script("/gone", &[Answer::Status(410)]);
    let actor = json!({"actorId": "actor1"});
    let id = stage.webhook(&["SUCCEEDED"], actor, "/gone").await;
    let other = stage
        .webhook(&["FAILED"], json!({"actorId": "actor1"}), "/other")
        .await;
    stage.send(&Run::new("run1").event("SUCCEEDED", 1)).await;
    stage.settled().await;
    // What is told again is read once.
    assert!(stage.sweep().await && stage.sweep().await);

    let listed = list(&stage, &id, "").await;
    let notice = &listed["items"][0];
    assert_eq!((&listed["total"], &listed["count"]), (&json!(1), &json!(1)));
    assert_eq!(notice["type"], "webhook.disabled");
    assert_eq!(notice["webhookId"], json!(id));
    let (_, webhook) = stage.api("GET", &format!("/v2/webhooks/{id}"), None).await;
    assert_eq!(notice["reason"], webhook["data"]["disabledReason"]);
    assert_eq!(notice["createdAt"], webhook["data"]["modifiedAt"]);
    assert_eq!(list(&stage, &other, "").await["total"], 0);
    assert_shown(&stage, &id, "The webhook was switched off").await;
    assert_shown(&stage, &other, "No notices").await;

    let path = format!("/v2/webhooks/{id}/notices");
    let (status, refused) = stage.api_as(&stranger, "GET", &path, None).await;
    assert_eq!((status, refused["data"].clone()), (404, Value::Null));
    let tab = format!("/webhooks/{id}?tab=notices");
    let (status, text, _) = page(&stage, &stranger, &tab, None).await;
    assert!(status == 404 && !text.contains("switched off"), "{text}");

    let path = format!("/v2/webhooks/{id}");
    assert_eq!(stage.api("DELETE", &path, None).await.0, 204);
    assert_eq!(list(&stage, &id, "").await, listed);
    assert_shown(&stage, &id, "The webhook was switched off").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn notices_are_listed_in_the_order_of_their_changes_from_either_end() {
    let stage = Stage::new().await;
    let actor = json!({"actorId": "actor1"});
    let id = stage.webhook(&["SUCCEEDED"], actor, "/hook").await;
    let mut switched_on = Vec::new();
    for is_enabled in [false, true, false, true, false, true] {
        let change = json!({"isEnabled": is_enabled});
        let path = format!("/v2/webhooks/{id}");
        let (status, after) = stage.api("PUT", &path, Some(&change)).await;
        assert_eq!(status, 200, "{after}");
        if is_enabled {
            switched_on.push(after["data"]["modifiedAt"].clone());
        }
    }
    assert!(stage.sweep().await);
    let [first, second, third] = &switched_on[..] else {
        panic!("three times")
    };
    for (query, expected) in [
        ("", vec![first, second, third]),
        ("?desc=1", vec![third, second, first]),
        ("?limit=2", vec![first, second]),
        ("?desc=1&offset=1&limit=1", vec![second]),
        ("?offset=3", vec![]),
    ] {
        let listed = list(&stage, &id, query).await;
        let items = listed["items"].as_array().expect("items");
        let found: Vec<_> = items.iter().map(|notice| &notice["createdAt"]).collect();
        assert_eq!(found, expected, "{query:?}");
        assert_eq!(listed["total"], 3, "{query:?}");
        let is_on = |notice: &Value| notice["type"] == "webhook.enabled";
        assert!(items.iter().all(is_on), "{listed}");
    }
}

/// The notices of a webhook of the local user's.
async fn list(stage: &Stage, webhook: &str, query: &str) -> Value {
    let path = format!("/v2/webhooks/{webhook}/notices{query}");
    let (status, mut answer) = stage.api("GET", &path, None).await;
    assert_eq!(status, 200, "{answer}");
    answer["data"].take()
}

/// The page of a webhook has these words among its notices.
async fn assert_shown(stage: &Stage, webhook: &str, words: &str) {
    let path = format!("/webhooks/{webhook}?tab=notices");
    let (status, text, _) = page(stage, &stage.token(), &path, None).await;
    assert!(status == 200 && text.contains(words), "{words}: {text}");
}
