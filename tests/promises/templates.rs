//! What a webhook's owner wants to be sent instead of the default payload.

use serde_json::json;

use crate::run::{Run, ad_hoc};
use crate::stage::Stage;

#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_sends_the_payload_and_the_headers_of_its_templates() {
    let stage = Stage::new().await;
    let definition = json!({
        "eventTypes": ["ACTOR.RUN.SUCCEEDED"], "condition": {"actorId": "actor1"}, "requestUrl": stage.receiver.url("/hook"),
        "payloadTemplate": "{\"run\": {{resource.id}}, \"text\": \"{{eventType}} of {{resource.actId}}\"}",
        "headersTemplate": "{\"Authorization\": \"Bearer {{userId}}\"}",
        "shouldInterpolateStrings": true,
    });
    let (status, answer) = stage.api("POST", "/v2/webhooks", Some(&definition)).await;
    assert_eq!(status, 201, "{answer}");
    assert_eq!(
        answer["data"]["payloadTemplate"],
        definition["payloadTemplate"]
    );
    stage.send(&Run::new("run1").event("SUCCEEDED", 1)).await;
    let post = stage.receiver.wait_for(1).await.remove(0);
    stage.settled().await;
    assert_eq!(
        post.json(),
        json!({"run": "run1", "text": "ACTOR.RUN.SUCCEEDED of actor1"})
    );
    assert_eq!(post.header("authorization"), "Bearer localUser00000001");
    assert_eq!(post.header("content-type"), "application/json");
}

/// The run's own data would start a new header line: nothing is sent, nothing is retried, and the
/// owner can read why.
#[tokio::test(flavor = "multi_thread")]
async fn a_template_that_cannot_be_sent_ends_its_dispatch_with_the_reason() {
    let stage = Stage::new().await;
    let mut webhook = ad_hoc(&["CREATED"], &stage.receiver.url("/hook"));
    webhook["headersTemplate"] = json!("{\"X-Status\": {{resource.statusMessage}}}");
    let mut created = Run::new("run1").created_with(&json!([webhook]));
    created["resource"]["statusMessage"] = json!("done\r\nX-Injected: yes");
    stage.send(&created).await;
    stage.settled().await;
    let [dispatch] = &stage.dispatches().await[..] else {
        panic!("one dispatch")
    };
    assert_eq!((dispatch.status.as_str(), dispatch.attempts), ("FAILED", 1));
    let reason = dispatch.reason.clone().unwrap();
    assert!(reason.contains("header \"x-status\""), "{reason}");
    assert_eq!(stage.receiver.received().len(), 0);
}
