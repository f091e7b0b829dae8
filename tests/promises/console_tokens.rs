//! What tokens that allow less see and can do in the console. Its routes come from its source, so
//! that none can be forgotten; what each scope opens, the API's own tests hold.

use std::collections::{BTreeSet, VecDeque};

use serde_json::{Value, json};

use crate::console::page;
use crate::g9_users_are_separate::{Ids, estate, everything};
use crate::stage::Stage;

const ROUTES: &str = include_str!("../../functions/api/src/console/routes.rs");
/// Whose everything is.
const USER: &str = "localUser00000001";

/// Every route that there is: method and path.
fn routes() -> Vec<(&'static str, &'static str)> {
    let mut found = Vec::new();
    for (place, _) in ROUTES.match_indices("\"/console/") {
        let before = ROUTES[..place].trim_end().trim_end_matches('(');
        let method = match before.rsplit([' ', '\n', '(']).next() {
            Some("get") => "GET",
            Some("post") => "POST",
            other => panic!("{other:?} is no method"),
        };
        let path = ROUTES[place + 1..].split('"').next().expect("a path");
        found.push((method, path));
    }
    assert!(found.len() > 20, "{found:?}");
    found
}

/// Every address of a route, and the webhook that it is about, if it is about one.
fn addresses(route: &str, ids: &Ids, dispatches: &[Value]) -> Vec<(String, Option<String>)> {
    let route = route
        .replace("{jobId}", &ids.job)
        .replace("{runId}", "run1");
    if route.contains("{webhookId}") {
        let address = |id: &String| (route.replace("{webhookId}", id), Some(id.clone()));
        return ids.webhooks.iter().map(address).collect();
    }
    if route.contains("{dispatchId}") {
        let address = |one: &Value| {
            let text = |name: &str| one[name].as_str().expect("a text").to_owned();
            let path = route.replace("{dispatchId}", &text("id"));
            (path, Some(text("webhookId")))
        };
        return dispatches.iter().map(address).collect();
    }
    let filled = |ids: [&str; 2]| {
        let path = route.replace("{actorId}", ids[0]);
        (path.replace("{actorTaskId}", ids[1]), None)
    };
    let mut all = vec![filled(["actor1", "task1"]), filled(["actor2", "task2"])];
    all.dedup();
    all
}

/// What a form would say to define a webhook for another actor, or to redeliver what is of other
/// webhooks than this one.
fn form(own: Option<&String>, dispatches: &[Value]) -> String {
    let is_own = |one: &Value| own.is_some_and(|own| one["webhookId"] == own.as_str());
    let others = dispatches.iter().filter(|one| !is_own(one));
    let picked: Vec<_> = others
        .map(|one| format!("id={}", one["id"].as_str().expect("an id")))
        .collect();
    let condition = "conditionKind=actorId&conditionId=actor2";
    let rest = "eventTypes=TEST&requestUrl=https://example.com/&version=1&to=off&resourceId=run1";
    format!("{condition}&{rest}&{}", picked.join("&"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_for_one_detail_page_gets_that_page_of_the_console_and_nothing_else() {
    let stage = Stage::new().await;
    let ids = estate(&stage).await;
    let before = everything(&stage, &ids).await;
    let dispatches = before[1]["data"]["items"].as_array().expect("items");
    let mut asked = [0, 0];
    for (limit, own, home) in [
        (
            json!({"actorId": "actor1"}),
            Some(0),
            "/console/actors/actor1",
        ),
        (
            json!({"actorTaskId": "task1"}),
            Some(1),
            "/console/actor-tasks/task1",
        ),
        (json!({"actorId": "task1"}), None, "/console/actors/task1"),
    ] {
        let token = stage.user_token(USER, limit);
        let own = own.map(|place: usize| ids.webhooks[place].clone());
        for (method, route) in routes() {
            for (path, about) in addresses(route, &ids, dispatches) {
                let is_job = route.contains("{jobId}");
                let is_own = match &about {
                    // The job is of the first webhook.
                    Some(_) => about == own && (!is_job || own.as_ref() == Some(&ids.webhooks[0])),
                    None => path == home || !route.contains('{') && route != "/console/runs",
                };
                // What changes its own is tried where it is seen what comes of it.
                if is_own && about.is_some() && method == "POST" {
                    continue;
                }
                let body = form(own.as_ref(), dispatches);
                let body = (method == "POST").then_some(body.as_str());
                let short = path.strip_prefix("/console").expect("a path");
                let (status, text, _) = page(&stage, &token, short, body).await;
                let expected = match (is_own, &about, method, route) {
                    // Whoever asks of a list of things that it does not have all of gets none.
                    (true, _, "POST", "/console/redeliver") => 404,
                    (true, _, "POST", "/console/webhooks/new") => 403,
                    (true, ..) => 200,
                    (false, Some(_), ..) => 404,
                    (false, None, ..) => 403,
                };
                assert_eq!(status, expected, "{home} {method} {path}: {text}");
                for id in ids.webhooks.iter().filter(|id| Some(*id) != own.as_ref()) {
                    let tells = text.contains(&format!("/webhooks/{id}"));
                    assert!(!tells, "{home} {method} {path} tells of {id}: {text}");
                }
                asked[usize::from(is_own)] += 1;
            }
        }
    }
    assert!(asked[0] > 100 && asked[1] > 20, "{asked:?}");
    assert_eq!(everything(&stage, &ids).await, before);
}

/// Follows every link that there is on the pages of a token, from this one.
async fn all_pages(stage: &Stage, token: &str, start: &str) -> Vec<(String, String)> {
    let mut known = BTreeSet::from([start.to_owned()]);
    let mut next = VecDeque::from([start.to_owned()]);
    let mut pages = Vec::new();
    while let Some(path) = next.pop_front() {
        let (status, text, _) = page(stage, token, &path, None).await;
        assert_eq!(status, 200, "{path}: {text}");
        for link in text.split("href=\"").skip(1) {
            let link = link
                .split('"')
                .next()
                .expect("a link")
                .replace("&amp;", "&");
            let link = match link.strip_prefix("/console") {
                Some(path) => path.to_owned(),
                None if link.starts_with('?') => {
                    format!("{}{link}", path.split('?').next().unwrap_or_default())
                }
                None => panic!("{path} leads away: {link}"),
            };
            if known.insert(link.clone()) {
                next.push_back(link);
            }
        }
        pages.push((path, text));
    }
    pages
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_offered_what_the_token_does_not_allow() {
    let stage = Stage::new().await;
    let ids = estate(&stage).await;
    let limit = |claims: Value| stage.user_token(USER, claims);
    let reader = limit(json!({"scope": "webhooks:read"}));
    let reader_of_page = limit(json!({"scope": "webhooks:read", "actorId": "actor1"}));
    let writer_of_page = limit(json!({"actorId": "actor1"}));
    for (token, may_write) in [
        (&stage.token(), true),
        (&reader, false),
        (&reader_of_page, false),
        (&writer_of_page, true),
    ] {
        // Every link leads to a page that is shown.
        let pages = all_pages(&stage, token, "/actors/actor1").await;
        let changes = pages
            .iter()
            .filter(|(_, text)| text.contains("method=\"post\""));
        assert_eq!(changes.count() > 0, may_write);
        let forms = pages
            .iter()
            .any(|(path, _)| path.starts_with("/webhooks/new"));
        let secrets = pages.iter().any(|(_, text)| text.contains("tab=secret"));
        assert_eq!((forms, secrets), (may_write, may_write));
        assert!(pages.len() > 5, "{}", pages.len());
    }
    let path = format!("/webhooks/{}?tab=secret&show=secret", ids.webhooks[0]);
    for token in [&reader, &reader_of_page] {
        let (status, text, _) = page(&stage, token, &path, None).await;
        assert!(status == 403 && !text.contains("whsec_"), "{text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_for_one_detail_page_does_the_whole_job_there() {
    let stage = Stage::new().await;
    let token = stage.user_token(USER, json!({"actorId": "actor1"}));
    let (_, form, _) = page(&stage, &token, "/webhooks/new?actorId=actor2", None).await;
    assert!(
        form.contains("name=\"conditionId\" value=\"actor1\""),
        "{form}"
    );
    assert!(
        !form.contains("actor2") && !form.contains("resourceId"),
        "{form}"
    );
    let url = stage.receiver.url("/hook");
    let filled =
        format!("eventTypes=TEST&conditionKind=actorId&conditionId=actor1&requestUrl={url}");
    let (status, preview, _) = page(&stage, &token, "/preview", Some(&filled)).await;
    assert!(
        status == 200 && preview.contains("What would be sent"),
        "{preview}"
    );
    let of_run = format!("{filled}&resourceId=run1");
    let (_, refused, _) = page(&stage, &token, "/preview", Some(&of_run)).await;
    assert!(
        refused.contains("limited to the webhooks of the actor actor1"),
        "{refused}"
    );
    let and_test = format!("{filled}&then=test");
    let (status, made, _) = page(&stage, &token, "/webhooks/new", Some(&and_test)).await;
    assert!(status == 200 && made.contains("whsec_"), "{made}");
    stage.receiver.wait_for(1).await;
    stage.settled().await;
    let (_, list) = stage.api("GET", "/v2/webhooks", None).await;
    let id = list["data"]["items"][0]["id"].as_str().expect("an id");
    let (_, dispatches) = stage.api("GET", "/v2/webhook-dispatches", None).await;
    let dispatch = dispatches["data"]["items"][0]["id"]
        .as_str()
        .expect("an id");
    for (path, form) in [
        (
            format!("/webhooks/{id}"),
            format!("{filled}&version=1&title=T"),
        ),
        (format!("/webhooks/{id}/switch"), "to=off".to_owned()),
        (format!("/webhooks/{id}/switch"), "to=on".to_owned()),
        (format!("/webhooks/{id}/test"), String::new()),
        (
            format!("/webhooks/{id}/rotate"),
            "overlapSeconds=0".to_owned(),
        ),
        (format!("/webhooks/{id}/redeliver"), String::new()),
        (format!("/dispatches/{dispatch}/redeliver"), String::new()),
        ("/redeliver".to_owned(), format!("id={dispatch}")),
        (format!("/webhooks/{id}/delete"), String::new()),
    ] {
        let (status, text, _) = page(&stage, &token, &path, Some(&form)).await;
        assert_eq!(status, 200, "{path}: {text}");
    }
    // It is moved nowhere else, whatever a form says.
    let elsewhere = and_test.replace("actor1", "actor2");
    let (status, text, _) = page(&stage, &token, "/webhooks/new", Some(&elsewhere)).await;
    assert_eq!(status, 403, "{text}");
}
