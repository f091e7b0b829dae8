//! A run, and why each of its events has triggered each webhook, or has not.

use axum::extract::{Query, State};
use axum::response::{IntoResponse, Response};
use domain::counted::counted;
use domain::dispatch_filter::Status;
use domain::event::Event;
use domain::id::RunId;
use domain::late::{Happened, still_true};
use domain::rate::Counted;
use domain::webhook::{Webhook, WebhookState};
use domain::why::{Why, why};
use maud::{Markup, html};
use serde::Deserialize;
use store::RunHistory;

use super::door::{Door, Failed};
use super::page::{Page, go_to};
use super::{dispatches, text, webhooks};
use crate::Api;
use crate::caller::Caller;
use crate::path_id::PathId;

/// Which run is asked for.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    run: String,
}

/// `GET /console/runs`.
pub(super) async fn ask(_: Door<Caller>, Query(asked): Query<Asked>) -> Response {
    let wrong = match RunId::parse(asked.run.trim()) {
        Ok(run) => return go_to(&format!("/console/runs/{run}")),
        Err(_) if asked.run.trim().is_empty() => None,
        Err(error) => Some(error.to_string()),
    };
    let body = html! {
        div.head { div { h1 tabindex="-1" { "Why did it fire, or not?" } p.muted { "Every event of a run, and what it has meant for each webhook." } } }
        form.panel.pair method="get" action="/console/runs" {
            div.field {
                label for="run" { "Run id" }
                input #run name="run" required maxlength="64" autocapitalize="off" spellcheck="false" value=(asked.run) data-focus;
                @if let Some(wrong) = wrong { div.problem role="alert" { p { (wrong) } } }
            }
            button.primary type="submit" { "Explain" }
        }
    };
    Page::new("Runs", body).under("runs").into_response()
}

/// `GET /console/runs/{runId}`.
pub(super) async fn show(
    State(api): State<Api>,
    Door(Caller(user)): Door<Caller>,
    Door(PathId(run)): Door<PathId<RunId>>,
) -> Result<Page, Failed> {
    api.count(&user, Counted::HeavyReads).await?;
    let history = api.store.run_history(&user, &run).await?;
    let happened: Vec<Happened> = history.events.iter().map(Happened::of).collect();
    let holding = still_true(&happened);
    let holds = |event: &Event| {
        let key = event.key();
        holding.iter().any(|known| known.key == key)
    };
    let body = html! {
        div.head { h1 tabindex="-1" { "Run " span.id { (run) } } }
        @if history.events.is_empty() {
            div.empty { h2 { "Nothing is known of this run" } p { "No event of it has come, or all have expired." } a.button href="/console/runs" { "Another run" } }
        }
        @for event in history.events.iter().rev() {
            (explained(event, holds(event), &history))
        }
    };
    Ok(Page::new(format!("Run {run}"), body)
        .under("runs")
        .below("Runs", "/console/runs"))
}

fn explained(event: &Event, holds: bool, history: &RunHistory) -> Markup {
    let reasons = history
        .webhooks
        .iter()
        .filter_map(|webhook| Reason::of(webhook, event, holds, history));
    let (near, far): (Vec<_>, Vec<_>) =
        reasons.partition(|reason| reason.why != Why::OtherCondition);
    let rejected = history.rejected.get(&event.key());
    html! {
        section.panel {
            h2 { (text::event(event.kind)) " " small.muted { (text::moment(event.created_at)) } }
            @if near.is_empty() { p.muted { "No webhook is for this run." } }
            ul.rows.dense { @for reason in &near { (reason.shown()) } }
            @if !far.is_empty() {
                details {
                    summary { (far.len()) " for other runs" }
                    ul.rows.dense { @for reason in &far { (reason.shown()) } }
                }
            }
            @if let Some(rejected) = rejected {
                div.notice.bad {
                    p { (counted(rejected.count as u64, "ad hoc definition")) " that came with it could not be used:" }
                    ul { @for one in &rejected.reasons {
                        li { @if let Some(position) = one.position { "No. " (position) ": " } (one.reason) }
                    } }
                }
            }
        }
    }
}

struct Reason<'h> {
    webhook: &'h Webhook,
    why: Why,
    dispatch: Option<&'h domain::dispatch::Dispatch>,
}

impl<'h> Reason<'h> {
    /// `None` for a webhook that is gone and had nothing to do with the run.
    fn of(
        webhook: &'h Webhook,
        event: &Event,
        holds: bool,
        history: &'h RunHistory,
    ) -> Option<Self> {
        let own = webhook.dispatch_id(event);
        let dispatch = history.dispatches.get(&own);
        let why = why(
            webhook,
            event,
            holds,
            dispatch,
            history.fired.get(&webhook.id),
        );
        let is_stranger = why == Why::OtherCondition && webhook.state == WebhookState::Removed;
        (!is_stranger).then_some(Self {
            webhook,
            why,
            dispatch,
        })
    }

    fn shown(&self) -> Markup {
        html! {
            li.row {
                div.row-main {
                    div.row-title {
                        @if self.why.is_match() { span.badge.ok { "Triggered" } } @else { span.badge.off { "Not triggered" } }
                        a.title href={ "/console/webhooks/" (self.webhook.id) } { (webhooks::name(self.webhook)) }
                    }
                    p { (self.why.message()) }
                }
                @if let Some(dispatch) = self.dispatch {
                    div.row-side {
                        (dispatches::badge(Status::of(&dispatch.state)))
                        p { a href={ "/console/dispatches/" (dispatch.id) } { "Dispatch" } }
                    }
                }
            }
        }
    }
}
