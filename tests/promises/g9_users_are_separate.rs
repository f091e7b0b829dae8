//! G9: users see and change only their own webhooks, runs and dispatches. The routes come from the
//! API's own description, so that none can be forgotten.

use serde_json::{Value, json};

use crate::run::{Run, ad_hoc};
use crate::stage::Stage;

/// What may stand in the path of a route: ids of things that the local user has.
pub(crate) struct Ids {
    pub(crate) webhooks: Vec<String>,
    pub(crate) dispatches: Vec<String>,
    /// A redelivery job of the first webhook.
    pub(crate) job: String,
}

#[tokio::test(flavor = "multi_thread")]
async fn g9_whatever_a_user_asks_of_anothers_ids_is_not_found_and_changes_nothing() {
    let stage = Stage::new().await;
    let strangers = [
        stage.token_of("stranger1").await,
        stage.user_token("stranger1", json!({})),
    ];
    let ids = estate(&stage).await;
    let before = everything(&stage, &ids).await;

    let (_, description) = stage.api("GET", "/v2/openapi.json", None).await;
    let mut asked = 0;
    for (route, operations) in description["paths"].as_object().expect("paths") {
        for method in ["get", "put", "post", "delete"] {
            if operations.get(method).is_none() || !route.contains("{") || names_an_owner(route) {
                continue;
            }
            for path in paths(route, &ids) {
                for (body, stranger) in bodies(method)
                    .iter()
                    .flat_map(|body| strangers.iter().map(move |stranger| (body, stranger)))
                {
                    let method = method.to_uppercase();
                    let answer = stage.api_as(stranger, &method, &path, body.as_ref()).await;
                    assert_eq!(answer.0, 404, "{method} {path} {body:?}: {answer:?}");
                    assert_eq!(answer.1["error"]["type"], "record-not-found");
                    asked += 1;
                }
            }
        }
    }
    assert!(asked > 20, "only {asked} requests");
    assert_eq!(everything(&stage, &ids).await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn g9_the_lists_of_a_user_have_nothing_of_anothers() {
    let stage = Stage::new().await;
    let stranger = stage.token_of("stranger1").await;
    estate(&stage).await;
    let (_, description) = stage.api("GET", "/v2/openapi.json", None).await;
    let mut asked = 0;
    for (route, operations) in description["paths"].as_object().expect("paths") {
        let is_list = !route.contains('{') || names_an_owner(route);
        let for_everybody = operations["get"]["security"] == json!([]);
        if operations.get("get").is_none() || !is_list || for_everybody {
            continue;
        }
        let path = route
            .replace("{actorId}", "actor1")
            .replace("{actorTaskId}", "task1")
            .replace("{runId}", "run1");
        let (status, own) = stage.api("GET", &path, None).await;
        assert_eq!(status, 200, "{path}");
        assert_ne!(own["data"]["total"], 0, "{path} shows nothing to its owner");
        let (status, anothers) = stage.api_as(&stranger, "GET", &path, None).await;
        assert_eq!(
            (
                status,
                &anothers["data"]["total"],
                &anothers["data"]["items"]
            ),
            (200, &json!(0), &json!([]))
        );
        asked += 1;
    }
    assert!(asked >= 4, "only {asked} lists");
}

/// A user's event that names another user's actor, task and run triggers none of that user's
/// webhooks.
#[tokio::test(flavor = "multi_thread")]
async fn g9_an_event_triggers_its_own_users_webhooks_only() {
    let stage = Stage::new().await;
    let stranger = stage.token_of("stranger1").await;
    for token in [&stage.token(), &stranger] {
        let path = if *token == stranger {
            "/strangers"
        } else {
            "/own"
        };
        for condition in [
            json!({"actorId": "actor1"}),
            json!({"actorTaskId": "task1"}),
            json!({"actorRunId": "run1"}),
        ] {
            let definition = json!({
                "eventTypes": ["ACTOR.RUN.SUCCEEDED"], "condition": condition, "requestUrl": stage.receiver.url(path), "idempotencyKey": condition.to_string(),
            });
            let (status, answer) = stage
                .api_as(token, "POST", "/v2/webhooks", Some(&definition))
                .await;
            assert_eq!(status, 201, "{answer}");
        }
    }
    stage
        .send(&Run::new("run1").of_task("task1").event("SUCCEEDED", 1))
        .await;
    stage.receiver.wait_for(3).await;
    stage.settled().await;
    assert_eq!(stage.receiver.received_at("/own").len(), 3);
    assert_eq!(stage.receiver.received_at("/strangers").len(), 0);
}

/// Routes of an actor, task or run list the caller's own things about it, so another user's id is
/// not wrong there.
pub(crate) fn names_an_owner(route: &str) -> bool {
    ["/acts/", "/actors/", "/actor-tasks/", "/actor-runs/"]
        .iter()
        .any(|part| route.contains(part))
}

/// Standing webhooks of every kind, an ad hoc webhook, and dispatches of them.
pub(crate) async fn estate(stage: &Stage) -> Ids {
    let mut webhooks = Vec::new();
    for condition in [
        json!({"actorId": "actor1"}),
        json!({"actorTaskId": "task1"}),
        json!({"actorRunId": "run1"}),
    ] {
        webhooks.push(stage.webhook(&["SUCCEEDED"], condition, "/hook").await);
    }
    let mut definition = ad_hoc(&["SUCCEEDED"], &stage.receiver.url("/hook"));
    definition["isAdHoc"] = json!(true);
    definition["condition"] = json!({"actorRunId": "run1"});
    let (_, made) = stage.api("POST", "/v2/webhooks", Some(&definition)).await;
    webhooks.push(made["data"]["id"].as_str().expect("an id").to_owned());
    stage
        .send(&Run::new("run1").of_task("task1").event("SUCCEEDED", 1))
        .await;
    stage.receiver.wait_for(4).await;
    stage.settled().await;
    let dispatches = stage
        .dispatches()
        .await
        .into_iter()
        .map(|dispatch| dispatch.id)
        .collect();
    let path = format!("/v2/webhooks/{}/redeliver-failed", webhooks[0]);
    let (status, made) = stage.api("POST", &path, None).await;
    assert_eq!(status, 202, "{made}");
    Ids {
        job: made["data"]["id"].as_str().expect("an id").to_owned(),
        webhooks,
        dispatches,
    }
}

/// Every path of a route that leads to something of the local user's.
pub(crate) fn paths(route: &str, ids: &Ids) -> Vec<String> {
    let route = route.replace("{jobId}", &ids.job);
    let ids = if route.contains("webhook-dispatches") {
        &ids.dispatches
    } else {
        &ids.webhooks
    };
    let (before, rest) = route.split_once('{').expect("a parameter");
    let (_, after) = rest.split_once('}').expect("a parameter");
    ids.iter()
        .map(|id| format!("{before}{id}{after}"))
        .collect()
}

pub(crate) fn bodies(method: &str) -> Vec<Option<Value>> {
    match method {
        "put" => vec![
            Some(json!({})),
            Some(json!({"isEnabled": false})),
            Some(json!({"requestUrl": "https://stranger.example.com/"})),
        ],
        _ => vec![None],
    }
}

/// All that its owner can read.
pub(crate) async fn everything(stage: &Stage, ids: &Ids) -> Vec<Value> {
    let mut paths = vec![
        "/v2/webhooks".to_owned(),
        "/v2/webhook-dispatches".to_owned(),
        "/v2/actor-runs/run1/webhook-matches".to_owned(),
        format!(
            "/v2/webhooks/{}/redeliver-failed/{}",
            ids.webhooks[0], ids.job
        ),
    ];
    for id in &ids.webhooks {
        paths.push(format!("/v2/webhooks/{id}"));
        paths.push(format!("/v2/webhooks/{id}/dispatches"));
        paths.push(format!("/v2/webhooks/{id}/notices"));
        paths.push(format!("/v2/webhooks/{id}/secret"));
    }
    let mut all = Vec::new();
    for path in paths {
        let (status, answer) = stage.api("GET", &path, None).await;
        assert_eq!(status, 200, "{path}");
        all.push(answer);
    }
    all
}
