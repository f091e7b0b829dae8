//! The list of webhooks: all of a user's, or those of an actor or a task, as other pages embed it.

mod row;

use axum::extract::State;
use domain::condition::Condition;
use domain::dispatch::Dispatch;
use domain::id::{ActorId, TaskId, UserId};
use domain::webhook::Webhook;
use futures::future::try_join_all;
use maud::{Markup, html};
use store::{Page as Part, Search};

use super::door::{Door, Failed};
use super::page::Page;
use super::state::Endpoints;
use crate::Api;
use crate::caller::Caller;
use crate::error::ApiError;
use crate::paging::Paging;
use crate::path_id::PathId;

use row::Row;
pub(super) use row::{events, name, shown_url};

/// How many webhooks one page shows, and how many dispatches of each.
const AT_ONCE: usize = 20;
const RECENT: usize = 20;

type Shown = Result<Page, Failed>;

/// `GET /console/`.
pub(super) async fn of_user(
    State(api): State<Api>,
    Door(Caller(user)): Door<Caller>,
    Door(Paging(part)): Door<Paging>,
) -> Shown {
    let address = "/console/".to_owned();
    listed(&api, &user, None, part, "All of yours".to_owned(), address).await
}

/// `GET /console/actors/{actorId}`.
pub(super) async fn of_actor(
    State(api): State<Api>,
    Door(Caller(user)): Door<Caller>,
    Door(PathId(actor)): Door<PathId<ActorId>>,
    Door(Paging(part)): Door<Paging>,
) -> Shown {
    let (whose, address) = (
        format!("Of actor {actor}"),
        format!("/console/actors/{actor}"),
    );
    listed(
        &api,
        &user,
        Some(Condition::Actor(actor)),
        part,
        whose,
        address,
    )
    .await
}

/// `GET /console/actor-tasks/{actorTaskId}`.
pub(super) async fn of_task(
    State(api): State<Api>,
    Door(Caller(user)): Door<Caller>,
    Door(PathId(task)): Door<PathId<TaskId>>,
    Door(Paging(part)): Door<Paging>,
) -> Shown {
    let (whose, address) = (
        format!("Of task {task}"),
        format!("/console/actor-tasks/{task}"),
    );
    listed(
        &api,
        &user,
        Some(Condition::Task(task)),
        part,
        whose,
        address,
    )
    .await
}

/// Where the webhooks of a condition are listed.
pub(super) fn list_of(condition: &Condition) -> String {
    match condition {
        Condition::Actor(actor) => format!("/console/actors/{actor}"),
        Condition::Task(task) => format!("/console/actor-tasks/{task}"),
        Condition::Run(run) => format!("/console/runs/{run}"),
    }
}

async fn listed(
    api: &Api,
    user: &UserId,
    condition: Option<Condition>,
    part: Part,
    whose: String,
    address: String,
) -> Shown {
    let part = Part {
        limit: AT_ONCE,
        newest_first: true,
        ..part
    };
    let used = api.store.standing_count(user).await?;
    let found = api
        .store
        .webhook_page(user, condition.as_ref(), part)
        .await?;
    let rows = try_join_all(found.items.into_iter().map(|(webhook, activity)| async {
        let recent = recent(api, &webhook, RECENT).await?;
        Ok::<_, ApiError>(Row {
            webhook,
            activity,
            recent,
        })
    }))
    .await?;
    let webhooks: Vec<&Webhook> = rows.iter().map(|row| &row.webhook).collect();
    let endpoints = Endpoints::of(api, &webhooks).await?;
    let now = runtime::clock::now();
    let add = match &condition {
        Some(Condition::Actor(actor)) => format!("/console/webhooks/new?actorId={actor}"),
        Some(Condition::Task(task)) => format!("/console/webhooks/new?actorTaskId={task}"),
        Some(Condition::Run(_)) | None => "/console/webhooks/new".to_owned(),
    };
    let limit = api.limits.standing_per_user;
    let body = html! {
        div.head {
            div { h1 tabindex="-1" { "Webhooks" } p.muted { (whose) " · " (used) " of " (limit) " used" } }
            a.button.primary href=(add) { "Add webhook" }
        }
        @if rows.is_empty() && part.offset == 0 {
            div.empty {
                h2 { "No webhooks yet" }
                p { "A webhook sends a POST to your server when a run starts, succeeds, fails, is aborted or times out." }
                a.button.primary href=(add) { "Add the first one" }
            }
        } @else if rows.is_empty() {
            div.empty { p { "There is nothing on this page." } a.button href=(address) { "To the first page" } }
        } @else {
            ul.rows { @for row in &rows { (row::item(row, endpoints.trouble(&row.webhook, now), condition.is_none(), now)) } }
            (pager(&address, part, found.total))
        }
    };
    let page = Page::new("Webhooks", body);
    Ok(match condition {
        Some(_) => page.below("All webhooks", "/console/"),
        None => page,
    })
}

/// The last dispatches of a webhook, the newest first.
pub(super) async fn recent(
    api: &Api,
    webhook: &Webhook,
    count: usize,
) -> Result<Vec<Dispatch>, ApiError> {
    let part = Part {
        offset: 0,
        limit: count,
        newest_first: true,
    };
    let found = api
        .store
        .search_webhook(webhook, &Search::default(), part)
        .await?;
    Ok(found.items)
}

fn pager(address: &str, part: Part, total: usize) -> Markup {
    let end = part.offset + part.limit;
    html! {
        @if part.offset > 0 || end < total {
            nav.pager aria-label="Pages" {
                @if part.offset > 0 {
                    a.button href={ (address) "?offset=" (part.offset.saturating_sub(part.limit)) } { "Newer" }
                }
                span.muted { (part.offset + 1) "–" (end.min(total)) " of " (total) }
                @if end < total { a.button href={ (address) "?offset=" (end) } { "Older" } }
            }
        }
    }
}
