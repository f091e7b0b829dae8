//! Changing a webhook: its settings, its switch, its end; trials and redeliveries.

use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use domain::grant::{Grant, Scope};
use domain::id::WebhookId;
use domain::timestamp::Timestamp;
use domain::webhook::Webhook;
use maud::{Markup, html};
use serde_json::{Map, Value, json};

use super::door::{Door, Failed};
use super::form::{Form, Problems, fields, to_webhook};
use super::page::go_to;
use super::{text, webhook_page};
use crate::Api;
use crate::caller::{LimitedCaller, within};
use crate::error::ApiError;
use crate::path_id::PathId;
use crate::webhooks::{changed, find, redelivery_jobs, removed, tested};

/// The settings as a form.
pub(super) fn form(webhook: &Webhook, form: &Form, problems: &Problems, grant: &Grant) -> Markup {
    let address = format!("/console/webhooks/{}", webhook.id);
    if !grant.allows(Scope::Write) {
        return html! {
            div.notice { p { "Your token allows to read this, and not to change it." } }
            fieldset.stack.read disabled { (fields(form, problems, grant, false)) }
        };
    }
    html! {
        (problems.summary())
        form.stack method="post" action=(address) data-check="/console/check" {
            (fields(form, problems, grant, false))
            div.actions {
                button.primary type="submit" { "Save" }
                button type="submit" name="then" value="test" { "Save and test" }
            }
        }
        details.danger {
            summary { "Delete this webhook" }
            form method="post" action={ (address) "/delete" } {
                p { "It hears of nothing from now on, and what waits is not sent. Its dispatches stay readable." }
                button.bad type="submit" { "Delete it" }
            }
        }
    }
}

/// `POST /console/webhooks/{webhookId}`.
pub(super) async fn save(
    State(api): State<Api>,
    Door(LimitedCaller(user, grant)): Door<LimitedCaller>,
    Door(PathId(id)): Door<PathId<WebhookId>>,
    body: Bytes,
) -> Result<Response, Failed> {
    let typed = Form::read(&body);
    let version = typed.text("version").parse().ok();
    match changed(&api, (&user, &grant), &id, &typed.body(), version).await {
        Ok(webhook) if typed.has("then", "test") => {
            let trial = tested(&api, &webhook, typed.resource(&grant)?).await?;
            Ok(go_to(&format!("/console/dispatches/{}", trial.id)))
        }
        Ok(webhook) => Ok(to_webhook(&webhook, "?tab=settings&saved=1")),
        Err(ApiError::ConcurrentUpdate) => {
            let webhook = within(&grant, find(&api, &user, &id).await?)?;
            conflict(&api, (&webhook, &grant), typed).await
        }
        Err(error) => {
            let problems = Problems::of(error)?;
            let webhook = within(&grant, find(&api, &user, &id).await?)?;
            let shown = form(&webhook, &typed, &problems, &grant);
            let page = webhook_page::framed(&api, (&webhook, &grant), "settings", shown).await?;
            Ok(page.with_status(StatusCode::BAD_REQUEST).into_response())
        }
    }
}

/// Somebody else was faster: both are shown, and what was typed stays.
async fn conflict(
    api: &Api,
    (webhook, grant): (&Webhook, &Grant),
    mut typed: Form,
) -> Result<Response, Failed> {
    let theirs = Form::of(webhook);
    let differences: Vec<_> = theirs
        .body()
        .into_iter()
        .filter(|(name, _)| typed.given(name).is_some() || name != "headersTemplate")
        .filter_map(|(name, theirs)| {
            let yours = typed.body().remove(&name).unwrap_or_default();
            (plain(&yours) != plain(&theirs)).then_some((name, theirs, yours))
        })
        .collect();
    typed.replace("version", &webhook.version.to_string());
    let now = runtime::clock::now();
    let shown = html! {
        div.notice.warn role="alert" {
            p { strong { "Somebody has changed this webhook " (text::when(webhook.modified_at, now)) ", while you were typing." } }
            p { "What you typed is still here. Save again to replace theirs by it, or open the settings anew to see theirs." }
            table {
                thead { tr { th { "Field" } th { "Theirs" } th { "Yours" } } }
                tbody {
                    @for (name, theirs, yours) in &differences {
                        tr { th { (name) } td { (masked(name, theirs)) } td { (masked(name, yours)) } }
                    }
                }
            }
        }
        (form(webhook, &typed, &Problems::default(), grant))
    };
    let page = webhook_page::framed(api, (webhook, grant), "settings", shown).await?;
    Ok(page.with_status(StatusCode::CONFLICT).into_response())
}

/// A value as people read it.
fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        Value::Null => String::new(),
        Value::Array(items) => items.iter().map(plain).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}

fn masked(name: &str, value: &Value) -> String {
    match name {
        "headersTemplate" => "••••••••".to_owned(),
        _ => plain(value),
    }
}

/// `POST /console/webhooks/{webhookId}/switch`.
pub(super) async fn switch(
    State(api): State<Api>,
    Door(LimitedCaller(user, grant)): Door<LimitedCaller>,
    Door(PathId(id)): Door<PathId<WebhookId>>,
    body: Bytes,
) -> Result<Response, Failed> {
    let form = Form::read(&body);
    let is_on = form.text("to") != "off";
    let change = Map::from_iter([("isEnabled".to_owned(), json!(is_on))]);
    let webhook = changed(&api, (&user, &grant), &id, &change, None).await?;
    if form.text("to") != "on-and-redeliver" {
        return Ok(to_webhook(&webhook, ""));
    }
    let since = Timestamp::parse(form.text("since")).ok();
    let job = redelivery_jobs::begun(&api, (user, &grant), id, since, None).await?;
    Ok(to_webhook(&webhook, &format!("/jobs/{}", job.id)))
}

/// `POST /console/webhooks/{webhookId}/redeliver`.
pub(super) async fn redeliver(
    State(api): State<Api>,
    Door(LimitedCaller(user, grant)): Door<LimitedCaller>,
    Door(PathId(id)): Door<PathId<WebhookId>>,
    body: Bytes,
) -> Result<Response, Failed> {
    let form = Form::read(&body);
    let since = Timestamp::parse(form.text("since")).ok();
    let job = redelivery_jobs::begun(&api, (user, &grant), id, since, None).await?;
    Ok(go_to(&format!(
        "/console/webhooks/{}/jobs/{}",
        job.webhook, job.id
    )))
}

/// `POST /console/webhooks/{webhookId}/test`.
pub(super) async fn test(
    State(api): State<Api>,
    Door(LimitedCaller(user, grant)): Door<LimitedCaller>,
    Door(PathId(id)): Door<PathId<WebhookId>>,
) -> Result<Response, Failed> {
    let webhook = within(&grant, find(&api, &user, &id).await?)?;
    let trial = tested(&api, &webhook, None).await?;
    Ok(go_to(&format!("/console/dispatches/{}", trial.id)))
}

/// `POST /console/webhooks/{webhookId}/delete`.
pub(super) async fn delete(
    State(api): State<Api>,
    Door(LimitedCaller(user, grant)): Door<LimitedCaller>,
    Door(PathId(id)): Door<PathId<WebhookId>>,
) -> Result<Response, Failed> {
    removed(&api, (&user, &grant), &id).await?;
    Ok(go_to("/console/"))
}
