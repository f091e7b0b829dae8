//! The documentation page that the project comes from works to the letter.

use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use crate::run::{Run, USER};
use crate::stage::Stage;

/// The page's five events with the page's own example run, and the page's own two ad hoc webhooks.
#[tokio::test(flavor = "multi_thread")]
async fn every_event_of_the_page_is_delivered_with_the_payload_of_the_page() {
    let stage = Stage::new().await;
    let all = ["CREATED", "SUCCEEDED", "FAILED", "ABORTED", "TIMEDOUT"];
    stage
        .webhook(&all, json!({"actorId": "fW4MyDhgwtMLrB987"}), "/all")
        .await;
    for (n, what) in all.into_iter().enumerate() {
        stage.send(&page_event(what, n)).await;
    }
    let received = stage.receiver.wait_for(5).await;
    stage.settled().await;
    for what in all {
        let name = format!("ACTOR.RUN.{what}");
        let payload = received
            .iter()
            .map(|post| post.json())
            .find(|payload| payload["eventType"] == name);
        let payload = payload.unwrap_or_else(|| panic!("no {name}"));
        assert_eq!(
            payload["eventData"],
            json!({"actorId": "fW4MyDhgwtMLrB987", "actorRunId": "uPBN9qaKd2iLs5naZ"})
        );
        assert_eq!(payload["resource"]["status"], what);
        assert_eq!(payload["userId"], USER);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_has_the_system_headers_and_the_keys_in_order() {
    let stage = Stage::new().await;
    stage
        .webhook(
            &["SUCCEEDED"],
            json!({"actorId": "fW4MyDhgwtMLrB987"}),
            "/hook",
        )
        .await;
    stage.send(&page_event("SUCCEEDED", 1)).await;
    let post = stage.receiver.wait_for(1).await.remove(0);
    stage.settled().await;
    assert_eq!(post.header("content-type"), "application/json");
    assert_eq!(post.header("x-apify-webhook"), "yo");
    assert_eq!(post.header("x-apify-request-origin"), "WEBHOOK");
    assert_eq!(
        post.header("x-apify-webhook-dispatch-id"),
        stage.dispatches().await[0].id
    );
    let body = String::from_utf8(post.body.to_vec()).unwrap();
    let places: Vec<_> = ["userId", "createdAt", "eventType", "eventData", "resource"]
        .map(|key| body.find(&format!("\"{key}\":")))
        .to_vec();
    assert!(places.is_sorted() && places[0].is_some(), "{body}");
}

/// Standard and URL-safe alphabet, with and without padding, and with spaces where an unescaped `+`
/// became one.
#[tokio::test(flavor = "multi_thread")]
async fn ad_hoc_webhooks_are_read_from_every_spelling_of_base64() {
    let stage = Stage::new().await;
    let list = json!([{"eventTypes": ["ACTOR.RUN.CREATED"], "requestUrl": stage.receiver.url("/?~~~>>>")}]).to_string();
    let spellings = [
        BASE64_STANDARD.encode(&list),
        BASE64_STANDARD
            .encode(&list)
            .trim_end_matches('=')
            .to_owned(),
        BASE64_URL_SAFE_NO_PAD.encode(&list),
        BASE64_STANDARD.encode(&list).replace('+', " "),
    ];
    for (n, spelling) in spellings.iter().enumerate() {
        let mut message = Run::new(&format!("run{n}")).event("CREATED", 0);
        message["webhooks"] = json!(spelling);
        stage.send(&message).await;
    }
    stage.receiver.wait_for(spellings.len()).await;
    stage.settled().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_registered_in_one_spelling_of_timed_out_hears_all_and_shows_its_own() {
    let stage = Stage::new().await;
    stage
        .webhook(&["TIMEDOUT"], json!({"actorId": "actor1"}), "/seed")
        .await;
    stage
        .webhook(&["TIMED_OUT"], json!({"actorId": "actor1"}), "/today")
        .await;
    for (n, spelling) in ["TIMEDOUT", "TIMED_OUT"].into_iter().enumerate() {
        stage
            .send(&Run::new(&format!("run{n}")).event(spelling, 1))
            .await;
    }
    stage.receiver.wait_for(4).await;
    stage.settled().await;
    for (path, name) in [
        ("/seed", "ACTOR.RUN.TIMEDOUT"),
        ("/today", "ACTOR.RUN.TIMED_OUT"),
    ] {
        let received = stage.receiver.received_at(path);
        assert_eq!(received.len(), 2);
        assert!(received.iter().all(|post| post.json()["eventType"] == name));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn sns_and_eventbridge_envelopes_are_opened() {
    let stage = Stage::new().await;
    stage
        .webhook(&["SUCCEEDED"], json!({"actorId": "actor1"}), "/hook")
        .await;
    let event = |n: u32| Run::new(&format!("run{n}")).event("SUCCEEDED", n);
    stage
        .send(&json!({"Type": "Notification", "MessageId": "m", "Message": event(1).to_string()}))
        .await;
    stage
        .send(&json!({"detail-type": "run finished", "source": "platform", "detail": event(2)}))
        .await;
    stage.receiver.wait_for(2).await;
    stage.settled().await;
}

fn page_event(what: &str, second: usize) -> Value {
    json!({
        "eventType": format!("ACTOR.RUN.{what}"),
        "createdAt": format!("2019-01-09T15:59:5{second}.408Z"),
        "userId": USER,
        "eventData": {"actorId": "fW4MyDhgwtMLrB987", "actorRunId": "uPBN9qaKd2iLs5naZ"},
        "resource": {
            "id": "uPBN9qaKd2iLs5naZ", "actId": "fW4MyDhgwtMLrB987", "userId": USER,
            "startedAt": "2019-01-09T15:59:40.750Z", "finishedAt": "2019-01-09T15:59:56.408Z", "status": what,
        },
    })
}
