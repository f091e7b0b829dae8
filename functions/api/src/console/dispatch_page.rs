//! One dispatch: its life as a timeline, and each of its calls.

use axum::body::Bytes;
use axum::extract::{Query, State};
use axum::response::Response;
use domain::dispatch::{Call, Dispatch};
use domain::dispatch_filter::Status;
use domain::dispatch_id::DispatchId;
use domain::grant::Scope;
use domain::webhook::Webhook;
use maud::{Markup, html};
use serde::Deserialize;

use super::door::{Door, Failed};
use super::page::{Page, go_to};
use super::state::{Endpoints, Trouble};
use super::{dispatches, request, text, timeline, webhooks};
use crate::Api;
use crate::caller::LimitedCaller;
use crate::dispatches::{duration_ms, found, headers, redelivered, sent};
use crate::error::ApiError;
use crate::path_id::PathId;

/// What is asked of the page.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    call: String,
    part: String,
    show: String,
}

/// `GET /console/dispatches/{dispatchId}`.
pub(super) async fn show(
    State(api): State<Api>,
    Door(LimitedCaller(user, grant)): Door<LimitedCaller>,
    Door(PathId(id)): Door<PathId<DispatchId>>,
    Query(asked): Query<Asked>,
) -> Result<Page, Failed> {
    let (dispatch, _) = found(&api, (&user, &grant), &id).await?;
    // With its templates: what they set is masked.
    let webhook = api.store.webhook(&user, &dispatch.webhook).await?;
    let now = runtime::clock::now();
    let trouble = match &webhook {
        Some(webhook) => Endpoints::of(&api, &[webhook]).await?.trouble(webhook, now),
        None => Trouble::default(),
    };
    let number = asked.call.parse().unwrap_or(dispatch.calls.len());
    let call = number
        .checked_sub(1)
        .and_then(|place| dispatch.calls.get(place));
    let address = format!("/console/dispatches/{id}");
    let may_redeliver = grant.allows(Scope::Write)
        && dispatch.redelivery_refusal(webhook.as_ref()).is_none()
        && !dispatch.is_full();
    let calls = match call {
        None => html! {},
        Some(call) => {
            let view = CallView {
                api: &api,
                dispatch: &dispatch,
                webhook: webhook.as_ref(),
                call,
                number,
            };
            view.shown(&asked).await?
        }
    };
    let body = html! {
        div.head {
            div {
                h1 tabindex="-1" { (text::event(dispatch.event_type)) }
                p.meta {
                    (dispatches::badge(Status::of(&dispatch.state)))
                    span { (text::subject(&dispatch.subject, grant.page().is_none())) }
                    span.id { (id) }
                }
            }
            @if may_redeliver {
                form.actions method="post" action={ (address) "/redeliver" } { button type="submit" { "Redeliver" } }
            }
        }
        (timeline::progress_with(&dispatch, trouble, now))
        (calls)
    };
    let page = Page::new("Dispatch", body)
        .for_token(&grant)
        .under("dispatches")
        .below("Dispatches", "/console/dispatches");
    Ok(match webhook {
        Some(webhook) => page.below(
            webhooks::name(&webhook),
            format!("/console/webhooks/{}", webhook.id),
        ),
        None => page,
    })
}

/// `POST /console/dispatches/{dispatchId}/redeliver`.
pub(super) async fn redeliver(
    State(api): State<Api>,
    Door(LimitedCaller(user, grant)): Door<LimitedCaller>,
    Door(PathId(id)): Door<PathId<DispatchId>>,
    _: Bytes,
) -> Result<Response, Failed> {
    redelivered(&api, (&user, &grant), &id).await?;
    Ok(go_to(&format!("/console/dispatches/{id}")))
}

/// One call, its request and its response.
struct CallView<'a> {
    api: &'a Api,
    dispatch: &'a Dispatch,
    webhook: Option<&'a Webhook>,
    call: &'a Call,
    number: usize,
}

impl CallView<'_> {
    async fn shown(&self, asked: &Asked) -> Result<Markup, ApiError> {
        let is_request = asked.part == "request";
        let address = format!(
            "/console/dispatches/{}?call={}",
            self.dispatch.id, self.number
        );
        let body = match is_request {
            true => self.request(&address, asked.show == "headers").await?,
            false => self.response(),
        };
        Ok(html! {
            section.panel.call aria-label={ "Call " (self.number) } {
                h2 { "Call " (self.number) }
                nav.tabs aria-label="Call" {
                    a href={ (address) "&part=response" } data-keep aria-current=[(!is_request).then_some("page")] { "Response" }
                    a href={ (address) "&part=request" } data-keep aria-current=[is_request.then_some("page")] { "Request" }
                }
                (body)
            }
        })
    }

    async fn request(&self, address: &str, shows_headers: bool) -> Result<Markup, ApiError> {
        let user = &self.dispatch.user;
        let sent = match sent(self.api, user, self.dispatch, self.number).await {
            Ok(sent) => sent,
            Err(ApiError::RecordNotFound(what)) => return Ok(html! { p.muted { (what) } }),
            Err(ApiError::Unrenderable(error)) => return Ok(html! { p.problem { (error) } }),
            Err(other) => return Err(other),
        };
        let masked = match shows_headers {
            true => Vec::new(),
            false => request::masked(self.webhook, &sent.request),
        };
        Ok(html! {
            @if !sent.is_as_sent {
                div.notice.warn { p { "The webhook has changed since, or nothing was sent: this is what the call would be now." } }
            }
            (request::shown(&sent.request, &masked))
            @if !masked.is_empty() { p { a href={ (address) "&part=request&show=headers" } data-keep { "Show masked headers" } } }
            details {
                summary { "As a command" }
                div.copy { pre #curl tabindex="0" { (request::as_curl(&sent.request, &masked)) } button type="button" data-copy="curl" { "Copy" } }
            }
        })
    }

    fn response(&self) -> Markup {
        let call = self.call;
        html! {
            dl.facts {
                div { dt { "Status" } dd { @match call.response_status { Some(status) => span.code { (status) }, None => "No answer" } } }
                div { dt { "Took" } dd { (text::took(duration_ms(call))) } }
                @if let Some(remote) = call.details.remote { div { dt { "Address" } dd { span.code { (remote) } } } }
                div { dt { "Began" } dd { (text::moment(call.started_at)) } }
            }
            @if let Some(error) = &call.error_message { p.why { (error) } }
            @if let Some(lines) = &call.details.response_headers {
                dl.headers { @for (name, value) in headers(lines) { div { dt { (name) } dd { (value) } } } }
            }
            @match &call.response_body {
                Some(body) => (request::body(body)),
                None => p.muted { "The answer had no body, or none that was kept." },
            }
        }
    }
}
