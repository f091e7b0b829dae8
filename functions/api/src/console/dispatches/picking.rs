//! Redelivering some dispatches of a list, or all that failed.

use axum::body::Bytes;
use axum::extract::State;
use axum::response::Response;
use domain::dispatch_id::DispatchId;
use domain::id::WebhookId;
use domain::timestamp::Timestamp;
use maud::{Markup, html};

use super::AT_ONCE;
use crate::Api;
use crate::caller::LimitedCaller;
use crate::console::door::{Door, Failed};
use crate::console::form::Form;
use crate::console::page::go_to;
use crate::dispatches::redelivered;
use crate::error::ApiError;

/// All that failed, not only what one page shows.
pub(super) fn redeliver_all(webhook: &WebhookId, since: Option<Timestamp>) -> Markup {
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
pub(in crate::console) async fn redeliver_picked(
    State(api): State<Api>,
    Door(LimitedCaller(user, grant)): Door<LimitedCaller>,
    body: Bytes,
) -> Result<Response, Failed> {
    let form = Form::read(&body);
    for id in form.all("id").take(AT_ONCE) {
        let id = DispatchId::parse(id).map_err(|_| ApiError::not_found("dispatch", id))?;
        redelivered(&api, (&user, &grant), &id).await?;
    }
    let back = form.text("back");
    // Only within the console.
    let is_ours = back.starts_with("/console/");
    Ok(go_to(if is_ours { back } else { "/console/dispatches" }))
}
