//! One webhook: how it is, what it has sent lately, and what can be done about it.

use axum::extract::{Query, State};
use domain::dispatch::Dispatch;
use domain::dispatch_filter::Status;
use domain::grant::{Grant, Scope};
use domain::id::WebhookId;
use domain::timestamp::Timestamp;
use domain::webhook::{Webhook, WebhookState};
use maud::{Markup, html};
use serde::Deserialize;

use super::door::{Door, Failed};
use super::form::{Form, Problems};
use super::page::Page;
use super::state::{Endpoints, Trouble, badge, explained};
use super::{chart, dispatches, notices, secret_tab, settings, text, webhooks};
use crate::Api;
use crate::caller::{LimitedCaller, within};
use crate::dispatches::Wanted;
use crate::error::ApiError;
use crate::path_id::PathId;

/// How many dispatches the chart has.
const CHARTED: usize = 100;

/// What is asked of the page.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    tab: String,
    show: String,
    saved: String,
}

const TABS: [(&str, &str); 4] = [
    ("dispatches", "Dispatches"),
    ("notices", "Notices"),
    ("settings", "Settings"),
    ("secret", "Secret"),
];

/// `GET /console/webhooks/{webhookId}`.
pub(super) async fn show(
    State(api): State<Api>,
    Door(LimitedCaller(user, grant)): Door<LimitedCaller>,
    Door(PathId(id)): Door<PathId<WebhookId>>,
    Door(Wanted(search)): Door<Wanted>,
    Query(asked): Query<Asked>,
) -> Result<Page, Failed> {
    let webhook = api.store.webhook(&user, &id).await?;
    let webhook = webhook.ok_or_else(|| ApiError::not_found("webhook", id.as_str()))?;
    let webhook = within(&grant, webhook)?;
    let is_removed = webhook.state == WebhookState::Removed;
    let body = match asked.tab.as_str() {
        "notices" => notices::tab(&api, &webhook).await?,
        "settings" if !is_removed => {
            let mut form = Form::of(&webhook);
            if asked.show != "headers" && webhook.definition.templates.headers.is_some() {
                form.hide("headersTemplate");
            }
            let settings = settings::form(&webhook, &form, &Problems::default(), &grant);
            html! {
                @if !asked.saved.is_empty() { div.notice.ok role="status" { p { "Saved." } } }
                (settings)
            }
        }
        // Who has the secret can sign what receivers take for a delivery.
        "secret" if !grant.allows(Scope::Write) => {
            return Err(ApiError::MissingScope(Scope::Write).into());
        }
        "secret" if !is_removed => secret_tab::tab(&api, &webhook, asked.show == "secret").await?,
        _ => {
            let list = dispatches::Listing::of_webhook(&id);
            list.shown(&api, (&user, &grant), search).await?
        }
    };
    Ok(framed(&api, (&webhook, &grant), &asked.tab, body).await?)
}

/// The page around a tab.
pub(super) async fn framed(
    api: &Api,
    (webhook, grant): (&Webhook, &Grant),
    tab: &str,
    body: Markup,
) -> Result<Page, ApiError> {
    let now = runtime::clock::now();
    let endpoints = Endpoints::of(api, &[webhook]).await?;
    let trouble = endpoints.trouble(webhook, now);
    let recent = webhooks::recent(api, webhook, CHARTED).await?;
    let failed = recent
        .iter()
        .filter(|one| Status::of(&one.state) == Status::Failed)
        .count();
    let is_removed = webhook.state == WebhookState::Removed;
    let may_write = grant.allows(Scope::Write);
    let (kind, id) = text::condition(&webhook.condition);
    let address = format!("/console/webhooks/{}", webhook.id);
    let current = TABS
        .iter()
        .find(|(name, _)| *name == tab && has_tab(webhook, grant, name))
        .map_or("dispatches", |(name, _)| *name);
    let body = html! {
        div.head {
            div {
                h1 tabindex="-1" { (webhooks::name(webhook)) }
                p.url { (webhooks::shown_url(webhook)) }
            }
            @if !is_removed && may_write { (actions(webhook, &address)) }
        }
        p.meta {
            (badge(webhook, trouble))
            @if webhook.lifetime.is_ad_hoc() { span.badge.plain { "Once" } }
            span { (kind) " " span.id { (id) } }
            span { (webhooks::events(webhook)) }
        }
        @if let Some(why) = explained(webhook, trouble, now) {
            div class=(if webhook.state == WebhookState::Enabled { "notice warn" } else { "notice" }) {
                p { (why) }
                @if !may_write {}
                @else if webhook.state == WebhookState::Disabled { (switch_on(webhook, failing_since(webhook, trouble, &recent), &address)) }
                @else if webhook.state == WebhookState::Enabled && failed > 0 { (redeliver(failing_since(webhook, trouble, &recent), &address)) }
            }
        }
        (chart::bars(&recent))
        nav.tabs aria-label="Webhook" {
            @for (name, words) in TABS.iter().filter(|(name, _)| has_tab(webhook, grant, name)) {
                a href={ (address) "?tab=" (name) } aria-current=[(*name == current).then_some("page")] { (words) }
            }
        }
        (body)
    };
    let list = webhooks::list_of(&webhook.condition);
    Ok(Page::new(webhooks::name(webhook), body)
        .for_token(grant)
        .below("Webhooks", "/console/")
        .below(format!("{kind} {id}"), list))
}

/// What a deleted webhook has done can be read, and nothing about it changed.
fn has_tab(webhook: &Webhook, grant: &Grant, name: &str) -> bool {
    let is_removed = webhook.state == WebhookState::Removed;
    match name {
        "settings" => !is_removed,
        "secret" => !is_removed && grant.allows(Scope::Write),
        _ => true,
    }
}

fn actions(webhook: &Webhook, address: &str) -> Markup {
    html! {
        div.actions {
            form method="post" action={ (address) "/test" } { button type="submit" { "Send a test" } }
            @if webhook.state == WebhookState::Enabled {
                form method="post" action={ (address) "/switch" } { button type="submit" name="to" value="off" { "Switch off" } }
            }
        }
    }
}

/// The time of the first event that was not delivered and after which none was, of those that are
/// known.
fn failing_since(webhook: &Webhook, trouble: Trouble, newest_first: &[Dispatch]) -> Timestamp {
    let unbroken = newest_first
        .iter()
        .take_while(|dispatch| Status::of(&dispatch.state) != Status::Succeeded);
    let first = unbroken.map(|dispatch| dispatch.event.created_at).min();
    [first, trouble.since]
        .into_iter()
        .flatten()
        .min()
        .unwrap_or(webhook.modified_at)
}

/// Both in one: it is on, and what has failed since goes out again.
fn switch_on(webhook: &Webhook, since: Timestamp, address: &str) -> Markup {
    html! {
        form.actions method="post" action={ (address) "/switch" } {
            input type="hidden" name="since" value=(since);
            @if !webhook.lifetime.is_ad_hoc() {
                button.primary type="submit" name="to" value="on-and-redeliver" { "Switch on and redeliver what failed since" }
            }
            button type="submit" name="to" value="on" { "Switch on" }
        }
    }
}

fn redeliver(since: Timestamp, address: &str) -> Markup {
    html! {
        form.actions method="post" action={ (address) "/redeliver" } {
            input type="hidden" name="since" value=(since);
            button type="submit" { "Redeliver what failed since" }
        }
    }
}
