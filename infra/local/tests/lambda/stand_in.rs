//! Pretend runs, and their events.

use http::{Method, Request, Response};
use local::platform::Platform;
use serde_json::{Value, json};

use crate::fixture::{http, next_in, start};

const USER: &str = "localUser00000001";

async fn call(platform: &Platform, method: Method, path: &str, input: &str) -> (u16, Value) {
    let endpoints = platform.endpoints();
    let request = Request::builder()
        .method(method)
        .uri(format!("{}{path}", endpoints.api))
        .header("authorization", format!("Bearer {}", endpoints.token));
    read(http(request, input.to_owned()).await)
}

fn read(response: Response<axum::body::Bytes>) -> (u16, Value) {
    (
        response.status().as_u16(),
        serde_json::from_slice(response.body()).unwrap(),
    )
}

#[tokio::test]
async fn a_run_of_an_actor_sends_its_events_with_the_webhooks_as_they_came() {
    let platform = start().await;
    let input = r#"{"finishAs":"FAILED","afterMs":10}"#;
    let path = "/v2/actors/actor1/runs?webhooks=W3siYSI6MX1d%2B%2F%3D";
    let (status, answer) = call(&platform, Method::POST, path, input).await;
    let run = &answer["data"];
    assert_eq!(
        (status, &run["actId"], &run["userId"]),
        (201, &json!("actor1"), &json!(USER))
    );
    let created = next_in(&platform, "EventQueue").await;
    assert_eq!(
        (&created["eventType"], &created["webhooks"]),
        (&json!("ACTOR.RUN.CREATED"), &json!("W3siYSI6MX1d+/="))
    );
    assert_eq!(
        created["eventData"],
        json!({ "actorId": "actor1", "actorRunId": run["id"] })
    );
    assert_eq!(
        (&created["userId"], &created["createdAt"]),
        (&json!(USER), &run["startedAt"])
    );
    assert_eq!(created["resource"]["id"], run["id"]);
    let failed = next_in(&platform, "EventQueue").await;
    assert_eq!(
        (&failed["eventType"], &failed["resource"]["status"]),
        (&json!("ACTOR.RUN.FAILED"), &json!("FAILED"))
    );
    assert_eq!(
        (failed.get("webhooks"), &failed["createdAt"]),
        (None, &failed["resource"]["finishedAt"])
    );
}

#[tokio::test]
async fn a_run_of_a_task_names_it() {
    let platform = start().await;
    let path = "/v2/actor-tasks/task1/runs?waitForFinish=20";
    let (_, answer) = call(
        &platform,
        Method::POST,
        path,
        r#"{"finishAs":"TIMEDOUT","afterMs":1}"#,
    )
    .await;
    assert_eq!(
        (&answer["data"]["actorTaskId"], &answer["data"]["status"]),
        (&json!("task1"), &json!("TIMEDOUT"))
    );
    next_in(&platform, "EventQueue").await;
    let event = next_in(&platform, "EventQueue").await;
    assert_eq!(
        (&event["eventType"], &event["eventData"]["actorTaskId"]),
        (&json!("ACTOR.RUN.TIMEDOUT"), &json!("task1"))
    );
}

#[tokio::test]
async fn a_run_can_be_aborted_once() {
    let platform = start().await;
    let (_, answer) = call(
        &platform,
        Method::POST,
        "/v2/acts/actor1/runs",
        r#"{"afterMs":3600000}"#,
    )
    .await;
    let path = format!("/v2/actor-runs/{}", answer["data"]["id"].as_str().unwrap());
    for _ in 0..2 {
        let (status, answer) = call(&platform, Method::POST, &format!("{path}/abort"), "").await;
        assert_eq!(
            (status, &answer["data"]["status"]),
            (200, &json!("ABORTED"))
        );
    }
    let (_, answer) = call(
        &platform,
        Method::GET,
        &format!("{path}?waitForFinish=10"),
        "",
    )
    .await;
    assert_eq!(answer["data"]["status"], "ABORTED");
    next_in(&platform, "EventQueue").await;
    assert_eq!(
        next_in(&platform, "EventQueue").await["eventType"],
        "ACTOR.RUN.ABORTED"
    );
    assert!(platform.queue("EventQueue").unwrap().depth().is_empty());
}

#[tokio::test]
async fn bad_requests_are_refused_in_the_envelope_of_apify() {
    let platform = start().await;
    let api = &platform.endpoints().api;
    let strangers = [
        (format!("{api}/v2/acts/a/runs"), "user-or-token-not-found"),
        (
            format!("{api}/v2/acts/a/runs?token=nonsense"),
            "user-or-token-not-found",
        ),
    ];
    for (url, kind) in strangers {
        let (status, answer) = read(http(Request::post(url), "").await);
        assert_eq!((status, &answer["error"]["type"]), (401, &json!(kind)));
    }
    let cases = [
        (
            Method::GET,
            "/v2/actor-runs/nobody",
            404,
            "record-not-found",
        ),
        (
            Method::POST,
            "/v2/actor-runs/nobody/abort",
            404,
            "record-not-found",
        ),
        (Method::POST, "/v2/acts/me~/runs", 404, "record-not-found"),
        (
            Method::POST,
            "/v2/acts/a/runs?waitForFinish=soon",
            400,
            "invalid-parameter",
        ),
    ];
    for (method, path, status, kind) in cases {
        let (got, answer) = call(&platform, method, path, "").await;
        assert_eq!(
            (got, &answer["error"]["type"]),
            (status, &json!(kind)),
            "{path}"
        );
    }
}

/// Runs only pretend, so a name is as good as an id: the same name is the same actor or task.
#[tokio::test]
async fn a_name_is_started_like_an_id() {
    let platform = start().await;
    let start = async |path: &str, field: &str| {
        let (status, answer) = call(&platform, Method::POST, path, "").await;
        assert_eq!(status, 201, "{path}: {answer}");
        let id = answer["data"][field].as_str().unwrap().to_owned();
        assert!(id.bytes().all(|byte| byte.is_ascii_alphanumeric()), "{id}");
        id
    };
    let hello = start("/v2/actors/apify~hello-world/runs", "actId").await;
    for path in [
        "/v2/acts/apify%2Fhello-world/runs",
        "/v2/acts/apify%7Ehello-world/runs",
    ] {
        assert_eq!(start(path, "actId").await, hello);
    }
    for path in ["/v2/actors/me~name/runs", "/v2/actors/~name/runs"] {
        assert_ne!(start(path, "actId").await, hello);
    }
    let task = start("/v2/actor-tasks/me~my_task.2/runs", "actorTaskId").await;
    assert_ne!(
        task,
        start("/v2/actor-tasks/me~name/runs", "actorTaskId").await
    );
    for path in [
        "/v2/actors/a~b~c/runs",
        "/v2/actors/me~/runs",
        "/v2/actors/a%20b/runs",
    ] {
        assert_eq!(
            call(&platform, Method::POST, path, "").await.0,
            404,
            "{path}"
        );
    }
}

#[tokio::test]
async fn the_runs_of_an_actor_are_listed_newest_first() {
    let platform = start().await;
    let mut ids = Vec::new();
    for path in ["/v2/acts/a/runs", "/v2/acts/b/runs", "/v2/actors/a/runs"] {
        let (_, run) = call(&platform, Method::POST, path, r#"{"afterMs":3600000}"#).await;
        ids.push(run["data"]["id"].clone());
    }
    for path in ["/v2/acts/a/runs", "/v2/actors/a/runs"] {
        let (status, answer) = call(&platform, Method::GET, path, "").await;
        let data = &answer["data"];
        assert_eq!((status, &data["total"]), (200, &json!(2)));
        assert_eq!(
            (&data["items"][0]["id"], &data["items"][1]["id"]),
            (&ids[2], &ids[0])
        );
    }
}

#[tokio::test]
async fn what_does_not_concern_runs_goes_to_the_function() {
    let platform = start().await;
    for (method, path) in [
        (Method::GET, "/v2/actor-tasks/a/runs"),
        (Method::DELETE, "/v2/acts/a/runs"),
        (Method::POST, "/v2/webhooks"),
        (Method::GET, "/"),
    ] {
        let (status, event) = call(&platform, method, path, "").await;
        assert_eq!((status, &event["rawPath"]), (201, &json!(path)));
    }
}
