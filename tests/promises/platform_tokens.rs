//! The platform's own tokens: whom they act for, and how far. Which scope an operation needs comes
//! from the API's own description.

mod refused;

use serde_json::{Value, json};

use crate::g9_users_are_separate::{Ids, bodies, estate, everything, names_an_owner};
use crate::run::Run;
use crate::stage::Stage;

/// Whose everything is.
const USER: &str = "localUser00000001";

#[tokio::test(flavor = "multi_thread")]
async fn a_token_of_the_platform_does_what_an_api_token_of_its_user_does() {
    let stage = Stage::new().await;
    let token = stage.user_token(USER, json!({}));
    let definition = json!({
        "eventTypes": ["ACTOR.RUN.SUCCEEDED"], "condition": {"actorId": "actor1"}, "requestUrl": stage.receiver.url("/hook"),
    });
    let (status, made) = stage
        .api_as(&token, "POST", "/v2/webhooks", Some(&definition))
        .await;
    assert_eq!(
        (status, &made["data"]["userId"]),
        (201, &json!(USER)),
        "{made}"
    );
    stage.send(&Run::new("run1").event("SUCCEEDED", 1)).await;
    stage.receiver.wait_for(1).await;
    stage.settled().await;
    let (_, dispatches) = stage
        .api_as(&token, "GET", "/v2/webhook-dispatches", None)
        .await;
    assert_eq!(dispatches["data"]["total"], 1);
    // In the query, as an API token.
    let path = format!("/v2/webhooks?token={token}");
    let (_, webhooks) = stage.api_as("", "GET", &path, None).await;
    assert_eq!(webhooks["data"]["total"], 1, "{webhooks}");
    // Whether it is good is seen without any call: of one that is not, nothing else is asked.
    let calls = || {
        let mut calls = stage.platform.calls();
        calls.retain(|call, _| call.caller == "api");
        calls
    };
    let before = calls();
    let bad = stage.user_token(USER, json!({"aud": "another"}));
    assert_eq!(stage.api_as(&bad, "GET", "/v2/webhooks", None).await.0, 401);
    assert_eq!(calls(), before);
}

/// Every operation with every scope: allowed, or refused and without effect.
#[tokio::test(flavor = "multi_thread")]
async fn a_token_does_what_its_scope_allows_and_nothing_more() {
    let stage = Stage::new().await;
    let ids = estate(&stage).await;
    let (_, description) = stage.api("GET", "/v2/openapi.json", None).await;
    let mut asked = [0, 0];
    for allows_writing in [false, true] {
        let scopes: &[&str] = match allows_writing {
            false => &["webhooks:read", "openid", ""],
            true => &["webhooks:write", "webhooks:read webhooks:write"],
        };
        for scope in scopes {
            let token = stage.user_token(USER, json!({ "scope": scope }));
            let before = everything(&stage, &ids).await;
            for (method, path, needed) in operations(&description, &ids) {
                let allowed = allows_writing || scope.contains(&needed);
                if allowed && needed == "webhooks:write" {
                    continue;
                }
                for body in bodies(&method.to_lowercase()) {
                    let (status, answer) = stage.api_as(&token, method, &path, body.as_ref()).await;
                    let is_refused = status == 403
                        && answer["error"]["message"]
                            == format!(
                                "the token does not allow this: it needs the scope {needed}"
                            );
                    assert_eq!(is_refused, !allowed, "{scope:?} {method} {path}: {answer}");
                    asked[usize::from(allowed)] += 1;
                }
            }
            assert_eq!(everything(&stage, &ids).await, before, "{scope:?}");
        }
    }
    assert!(asked.iter().all(|number| *number > 20), "{asked:?}");
    // What changes something comes last: with the widest scope, it is done.
    let token = stage.user_token(USER, json!({"scope": "webhooks:write"}));
    let path = format!("/v2/webhooks/{}", ids.webhooks[0]);
    assert_eq!(stage.api_as(&token, "DELETE", &path, None).await.0, 204);
}

/// Every operation, with a token for the page of the actor that has the first webhook: it gets this
/// webhook and what this has sent, and everything else is not there.
#[tokio::test(flavor = "multi_thread")]
async fn a_token_for_one_detail_page_sees_and_touches_what_is_on_it_and_nothing_else() {
    let stage = Stage::new().await;
    let ids = estate(&stage).await;
    let (_, description) = stage.api("GET", "/v2/openapi.json", None).await;
    let before = everything(&stage, &ids).await;
    let mut asked = [0, 0];
    for (page, own) in [
        (json!({"actorId": "actor1"}), Some(0)),
        (json!({"actorTaskId": "task1"}), Some(1)),
        (json!({"actorId": "task1"}), None),
        (json!({"actorTaskId": "actor1"}), None),
    ] {
        let token = stage.user_token(USER, page.clone());
        let own_webhook = own.map(|place: usize| &ids.webhooks[place]);
        for (method, path, _) in operations(&description, &ids) {
            if path.ends_with("/preview")
                || !path.contains("/webhooks/") && !path.contains("/webhook-dispatches/")
            {
                continue;
            }
            let is_own = match path.split('/').nth(3) {
                Some(id) if path.contains("/webhooks/") => own_webhook.is_some_and(|own| own == id),
                Some(id) => webhook_of(&before, id).as_ref() == own_webhook,
                None => false,
            };
            // The job is of the first webhook.
            let is_own = is_own && (own == Some(0) || !path.ends_with(&ids.job));
            // Of its own, only what may be read is asked here.
            if is_own && method != "GET" {
                continue;
            }
            let (status, answer) = stage
                .api_as(&token, method, &path, body_of(method).as_ref())
                .await;
            let expected = if is_own { 200 } else { 404 };
            assert_eq!(status, expected, "{page} {method} {path}: {answer}");
            asked[usize::from(is_own)] += 1;
        }
        lists_have_only(&stage, &token, own_webhook).await;
    }
    assert!(asked[0] > 40 && asked[1] > 5, "{asked:?}");
    assert_eq!(everything(&stage, &ids).await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_for_one_detail_page_defines_webhooks_there_and_nowhere_else() {
    let stage = Stage::new().await;
    let token = stage.user_token(USER, json!({"actorId": "actor1"}));
    let definition = |condition: Value| {
        json!({
            "eventTypes": ["TEST"], "condition": condition, "requestUrl": "https://example.com/", "idempotencyKey": condition.to_string(),
        })
    };
    let own = definition(json!({"actorId": "actor1"}));
    let (status, made) = stage
        .api_as(&token, "POST", "/v2/webhooks", Some(&own))
        .await;
    assert_eq!(status, 201, "{made}");
    for condition in [
        json!({"actorId": "actor2"}),
        json!({"actorTaskId": "actor1"}),
        json!({"actorRunId": "actor1"}),
    ] {
        let elsewhere = definition(condition.clone());
        let (status, refused) = stage
            .api_as(&token, "POST", "/v2/webhooks", Some(&elsewhere))
            .await;
        let message = "the token is limited to the webhooks of the actor actor1";
        assert_eq!(
            (status, &refused["error"]["message"]),
            (403, &json!(message))
        );
        // One that is there already is not shown for its key, and none is moved there.
        let (_, other) = stage.api("POST", "/v2/webhooks", Some(&elsewhere)).await;
        let mut with_its_key = own.clone();
        with_its_key["idempotencyKey"] = elsewhere["idempotencyKey"].clone();
        let again = stage
            .api_as(&token, "POST", "/v2/webhooks", Some(&with_its_key))
            .await;
        assert_eq!(again.0, 403, "{other}");
        let path = format!(
            "/v2/webhooks/{}",
            made["data"]["id"].as_str().expect("an id")
        );
        let moved = json!({ "condition": condition });
        let moved = stage.api_as(&token, "PUT", &path, Some(&moved)).await;
        assert_eq!(moved.0, 403, "{moved:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_for_one_detail_page_leads_to_no_other_by_its_path_or_by_a_run() {
    let stage = Stage::new().await;
    let id = stage
        .webhook(&["SUCCEEDED"], json!({"actorId": "actor1"}), "/hook")
        .await;
    let token = stage.user_token(USER, json!({"actorId": "actor1"}));
    let in_path = json!({"eventTypes": ["TEST"], "requestUrl": "https://example.com/"});
    for (path, expected) in [
        ("/v2/actors/actor1/webhooks", 201),
        ("/v2/acts/actor1/webhooks", 201),
        ("/v2/actors/actor2/webhooks", 403),
        ("/v2/actor-tasks/actor1/webhooks", 403),
    ] {
        let (status, answer) = stage.api_as(&token, "POST", path, Some(&in_path)).await;
        assert_eq!(status, expected, "{path}: {answer}");
    }
    // A run is on no page, and nobody knows on which one is what a preview or a test would show of
    // it.
    let matches = "/v2/actor-runs/run1/webhook-matches";
    assert_eq!(stage.api_as(&token, "GET", matches, None).await.0, 403);
    let shown = json!({"resourceId": "run1"});
    for path in [
        "/v2/webhooks/preview".to_owned(),
        format!("/v2/webhooks/{id}/test"),
    ] {
        let (status, refused) = stage.api_as(&token, "POST", &path, Some(&shown)).await;
        assert_eq!(status, 403, "{path}: {refused}");
    }
}

/// What may be asked of this estate: method, path, and the scope that the description names.
fn operations(description: &Value, ids: &Ids) -> Vec<(&'static str, String, String)> {
    let mut all = Vec::new();
    for (route, item) in description["paths"].as_object().expect("paths") {
        for method in ["GET", "PUT", "POST", "DELETE"] {
            let operation = &item[method.to_lowercase()];
            let Some(needed) = operation["security"][0]["bearer"][0].as_str() else {
                continue;
            };
            let paths = match route.contains('{') && !names_an_owner(route) {
                true => crate::g9_users_are_separate::paths(route, ids),
                false => vec![
                    route
                        .replace("{actorId}", "actor1")
                        .replace("{actorTaskId}", "task1")
                        .replace("{runId}", "run1"),
                ],
            };
            all.extend(
                paths
                    .into_iter()
                    .map(|path| (method, path, needed.to_owned())),
            );
        }
    }
    all
}

fn body_of(method: &str) -> Option<Value> {
    (method == "PUT").then(|| json!({"isEnabled": false}))
}

/// The webhook of a dispatch, by all that its owner has read.
fn webhook_of(everything: &[Value], dispatch: &str) -> Option<String> {
    let dispatches = everything[1]["data"]["items"]
        .as_array()
        .expect("dispatches");
    let found = dispatches.iter().find(|known| known["id"] == dispatch)?;
    found["webhookId"].as_str().map(str::to_owned)
}

/// Each list has exactly what belongs to this webhook.
async fn lists_have_only(stage: &Stage, token: &str, own: Option<&String>) {
    for (path, member) in [
        ("/v2/webhooks", "id"),
        ("/v2/webhooks?desc=1&limit=1", "id"),
        ("/v2/webhook-dispatches", "webhookId"),
        ("/v2/webhook-dispatches?desc=1&limit=1", "webhookId"),
    ] {
        let (status, list) = stage.api_as(token, "GET", path, None).await;
        let expected: Vec<_> = own.into_iter().map(|id| json!(id)).collect();
        let found = list["data"]["items"].as_array().expect("items").iter();
        let found: Vec<_> = found.map(|item| item[member].clone()).collect();
        assert_eq!((status, found), (200, expected.clone()), "{path}");
        assert_eq!(list["data"]["total"], expected.len(), "{path}");
    }
    let mut seen = 0;
    for path in [
        "/v2/actors/actor1/webhooks",
        "/v2/acts/actor1/webhooks",
        "/v2/actor-tasks/task1/webhooks",
        "/v2/actors/actor2/webhooks",
    ] {
        let (status, list) = stage.api_as(token, "GET", path, None).await;
        assert_eq!(status, 200, "{path}");
        for item in list["data"]["items"].as_array().expect("items") {
            assert_eq!(item["id"].as_str(), own.map(String::as_str), "{path}");
            seen += 1;
        }
    }
    assert_eq!(seen > 0, own.is_some());
}
