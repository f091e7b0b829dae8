//! Lists of dispatches: of all webhooks, or of one.

mod filters;
mod picking;

use axum::extract::State;
use domain::dispatch::{Dispatch, DispatchState};
use domain::dispatch_filter::Status;
use domain::grant::{Grant, Scope};
use domain::id::{UserId, WebhookId};
use domain::webhook::Webhook;
use maud::{Markup, html};
use store::{Page as Part, Search};

use super::door::{Door, Failed};
use super::page::Page;
use super::{chart, text, webhooks};
use crate::Api;
use crate::caller::LimitedCaller;
use crate::dispatches::{Wanted, duration_ms, of_user, of_webhook};
use crate::error::ApiError;

pub(super) use picking::redeliver_picked;

/// How many one page shows.
const AT_ONCE: usize = 25;

/// A list, and where it is.
pub(super) struct Listing<'w> {
    webhook: Option<&'w WebhookId>,
    address: String,
}

/// `GET /console/dispatches`.
pub(super) async fn of_all(
    State(api): State<Api>,
    Door(LimitedCaller(user, grant)): Door<LimitedCaller>,
    Door(Wanted(search)): Door<Wanted>,
) -> Result<Page, Failed> {
    let listing = Listing {
        webhook: None,
        address: "/console/dispatches".to_owned(),
    };
    let list = listing.shown(&api, (&user, &grant), search).await?;
    let body = html! {
        div.head { div { h1 tabindex="-1" { "Dispatches" } p.muted { "One webhook triggered by one event, and every call that was made for it." } } }
        (list)
    };
    Ok(Page::new("Dispatches", body)
        .for_token(&grant)
        .under("dispatches"))
}

impl<'w> Listing<'w> {
    pub(super) fn of_webhook(id: &'w WebhookId) -> Self {
        Self {
            webhook: Some(id),
            address: format!("/console/webhooks/{id}"),
        }
    }

    /// The list, the newest first, with what can be asked of it.
    pub(super) async fn shown(
        &self,
        api: &Api,
        (user, grant): (&UserId, &Grant),
        search: Option<Search>,
    ) -> Result<Markup, ApiError> {
        let part = Part {
            offset: 0,
            limit: AT_ONCE,
            newest_first: true,
        };
        // A cursor costs the same on every page.
        let search = search.unwrap_or_default();
        let may_write = grant.allows(Scope::Write);
        let shows = Shows {
            webhook: self.webhook.is_none(),
            pick: may_write,
            runs: grant.page().is_none(),
        };
        let (rows, next) = match self.webhook {
            Some(id) => {
                let (webhook, found) =
                    of_webhook(api, (user, grant), id, Some(search.clone()), part).await?;
                let row = |dispatch| row(dispatch, Some(&webhook), shows);
                (found.items.iter().map(row).collect::<Vec<_>>(), found.next)
            }
            None => {
                let found = of_user(api, (user, grant), Some(search.clone()), part).await?;
                let webhooks = api.store.webhooks_of(&found.items).await?;
                let rows = found.items.iter();
                let rows =
                    rows.map(|dispatch| row(dispatch, webhooks.get(&dispatch.webhook), shows));
                (rows.collect(), found.next)
            }
        };
        let is_filtered =
            !search.filter.is_empty() || search.since.is_some() || search.until.is_some();
        Ok(html! {
            (self.filters(&search))
            @if rows.is_empty() && next.is_some() {
                div.empty { p { "None of those that were looked at. There are older ones." } }
            } @else if rows.is_empty() && (is_filtered || search.after.is_some()) {
                div.empty { h2 { "No match" } p { "No dispatch is like that." } a.button href=(self.address) { "Show all" } }
            } @else if rows.is_empty() {
                div.empty { h2 { "No dispatches yet" } p { "The first one is made when an event triggers a webhook, or when you send a test." } }
            } @else if !may_write {
                ul.rows.dense { @for row in &rows { (row) } }
            } @else {
                form method="post" action="/console/redeliver" {
                    input type="hidden" name="back" value=(self.link(&search, None));
                    ul.rows.dense { @for row in &rows { (row) } }
                    div.actions.below { button type="submit" { "Redeliver selected" } }
                }
                @if search.filter.status == Some(Status::Failed) && let Some(webhook) = self.webhook {
                    (picking::redeliver_all(webhook, search.since))
                }
            }
            @if let Some(next) = next {
                nav.pager aria-label="Pages" { a.button href=(self.link(&search, Some(next.as_str()))) { "Older" } }
            }
        })
    }
}

/// What a row has, beside what every row has.
#[derive(Clone, Copy)]
struct Shows {
    /// Whose dispatch it is.
    webhook: bool,
    /// A mark, to pick it.
    pick: bool,
    /// A link to its run.
    runs: bool,
}

fn row(dispatch: &Dispatch, webhook: Option<&Webhook>, shows: Shows) -> Markup {
    let status = Status::of(&dispatch.state);
    let took: u64 = dispatch.calls.iter().map(duration_ms).sum();
    let now = runtime::clock::now();
    html! {
        li.row {
            @if shows.pick {
                input.pick type="checkbox" name="id" value=(dispatch.id)
                    aria-label={ "Select " (text::event(dispatch.event_type)) ", " (text::moment(dispatch.event.created_at)) };
            }
            div.row-main {
                div.row-title {
                    (badge(status))
                    a.title href={ "/console/dispatches/" (dispatch.id) } { (text::event(dispatch.event_type)) }
                    span.muted { (text::when(dispatch.event.created_at, now)) }
                }
                p.meta {
                    span { (text::subject(&dispatch.subject, shows.runs)) }
                    @if shows.webhook {
                        @match webhook {
                            Some(webhook) => span { a href={ "/console/webhooks/" (webhook.id) } { (webhooks::name(webhook)) } },
                            None => span { "Webhook is gone" },
                        }
                    }
                }
                @if let DispatchState::Failed { reason } = &dispatch.state { p.why { (reason) } }
            }
            div.row-side.muted {
                p { (calls(dispatch.calls.len())) }
                @if !dispatch.calls.is_empty() { p { (text::took(took)) } }
            }
        }
    }
}

/// A status as a mark and a word.
pub(super) fn badge(status: Status) -> Markup {
    let class = match status {
        Status::Active => "waits",
        Status::Succeeded => "ok",
        Status::Failed => "bad",
    };
    html! { span class={ "badge " (class) } { (chart::word(status)) } }
}

fn calls(count: usize) -> String {
    match count {
        0 => "No call yet".to_owned(),
        1 => "1 call".to_owned(),
        many => format!("{many} calls"),
    }
}
