//! A webhook's secret: masked until it is asked for, and how to change it.

use axum::body::Bytes;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use domain::id::WebhookId;
use domain::webhook::Webhook;
use maud::{Markup, html};
use serde_json::{Map, json};

use super::door::{Door, Failed};
use super::form::Form;
use super::{created, text, webhook_page};
use crate::Api;
use crate::caller::LimitedCaller;
use crate::error::ApiError;
use crate::path_id::PathId;
use crate::webhooks::secret::rotated;

/// For how long the old secret can stay valid, in seconds and in words.
const OVERLAPS: [(u32, &str); 4] = [
    (0, "no longer"),
    (3600, "for an hour"),
    (86_400, "for a day"),
    (604_800, "for a week"),
];

/// The tab.
pub(super) async fn tab(api: &Api, webhook: &Webhook, is_shown: bool) -> Result<Markup, ApiError> {
    let now = runtime::clock::now();
    let keys = api.keys.at(now).await?;
    let address = format!("/console/webhooks/{}", webhook.id);
    Ok(html! {
        section.panel {
            h2 { "Secret" }
            @if is_shown { (created::secret(&keys.secret(webhook).reveal())) }
            @else {
                div.copy { code.masked { "whsec_••••••••••••••••" } a.button href="?tab=secret&show=secret" { "Show" } }
            }
            @if let Some(until) = webhook.secret.previous_live_until(now) {
                p { "The previous secret stays valid until " (text::moment(until)) ", " (text::when(until, now)) "." }
            }
            form.pair method="post" action={ (address) "/rotate" } {
                div.field {
                    label for="overlapSeconds" { "Create a new secret and keep the old one valid" }
                    select #overlapSeconds name="overlapSeconds" {
                        @for (seconds, words) in OVERLAPS { option value=(seconds) selected[seconds == 86_400] { (words) } }
                    }
                }
                button type="submit" { "Rotate" }
            }
        }
        section.panel {
            h2 { "Public key" }
            p.muted {
                @if webhook.definition.sign_with_ed25519 { "Requests are signed with the private key, too: verify them with this one." }
                @else { "In force once “Sign with a private key” is chosen in the settings." }
            }
            div.copy { code #public-key { (keys.public_key(webhook)) } button type="button" data-copy="public-key" { "Copy" } }
        }
        (created::snippets())
    })
}

/// `POST /console/webhooks/{webhookId}/rotate`.
pub(super) async fn rotate(
    State(api): State<Api>,
    Door(LimitedCaller(user, grant)): Door<LimitedCaller>,
    Door(PathId(id)): Door<PathId<WebhookId>>,
    body: Bytes,
) -> Result<Response, Failed> {
    let form = Form::read(&body);
    let overlap: u32 = form.text("overlapSeconds").parse().unwrap_or(86_400);
    let asked = Map::from_iter([("overlapSeconds".to_owned(), json!(overlap))]);
    let (webhook, _) = rotated(&api, (&user, &grant), &id, &asked).await?;
    let shown = html! {
        div.notice.ok role="status" { p { "There is a new secret. Give it to your receiver." } }
        (tab(&api, &webhook, true).await?)
    };
    let page = webhook_page::framed(&api, (&webhook, &grant), "secret", shown).await?;
    let address = format!("/console/webhooks/{id}?tab=secret");
    Ok(page.at(address).into_response())
}
