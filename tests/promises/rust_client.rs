//! Apify's Rust client, unmodified, from its package: all of its methods that concern webhooks. The
//! other languages are in `tests/clients`.

use apify_client::models::Webhook;
use apify_client::{
    ActorCallOptions, ActorStartOptions, ApiError, ApifyClient, ApifyClientResult, ListIterator,
    ListOptions, TaskStartOptions,
};
use serde_json::{Value, json};

use crate::receiver::Received;
use crate::run::USER;
use crate::stage::Stage;

#[tokio::test(flavor = "multi_thread")]
async fn the_rust_client_creates_reads_updates_and_deletes_a_webhook() {
    let stage = Stage::new().await;
    let client = client(&stage, None);
    let webhook = client.webhooks().create(&definition()).await.unwrap();
    let shown = fields(&webhook);
    for (name, value) in definition().as_object().unwrap() {
        assert!(name == "idempotencyKey" || &shown[name] == value, "{shown}");
    }
    assert_eq!(shown["userId"], USER);
    let again = client.webhooks().create(&definition()).await.unwrap();
    assert_eq!(fields(&again), shown);

    let webhook = client.webhook(&webhook.id);
    assert_eq!(fields(&webhook.get().await.unwrap().unwrap()), shown);
    let change = json!({"description": null, "requestUrl": "https://example.com/new"});
    let updated = fields(&webhook.update(&change).await.unwrap());
    assert_eq!(
        (&updated["description"], &updated["requestUrl"]),
        (&Value::Null, &change["requestUrl"])
    );
    assert_eq!(updated["payloadTemplate"], shown["payloadTemplate"]);
    assert_eq!(fields(&webhook.get().await.unwrap().unwrap()), updated);

    webhook.delete().await.unwrap();
    assert!(webhook.get().await.unwrap().is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_rust_client_goes_through_three_pages_of_webhooks() {
    let stage = Stage::new().await;
    let client = client(&stage, None);
    let (actor, task) = (client.actor("actor1"), client.task("task1"));
    for (webhooks, condition) in [
        (client.webhooks(), json!({"actorRunId": "run1"})),
        (actor.webhooks(), json!({"actorId": "actor1"})),
        (task.webhooks(), json!({"actorTaskId": "task1"})),
    ] {
        let mut definition = definition();
        definition["condition"] = condition;
        definition["idempotencyKey"] = Value::Null;
        // The path of an actor or a task says what a webhook is about.
        for n in 0..5 {
            definition["description"] = json!(format!("number {n}"));
            webhooks.create(&definition).await.unwrap();
        }
        let everything = webhooks.list(ListOptions::default()).await.unwrap();
        assert_eq!((everything.total, everything.count), (5, 5));
        let ids: Vec<_> = everything
            .items
            .iter()
            .map(|item| item.id.clone())
            .collect();
        let newest = ListOptions {
            offset: Some(2),
            limit: Some(2),
            desc: Some(true),
        };
        let page = webhooks.list(newest).await.unwrap();
        assert_eq!(
            (page.total, page.count, page.offset, page.desc),
            (5, 2, 2, true)
        );
        assert_eq!((&page.items[0].id, &page.items[1].id), (&ids[2], &ids[1]));
        let pages = webhooks.iterate(ListOptions::default());
        let iterated = items(pages.with_chunk_size(2)).await;
        assert_eq!(
            iterated.into_iter().map(|item| item.id).collect::<Vec<_>>(),
            ids
        );
        for id in ids {
            client.webhook(id).delete().await.unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_rust_client_tests_a_webhook_and_reads_its_dispatches() {
    let stage = Stage::new().await;
    let client = client(&stage, None);
    let id = stage
        .webhook(&["SUCCEEDED"], json!({"actorId": "actor1"}), "/hook")
        .await;
    let webhook = client.webhook(&id);
    let mut sent = Vec::new();
    for _ in 0..5 {
        let dispatch = webhook.test().await.unwrap();
        assert_eq!(dispatch.webhook_id.as_ref(), Some(&id));
        assert_eq!(dispatch.extra["eventType"], "TEST");
        sent.push(dispatch.id);
    }
    stage.receiver.wait_for(5).await;
    stage.settled().await;
    for dispatches in [webhook.dispatches(), client.webhook_dispatches()] {
        let page = dispatches.list(ListOptions::default()).await.unwrap();
        assert_eq!((page.total, page.count), (5, 5));
        let pages = dispatches.iterate(ListOptions::default());
        let iterated = items(pages.with_chunk_size(2)).await;
        assert_eq!(
            iterated.iter().map(|item| &item.id).collect::<Vec<_>>(),
            sent.iter().collect::<Vec<_>>()
        );
        assert!(
            iterated
                .iter()
                .all(|item| item.extra["status"] == "SUCCEEDED")
        );
    }
    webhook.delete().await.unwrap();
    let dispatch = client
        .webhook_dispatch(&sent[0])
        .get()
        .await
        .unwrap()
        .unwrap();
    assert_eq!(dispatch.extra["calls"][0]["responseStatus"], 200);
    assert!(
        client
            .webhook_dispatch("nothing")
            .get()
            .await
            .unwrap()
            .is_none()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_rust_client_starts_runs_with_ad_hoc_webhooks() {
    let stage = Stage::new().await;
    let client = client(&stage, None);
    let options = |path| ActorStartOptions {
        webhooks: Some(vec![ad_hoc(&stage, path)]),
        ..ActorStartOptions::default()
    };
    let task_options = |path| TaskStartOptions {
        webhooks: Some(vec![ad_hoc(&stage, path)]),
        ..TaskStartOptions::default()
    };
    // Large enough for this client to pack it.
    let input = json!({"afterMs": 1, "text": "long ".repeat(5000)});
    let (actor, task) = (client.actor("actor1"), client.task("task1"));
    let called = ActorCallOptions {
        start: options("/called"),
        ..ActorCallOptions::default()
    };
    let runs = [
        ("/actor", actor.start(Some(&input), options("/actor")).await),
        ("/called", actor.call(Some(&input), called).await),
        (
            "/task",
            task.start(Some(&input), task_options("/task")).await,
        ),
        (
            "/task-called",
            task.call(Some(&input), task_options("/task-called"), None)
                .await,
        ),
    ];
    stage.receiver.wait_for(runs.len()).await;
    stage.settled().await;
    for (path, run) in runs {
        let run = run.unwrap().id;
        let [post] = &stage.receiver.received_at(path)[..] else {
            panic!("one POST to {path}")
        };
        assert_eq!(
            post.json(),
            json!({"run": run, "text": "of localUser00000001"})
        );
        assert_eq!(post.header("authorization"), format!("Bearer {run}"));
        let webhook = webhook_of(&client, post).await;
        for (name, value) in ad_hoc(&stage, path).as_object().unwrap() {
            assert!(
                name == "idempotencyKey" || &webhook[name] == value,
                "{webhook}"
            );
        }
        assert_eq!(
            (&webhook["isAdHoc"], &webhook["condition"]),
            (&json!(true), &json!({"actorRunId": run}))
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_rust_client_understands_every_refusal() {
    let stage = Stage::new().await;
    let client = client(&stage, None);
    let wrong = json!({"eventTypes": [], "condition": {"actorId": "actor1"}, "requestUrl": "https://example.com"});
    let error = refused(client.webhooks().create(&wrong).await);
    assert!(error.is_invalid_request() && error.error_type.as_deref() == Some("schema-validation"));

    let stranger = self::client(&stage, Some("wrong"));
    let error = refused(stranger.webhooks().list(ListOptions::default()).await);
    assert!(
        error.is_unauthorized() && error.error_type.as_deref() == Some("user-or-token-not-found")
    );

    let nothing = client.webhook("nothing");
    assert!(nothing.get().await.unwrap().is_none());
    nothing.delete().await.unwrap();
    for error in [
        refused(nothing.update(&json!({})).await),
        refused(nothing.test().await),
        refused(nothing.dispatches().list(ListOptions::default()).await),
        refused(
            client
                .actor("me/actor")
                .webhooks()
                .list(ListOptions::default())
                .await,
        ),
    ] {
        assert!(error.is_not_found() && error.error_type.as_deref() == Some("record-not-found"));
    }
}

/// A client that never tries again, so that no fault of the API is hidden.
fn client(stage: &Stage, token: Option<&str>) -> ApifyClient {
    let endpoints = stage.platform.endpoints();
    ApifyClient::builder()
        .base_url(&endpoints.api)
        .token(token.unwrap_or(&endpoints.token))
        .max_retries(0)
        .build()
}

fn definition() -> Value {
    json!({
        "eventTypes": ["ACTOR.RUN.SUCCEEDED", "ACTOR.RUN.FAILED"],
        "condition": {"actorId": "actor1"},
        "requestUrl": "https://example.com/hook?key=value",
        "payloadTemplate": format!(r#"{{"run": {{{{resource.id}}}}, "text": "{}"}}"#, "long ".repeat(5000)),
        "headersTemplate": r#"{"Authorization": "Bearer {{resource.id}}"}"#,
        "shouldInterpolateStrings": true,
        "ignoreSslErrors": true,
        "doNotRetry": true,
        "isAdHoc": false,
        "description": "tells the team",
        "idempotencyKey": "key1",
    })
}

fn ad_hoc(stage: &Stage, path: &str) -> Value {
    json!({
        "eventTypes": ["ACTOR.RUN.SUCCEEDED"],
        "requestUrl": stage.receiver.url(path),
        "payloadTemplate": r#"{"run": {{resource.id}}, "text": "of {{userId}}"}"#,
        "headersTemplate": r#"{"Authorization": "Bearer {{resource.id}}"}"#,
        "shouldInterpolateStrings": true,
        "idempotencyKey": path,
        "ignoreSslErrors": true,
        "doNotRetry": true,
    })
}

/// All of a webhook, but for the secret of its signatures, which only a creation shows.
fn fields(webhook: &Webhook) -> Value {
    let mut webhook = webhook.clone();
    webhook.extra.remove("secret");
    serde_json::to_value(&webhook).unwrap()
}

/// The webhook that this POST was sent for.
async fn webhook_of(client: &ApifyClient, post: &Received) -> Value {
    let dispatch = client.webhook_dispatch(post.header("x-apify-webhook-dispatch-id"));
    let dispatch = dispatch.get().await.unwrap().unwrap();
    let webhook = client.webhook(dispatch.webhook_id.unwrap());
    fields(&webhook.get().await.unwrap().unwrap())
}

async fn items<T>(mut pages: ListIterator<T>) -> Vec<T> {
    let mut items = Vec::new();
    while let Some(item) = pages.next().await.unwrap() {
        items.push(item);
    }
    items
}

fn refused<T: std::fmt::Debug>(result: ApifyClientResult<T>) -> ApiError {
    let error = result.unwrap_err();
    error
        .as_api_error()
        .unwrap_or_else(|| panic!("not refused: {error}"))
        .clone()
}
