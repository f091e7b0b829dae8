//! The list of webhooks: all of a user's, or those of an actor or a task, as other pages embed it.

mod row;

use axum::extract::State;
use domain::condition::Condition;
use domain::counted::counted;
use domain::dispatch::Dispatch;
use domain::grant::{Grant, Scope};
use domain::id::{ActorId, TaskId, UserId};
use domain::webhook::Webhook;
use futures::future::try_join_all;
use maud::{Markup, html};
use store::{Page as Part, Search};

use super::door::{Door, Failed};
use super::page::Page;
use super::state::Endpoints;
use super::text;
use crate::Api;
use crate::caller::{LimitedCaller, refuse_beyond};
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
    Door(LimitedCaller(user, grant)): Door<LimitedCaller>,
    Door(Paging(part)): Door<Paging>,
) -> Shown {
    // What a token is limited to is all that there is for it.
    let (whose, address) = match grant.page() {
        Some(page) => whose(page),
        None => ("All of yours".to_owned(), "/console/".to_owned()),
    };
    let list = Listed {
        condition: grant.page(),
        whose,
        address,
    };
    list.shown(&api, (&user, &grant), part).await
}

/// `GET /console/actors/{actorId}`.
pub(super) async fn of_actor(
    State(api): State<Api>,
    Door(LimitedCaller(user, grant)): Door<LimitedCaller>,
    Door(PathId(actor)): Door<PathId<ActorId>>,
    Door(Paging(part)): Door<Paging>,
) -> Shown {
    of_condition(&api, (&user, &grant), &Condition::Actor(actor), part).await
}

/// `GET /console/actor-tasks/{actorTaskId}`.
pub(super) async fn of_task(
    State(api): State<Api>,
    Door(LimitedCaller(user, grant)): Door<LimitedCaller>,
    Door(PathId(task)): Door<PathId<TaskId>>,
    Door(Paging(part)): Door<Paging>,
) -> Shown {
    of_condition(&api, (&user, &grant), &Condition::Task(task), part).await
}

/// Where the webhooks of a condition are listed.
pub(super) fn list_of(condition: &Condition) -> String {
    match condition {
        Condition::Actor(actor) => format!("/console/actors/{actor}"),
        Condition::Task(task) => format!("/console/actor-tasks/{task}"),
        Condition::Run(run) => format!("/console/runs/{run}"),
    }
}

async fn of_condition(
    api: &Api,
    caller: (&UserId, &Grant),
    condition: &Condition,
    part: Part,
) -> Shown {
    refuse_beyond(caller.1, condition)?;
    let (whose, address) = whose(condition);
    let list = Listed {
        condition: Some(condition),
        whose,
        address,
    };
    list.shown(api, caller, part).await
}

/// Whose the webhooks of a condition are, in words, and where they are listed.
fn whose(condition: &Condition) -> (String, String) {
    let (kind, id) = text::condition(condition);
    let words = format!("Of {} {id}", kind.to_lowercase());
    (words, list_of(condition))
}

/// A list of webhooks.
struct Listed<'c> {
    /// What those on it are for; `None` if that is anything.
    condition: Option<&'c Condition>,
    whose: String,
    address: String,
}

impl Listed<'_> {
    async fn shown(&self, api: &Api, (user, grant): (&UserId, &Grant), part: Part) -> Shown {
        let part = Part {
            limit: AT_ONCE,
            newest_first: true,
            ..part
        };
        let found = api.store.webhook_page(user, self.condition, part).await?;
        let count = match grant.page() {
            None => {
                let used = api.store.standing_count(user).await?;
                format!("{used} of {} used", api.limits.standing_per_user)
            }
            // What its user has elsewhere is none of its business.
            Some(_) => counted(found.total as u64, "webhook"),
        };
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
        let names_condition = self.condition.is_none();
        let item = |row: &Row| {
            let trouble = endpoints.trouble(&row.webhook, now);
            row::item(row, trouble, names_condition, now)
        };
        let body = html! {
            div.head {
                div { h1 tabindex="-1" { "Webhooks" } p.muted { (self.whose) " · " (count) } }
                (self.add(grant, "Add webhook"))
            }
            @if rows.is_empty() && part.offset == 0 {
                div.empty {
                    h2 { "No webhooks yet" }
                    p { "A webhook sends a POST to your server when a run starts, succeeds, fails, is aborted or times out." }
                    (self.add(grant, "Add the first one"))
                }
            } @else if rows.is_empty() {
                div.empty { p { "There is nothing on this page." } a.button href=(self.address) { "To the first page" } }
            } @else {
                ul.rows { @for row in &rows { (item(row)) } }
                (pager(&self.address, part, found.total))
            }
        };
        let page = Page::new("Webhooks", body).for_token(grant);
        let is_part = self.condition.is_some() && grant.page().is_none();
        Ok(match is_part {
            true => page.below("All webhooks", "/console/"),
            false => page,
        })
    }

    /// Leads to the form, if the token allows to define a webhook.
    fn add(&self, grant: &Grant, words: &str) -> Markup {
        let address = match self.condition {
            Some(Condition::Actor(actor)) => format!("/console/webhooks/new?actorId={actor}"),
            Some(Condition::Task(task)) => format!("/console/webhooks/new?actorTaskId={task}"),
            Some(Condition::Run(_)) | None => "/console/webhooks/new".to_owned(),
        };
        html! {
            @if grant.allows(Scope::Write) { a.button.primary href=(address) { (words) } }
        }
    }
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
