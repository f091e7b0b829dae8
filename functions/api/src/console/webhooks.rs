//! The list of webhooks: all of a user's, or those of an actor or a task, as other pages embed it.

use axum::extract::State;
use domain::condition::Condition;
use domain::dispatch::Dispatch;
use domain::id::{ActorId, TaskId, UserId};
use domain::timestamp::Timestamp;
use domain::webhook::{Lifetime, Webhook};
use futures::future::try_join_all;
use maud::{Markup, html};
use store::{Activity, Page as Part, Search};

use super::door::{Door, Failed};
use super::page::Page;
use super::state::{Endpoints, Trouble, badge, explained};
use super::{chart, text};
use crate::Api;
use crate::caller::Caller;
use crate::error::ApiError;
use crate::paging::Paging;
use crate::path_id::PathId;

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
    listed(&api, &user, None, part, "Webhooks".to_owned(), address).await
}

/// `GET /console/actors/{actorId}`.
pub(super) async fn of_actor(
    State(api): State<Api>,
    Door(Caller(user)): Door<Caller>,
    Door(PathId(actor)): Door<PathId<ActorId>>,
    Door(Paging(part)): Door<Paging>,
) -> Shown {
    let (title, address) = (
        format!("Webhooks of actor {actor}"),
        format!("/console/actors/{actor}"),
    );
    listed(
        &api,
        &user,
        Some(Condition::Actor(actor)),
        part,
        title,
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
    let (title, address) = (
        format!("Webhooks of task {task}"),
        format!("/console/actor-tasks/{task}"),
    );
    listed(
        &api,
        &user,
        Some(Condition::Task(task)),
        part,
        title,
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

/// A webhook as the list shows it.
struct Row {
    webhook: Webhook,
    activity: Activity,
    recent: Vec<Dispatch>,
}

async fn listed(
    api: &Api,
    user: &UserId,
    condition: Option<Condition>,
    part: Part,
    title: String,
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
            div { h1 tabindex="-1" { (title) } p.muted { (used) " of " (limit) " used" } }
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
            ul.rows { @for row in &rows { (item(row, endpoints.trouble(&row.webhook, now), now)) } }
            (pager(&address, part, found.total))
        }
    };
    Ok(Page::new(title, body))
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

fn item(row: &Row, trouble: Trouble, now: Timestamp) -> Markup {
    let webhook = &row.webhook;
    let (kind, id) = text::condition(&webhook.condition);
    html! {
        li.row {
            div.row-main {
                div.row-title {
                    (badge(webhook, trouble))
                    a.title href={ "/console/webhooks/" (webhook.id) } { (name(webhook)) }
                    @if webhook.lifetime == Lifetime::AdHoc { span.badge.plain { "Once" } }
                }
                p.url { (shown_url(webhook)) }
                @if let Some(why) = explained(webhook, trouble, now) { p.why { (why) } }
                p.meta {
                    span { (kind) " " span.id { (id) } }
                    span { (events(webhook)) }
                }
            }
            div.row-side {
                (chart::spark(&row.recent))
                p.muted {
                    @match &row.activity.last {
                        Some(last) => { "Last " (text::when(last.event.created_at, now)) },
                        None if webhook.lifetime == Lifetime::AdHoc => { "Waiting for its run" },
                        None => { "Not triggered yet" },
                    }
                }
            }
        }
    }
}

/// What a webhook is called: its title, or where it leads.
pub(super) fn name(webhook: &Webhook) -> String {
    let title = webhook
        .label
        .title
        .clone()
        .filter(|title| !title.trim().is_empty());
    title.unwrap_or_else(|| webhook.definition.request_url.redacted())
}

/// A webhook's URL without a password.
pub(super) fn shown_url(webhook: &Webhook) -> String {
    let url = &webhook.definition.request_url;
    match url.url().password() {
        None => url.as_str().to_owned(),
        Some(_) => {
            let mut shown = url.url().clone();
            // It has a host, so it can have a password.
            let _ = shown.set_password(Some("••••"));
            shown.to_string()
        }
    }
}

pub(super) fn events(webhook: &Webhook) -> String {
    let names = webhook.definition.event_types.names();
    let words = names.filter_map(|name| domain::event_type::EventType::parse(name).ok());
    let words: Vec<_> = words.map(text::event).collect();
    words.join(", ")
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
