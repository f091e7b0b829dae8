//! The console over the wire: pages of the caller's own things, and of nobody else's; with or
//! without a browser.

use serde_json::{Value, json};

use crate::receiver::Answer;
use crate::run::Run;
use crate::stage::Stage;

/// Asks for a page: its status, its text, and where it leads.
pub(crate) async fn page(
    stage: &Stage,
    token: &str,
    path: &str,
    form: Option<&str>,
) -> (u16, String, String) {
    let method = if form.is_some() { "POST" } else { "GET" };
    let headers = [("content-type", "application/x-www-form-urlencoded")];
    let body = form.unwrap_or_default().to_owned();
    let path = format!("/console{path}");
    let answer = stage.ask(token, method, &path, &headers, body.into()).await;
    let leads_to = answer.headers().get("console-location");
    let leads_to = leads_to
        .map_or("", |to| to.to_str().expect("a text"))
        .to_owned();
    let text = String::from_utf8(answer.body().to_vec()).expect("a text");
    (answer.status().as_u16(), text, leads_to)
}

async fn own(stage: &Stage, path: &str) -> String {
    let (status, text, _) = page(stage, &stage.token(), path, None).await;
    assert_eq!(status, 200, "{path}: {text}");
    text
}

/// A webhook with a failed dispatch, and that dispatch's id.
async fn history(stage: &Stage) -> (String, String) {
    let path = "/<script>alert(1)</script>";
    stage
        .receiver
        .script("/%3Cscript%3Ealert(1)%3C/script%3E", &[Answer::Status(410)]);
    let id = stage
        .webhook(&["SUCCEEDED"], json!({"actorId": "actor1"}), path)
        .await;
    stage.send(&Run::new("run1").event("SUCCEEDED", 1)).await;
    stage.settled().await;
    let list = format!("/v2/webhooks/{id}/dispatches");
    let (_, list) = stage.api("GET", &list, None).await;
    let dispatch = list["data"]["items"][0]["id"].as_str().expect("an id");
    (id, dispatch.to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_shows_its_owner_what_there_is_and_strangers_nothing() {
    let stage = Stage::new().await;
    let stranger = stage.token_of("stranger1").await;
    let (webhook, dispatch) = history(&stage).await;
    for (path, words) in [
        ("/".to_owned(), "1 of 100 used"),
        ("/actors/actor1".to_owned(), "the webhook was disabled"),
        (format!("/webhooks/{webhook}"), "Switch on and redeliver"),
        (
            format!("/webhooks/{webhook}?tab=settings"),
            "Delete this webhook",
        ),
        (format!("/webhooks/{webhook}?tab=secret"), "whsec_"),
        (format!("/webhooks/{webhook}?status=SUCCEEDED"), "No match"),
        ("/dispatches".to_owned(), "Run succeeded"),
        (format!("/dispatches/{dispatch}"), "Given up"),
        (
            format!("/dispatches/{dispatch}?call=1&part=request"),
            "webhook-signature",
        ),
        (
            "/runs/run1".to_owned(),
            "The event has triggered the webhook",
        ),
    ] {
        let text = own(&stage, &path).await;
        assert!(text.contains(words), "{path}: {text}");
        assert!(!text.contains("<script"), "{path}");
        let (status, text, _) = page(&stage, &stranger, &path, None).await;
        let names_one = path.contains(&webhook) || path.contains(&dispatch);
        assert_eq!(status, if names_one { 404 } else { 200 }, "{path}");
        assert!(!text.contains(&webhook) || status == 404, "{path}: {text}");
    }
    for path in ["switch", "test", "delete", "rotate", "redeliver", ""] {
        let path = format!("/webhooks/{webhook}/{path}");
        let (status, ..) = page(
            &stage,
            &stranger,
            path.trim_end_matches('/'),
            Some("to=off&version=1"),
        )
        .await;
        assert_eq!(status, 404, "{path}");
    }
    let path = format!("/dispatches/{dispatch}/redeliver");
    assert_eq!(page(&stage, &stranger, &path, Some("")).await.0, 404);
    assert_eq!(page(&stage, "wrong", "/", None).await.0, 401);
}

#[tokio::test(flavor = "multi_thread")]
#[expect(
    clippy::too_many_lines,
    reason = "one story, told from its start to its end"
)]
async fn a_form_does_what_the_api_does() {
    let stage = Stage::new().await;
    let token = stage.token();
    let url = stage.receiver.url("/form");
    let form = |more: &str| {
        format!(
            "eventTypes=ACTOR.RUN.FAILED&conditionKind=actorId&conditionId=actor1&requestUrl={url}&{more}"
        )
    };
    let made = page(
        &stage,
        &token,
        "/webhooks/new",
        Some(&form("doNotRetry=on&then=test")),
    )
    .await;
    assert!(made.0 == 200 && made.1.contains("whsec_"), "{}", made.1);
    stage.receiver.wait_for(1).await;
    let (_, list) = stage.api("GET", "/v2/webhooks", None).await;
    let webhook = &list["data"]["items"][0];
    assert_eq!(webhook["doNotRetry"], true);
    let id = webhook["id"].as_str().expect("an id");

    let (status, text, _) = page(
        &stage,
        &token,
        "/webhooks/new",
        Some(&form("payloadTemplate={")),
    )
    .await;
    assert!(status == 400 && text.contains("line 1, column 2"), "{text}");

    // Headers that were not shown stay; the spelling of an event, too.
    let path = format!("/v2/webhooks/{id}");
    let change = json!({"headersTemplate": "{\"A\": \"b\"}", "eventTypes": ["ACTOR.RUN.TIMEDOUT"]});
    assert_eq!(stage.api("PUT", &path, Some(&change)).await.0, 200);
    let settings = own(&stage, &format!("/webhooks/{id}?tab=settings")).await;
    assert!(
        settings.contains("value=\"ACTOR.RUN.TIMEDOUT\"") && !settings.contains("&quot;b&quot;")
    );
    let edit = format!(
        "version=2&title=T&{}",
        form("").replace("RUN.FAILED", "RUN.TIMEDOUT")
    );
    let saved = page(&stage, &token, &format!("/webhooks/{id}"), Some(&edit)).await;
    assert!(
        saved.2.starts_with(&format!("/console/webhooks/{id}")),
        "{}",
        saved.1
    );
    let (_, after) = stage.api("GET", &path, None).await;
    assert_eq!(
        (&after["data"]["title"], &after["data"]["headersTemplate"]),
        (&json!("T"), &json!("{\"A\": \"b\"}"))
    );
    assert_eq!(after["data"]["eventTypes"], json!(["ACTOR.RUN.TIMEDOUT"]));

    let stale = page(&stage, &token, &format!("/webhooks/{id}"), Some(&edit)).await;
    assert!(
        stale.0 == 409 && stale.1.contains("Somebody has changed"),
        "{}",
        stale.1
    );
    assert_eq!(
        page(&stage, &token, &format!("/webhooks/{id}/delete"), Some(""))
            .await
            .2,
        "/console/"
    );
    assert_eq!(stage.api("GET", &path, None).await.0, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_picked_is_redelivered_and_nothing_leads_away() {
    let stage = Stage::new().await;
    let id = stage
        .webhook(&["SUCCEEDED"], json!({"actorId": "actor1"}), "/hook")
        .await;
    for n in 0..3 {
        stage
            .send(&Run::new(&format!("run{n}")).event("SUCCEEDED", n))
            .await;
    }
    stage.receiver.wait_for(3).await;
    stage.settled().await;
    let (_, list) = stage
        .api("GET", &format!("/v2/webhooks/{id}/dispatches"), None)
        .await;
    let item = |place: usize| {
        list["data"]["items"][place]["id"]
            .as_str()
            .expect("an id")
            .to_owned()
    };
    let form = format!("id={}&id={}&back=https://evil.example/", item(0), item(2));
    let answer = page(&stage, &stage.token(), "/redeliver", Some(&form)).await;
    assert_eq!(answer.2, "/console/dispatches");
    stage.receiver.wait_for(5).await;
    stage.settled().await;
    let (_, list) = stage
        .api("GET", &format!("/v2/webhooks/{id}/dispatches"), None)
        .await;
    let calls = |item: &Value| item["calls"].as_array().expect("calls").len();
    let calls: Vec<_> = list["data"]["items"]
        .as_array()
        .expect("items")
        .iter()
        .map(calls)
        .collect();
    assert_eq!(calls, [2, 1, 2]);
}
