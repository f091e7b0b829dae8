//! Lists of dispatches: of all webhooks, or of one.

use axum::body::Bytes;
use axum::extract::State;
use axum::response::Response;
use domain::dispatch::{Dispatch, DispatchState};
use domain::dispatch_filter::Status;
use domain::dispatch_id::DispatchId;
use domain::event_type::EventType;
use domain::id::{UserId, WebhookId};
use domain::timestamp::Timestamp;
use domain::webhook::Webhook;
use maud::{Markup, html};
use store::{Page as Part, Search};
use url::form_urlencoded;

use super::door::{Door, Failed};
use super::form::Form;
use super::page::{Page, go_to};
use super::text::{OF_BUILDS, OF_RUNS};
use super::{chart, text, webhooks};
use crate::Api;
use crate::caller::Caller;
use crate::dispatches::{Wanted, duration_ms, of_user, of_webhook, redelivered};
use crate::error::ApiError;

/// How many one page shows.
const AT_ONCE: usize = 25;

const STATUSES: [(Option<Status>, &str); 4] = [
    (None, "All"),
    (Some(Status::Active), "Waiting"),
    (Some(Status::Succeeded), "Delivered"),
    (Some(Status::Failed), "Failed"),
];

/// A list, and where it is.
pub(super) struct Listing<'w> {
    webhook: Option<&'w WebhookId>,
    address: String,
}

/// `GET /console/dispatches`.
pub(super) async fn of_all(
    State(api): State<Api>,
    Door(Caller(user)): Door<Caller>,
    Door(Wanted(search)): Door<Wanted>,
) -> Result<Page, Failed> {
    let listing = Listing {
        webhook: None,
        address: "/console/dispatches".to_owned(),
    };
    let list = listing.shown(&api, &user, search).await?;
    let body = html! {
        div.head { div { h1 tabindex="-1" { "Dispatches" } p.muted { "One webhook triggered by one event, and every call that was made for it." } } }
        (list)
    };
    Ok(Page::new("Dispatches", body).under("dispatches"))
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
        user: &UserId,
        search: Option<Search>,
    ) -> Result<Markup, ApiError> {
        let part = Part {
            offset: 0,
            limit: AT_ONCE,
            newest_first: true,
        };
        // A cursor costs the same on every page.
        let search = search.unwrap_or_default();
        let (rows, next) = match self.webhook {
            Some(id) => {
                let (webhook, found) =
                    of_webhook(api, user, id, Some(search.clone()), part).await?;
                let row = |dispatch| row(dispatch, Some(&webhook), false);
                (found.items.iter().map(row).collect::<Vec<_>>(), found.next)
            }
            None => {
                let found = of_user(api, user, Some(search.clone()), part).await?;
                let webhooks = api.store.webhooks_of(&found.items).await?;
                let rows = found.items.iter();
                let rows =
                    rows.map(|dispatch| row(dispatch, webhooks.get(&dispatch.webhook), true));
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
            } @else {
                form method="post" action="/console/redeliver" {
                    input type="hidden" name="back" value=(self.link(&search, None));
                    ul.rows.dense { @for row in &rows { (row) } }
                    div.actions.below { button type="submit" { "Redeliver selected" } }
                }
                @if search.filter.status == Some(Status::Failed) && let Some(webhook) = self.webhook {
                    (redeliver_all(webhook, search.since))
                }
            }
            @if let Some(next) = next {
                nav.pager aria-label="Pages" { a.button href=(self.link(&search, Some(next.as_str()))) { "Older" } }
            }
        })
    }

    fn filters(&self, search: &Search) -> Markup {
        let with = |status| {
            let mut other = search.clone();
            other.filter.status = status;
            self.link(&other, None)
        };
        let is_open = search.filter.event_type.is_some()
            || search.filter.run.is_some()
            || search.since.is_some()
            || search.until.is_some();
        html! {
            div.filters {
                div.segments role="group" aria-label="Status" {
                    @for (status, words) in STATUSES {
                        a href=(with(status)) aria-current=[(search.filter.status == status).then_some("true")] { (words) }
                    }
                }
                details open[is_open] {
                    summary { "Filter" }
                    form.pair method="get" action=(self.address) {
                        @if let Some(status) = search.filter.status { input type="hidden" name="status" value=(status.name()); }
                        div.field {
                            label for="eventType" { "Event" }
                            select #eventType name="eventType" {
                                option value="" { "Any" }
                                @for (kind, words, _) in OF_RUNS.into_iter().chain(OF_BUILDS).chain([(EventType::Test, "Test", "")]) {
                                    option value=(kind.name()) selected[search.filter.event_type == Some(kind)] { (words) }
                                }
                            }
                        }
                        div.field {
                            label for="actorRunId" { "Run" }
                            input #actorRunId name="actorRunId" maxlength="64" value=[search.filter.run.as_ref()];
                        }
                        (moment("since", "Since (UTC)", search.since))
                        (moment("until", "Until (UTC)", search.until))
                        button type="submit" { "Apply" }
                    }
                }
            }
        }
    }

    fn link(&self, search: &Search, cursor: Option<&str>) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        let mut add = |name: &str, value: Option<String>| {
            if let Some(value) = value {
                query.append_pair(name, &value);
            }
        };
        let filter = &search.filter;
        add(
            "status",
            filter.status.map(|status| status.name().to_owned()),
        );
        add(
            "eventType",
            filter.event_type.map(|kind| kind.name().to_owned()),
        );
        add("actorRunId", filter.run.as_ref().map(ToString::to_string));
        add("since", search.since.map(|at| at.to_string()));
        add("until", search.until.map(|at| at.to_string()));
        add("cursor", cursor.map(str::to_owned));
        let query = query.finish();
        if query.is_empty() {
            self.address.clone()
        } else {
            format!("{}?{query}", self.address)
        }
    }
}

fn moment(name: &str, words: &str, at: Option<Timestamp>) -> Markup {
    html! {
        div.field {
            label for=(name) { (words) }
            input id=(name) name=(name) placeholder="2026-11-28T09:00:00Z" value=[at];
        }
    }
}

fn row(dispatch: &Dispatch, webhook: Option<&Webhook>, names_webhook: bool) -> Markup {
    let status = Status::of(&dispatch.state);
    let took: u64 = dispatch.calls.iter().map(duration_ms).sum();
    let now = runtime::clock::now();
    html! {
        li.row {
            input.pick type="checkbox" name="id" value=(dispatch.id)
                aria-label={ "Select " (text::event(dispatch.event_type)) ", " (text::moment(dispatch.event.created_at)) };
            div.row-main {
                div.row-title {
                    (badge(status))
                    a.title href={ "/console/dispatches/" (dispatch.id) } { (text::event(dispatch.event_type)) }
                    span.muted { (text::when(dispatch.event.created_at, now)) }
                }
                p.meta {
                    span { (text::subject(&dispatch.subject)) }
                    @if names_webhook {
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

/// All that failed, not only what one page shows.
fn redeliver_all(webhook: &WebhookId, since: Option<Timestamp>) -> Markup {
    html! {
        form.panel.pair.below method="post" action={ "/console/webhooks/" (webhook) "/redeliver" } {
            div.field {
                label for="from" { "Redeliver all that failed since " span.muted { "(empty: ever)" } }
                input #from name="since" placeholder="2026-11-28T09:00:00Z" value=[since];
            }
            button type="submit" { "Redeliver all" }
        }
    }
}

/// `POST /console/redeliver`: those that were picked.
pub(super) async fn redeliver_picked(
    State(api): State<Api>,
    Door(Caller(user)): Door<Caller>,
    body: Bytes,
) -> Result<Response, Failed> {
    let form = Form::read(&body);
    for id in form.all("id").take(AT_ONCE) {
        let id = DispatchId::parse(id).map_err(|_| ApiError::not_found("dispatch", id))?;
        redelivered(&api, &user, &id).await?;
    }
    let back = form.text("back");
    // Only within the console.
    let is_ours = back.starts_with("/console/");
    Ok(go_to(if is_ours { back } else { "/console/dispatches" }))
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
