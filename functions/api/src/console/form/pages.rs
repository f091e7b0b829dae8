//! The pages of a form: of a new webhook, and what is said about it while it is typed.

use axum::body::Bytes;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use domain::grant::Grant;
use domain::webhook::Webhook;
use maud::{Markup, html};
use serde_json::json;

use super::{Form, Home, Problems, fields};
use crate::Api;
use crate::caller::LimitedCaller;
use crate::console::door::{Door, Failed};
use crate::console::page::{Page, go_to, part};
use crate::console::{created, request};
use crate::error::ApiError;
use crate::webhooks::{defined, previewed, tested};

/// `GET /console/webhooks/new`.
pub(in crate::console) async fn new(
    Door(LimitedCaller(_, grant)): Door<LimitedCaller>,
    Query(home): Query<Home>,
) -> Page {
    let form = match grant.page() {
        Some(page) => Form::of_page(page),
        None => Form::empty(home),
    };
    page_of(&form, &Problems::default(), &grant)
}

/// `POST /console/webhooks/new`.
pub(in crate::console) async fn create(
    State(api): State<Api>,
    Door(LimitedCaller(user, grant)): Door<LimitedCaller>,
    body: Bytes,
) -> Result<Response, Failed> {
    let form = Form::read(&body);
    let made = match defined(&api, user, &grant, form.body()).await {
        Ok(made) => made,
        Err(error) => return refused(error, |problems| page_of(&form, problems, &grant)),
    };
    let trial = match form.has("then", "test") {
        true => Some(tested(&api, &made.webhook, form.resource(&grant)?).await?),
        false => None,
    };
    Ok(created::page(&made, trial.as_ref()).into_response())
}

/// The form once more, with what is wrong with it; other failures have a page of their own.
fn refused(error: ApiError, page: impl FnOnce(&Problems) -> Page) -> Result<Response, Failed> {
    match Problems::of(error) {
        Ok(problems) => Ok(page(&problems)
            .with_status(StatusCode::BAD_REQUEST)
            .into_response()),
        Err(error) => Err(error.into()),
    }
}

/// `POST /console/check`: what is wrong with a form, while it is typed.
pub(in crate::console) async fn check(
    State(api): State<Api>,
    _: Door<LimitedCaller>,
    body: Bytes,
) -> Response {
    let problems = Problems::in_form(&api, &Form::read(&body));
    part(StatusCode::OK, &problems.shown())
}

/// `POST /console/preview`: what the form would send about a past run.
pub(in crate::console) async fn preview(
    State(api): State<Api>,
    Door(LimitedCaller(user, grant)): Door<LimitedCaller>,
    body: Bytes,
) -> Response {
    let form = Form::read(&body);
    let mut asked = form.body();
    asked.retain(|name, _| {
        name != "condition" && name != "isAdHoc" && name != "title" && name != "description"
    });
    let run = form.text("resourceId").trim();
    if !run.is_empty() {
        asked.insert("resourceId".to_owned(), json!(run));
    }
    let shown = match previewed(&api, (&user, &grant), asked).await {
        Ok(preview) => {
            let own = match form.given("headersTemplate") {
                Some(_) => Vec::new(),
                None => request::own_names(&preview.request),
            };
            html! {
                p.muted { "What would be sent about " span.id { (preview.event_type) } ". It is signed when it is sent." }
                (request::shown(&preview.request, &own))
            }
        }
        Err(error) => html! { p.problem role="alert" { (error) } },
    };
    part(StatusCode::OK, &shown)
}

fn page_of(form: &Form, problems: &Problems, grant: &Grant) -> Page {
    let body = html! {
        div.head { h1 tabindex="-1" { "Add webhook" } }
        (problems.summary())
        form.stack method="post" action="/console/webhooks/new" data-check="/console/check" {
            (fields(form, problems, grant, true))
            (buttons())
        }
    };
    Page::new("Add webhook", body)
        .for_token(grant)
        .below("Webhooks", "/console/")
}

fn buttons() -> Markup {
    html! {
        div.actions {
            button.primary type="submit" { "Save" }
            button type="submit" name="then" value="test" { "Save and test" }
            a.button.quiet href="/console/" { "Cancel" }
        }
    }
}

/// Goes to a page of a webhook.
pub(in crate::console) fn to_webhook(webhook: &Webhook, rest: &str) -> Response {
    go_to(&format!("/console/webhooks/{}{rest}", webhook.id))
}
