//! `/v2/webhooks`: webhooks as their owners manage them.

mod condition;
mod creation;
mod view;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use domain::id::{UserId, WebhookId};
use domain::webhook::Webhook;
use store::Created;

use crate::Api;
use crate::answer;
use crate::body::JsonObject;
use crate::caller::Caller;
use crate::error::ApiError;
use crate::list::List;
use crate::paging::Paging;
use crate::path_id::PathId;

use creation::Creation;
use view::WebhookView;

/// What a webhook does when it is triggered: there is only one thing.
pub(crate) const ACTION_TYPE: &str = "HTTP_REQUEST";

/// `POST /v2/webhooks`. With an idempotency key that was used before, the webhook that it made.
pub(crate) async fn create(
    State(api): State<Api>,
    Caller(user): Caller,
    JsonObject(fields): JsonObject,
) -> Result<Response, ApiError> {
    let creation = Creation::read(fields)?;
    let key = creation.idempotency_key.clone();
    let id = WebhookId::from_bytes(runtime::chance::bytes()?);
    let new = creation.into_webhook(id, user, runtime::clock::now());
    let limit = api.webhooks_per_user;
    let created = api.store.create_webhook(&new, key.as_deref(), limit);
    let webhook = match created.await? {
        Created::New => new,
        Created::Existing(existing) => *existing,
        Created::TooMany => return Err(ApiError::TooManyWebhooks(limit)),
    };
    let location = format!("/v2/webhooks/{}", webhook.id);
    answer::created(location, &WebhookView::of(&webhook))
}

/// `GET /v2/webhooks`.
pub(crate) async fn list(
    State(api): State<Api>,
    Caller(user): Caller,
    Paging(page): Paging,
) -> Result<Response, ApiError> {
    let webhooks = api.store.webhooks(&user).await?;
    let views = webhooks.iter().map(WebhookView::of).collect();
    answer::data(&List::part_of(page, views)?)
}

/// `GET /v2/webhooks/{id}`.
pub(crate) async fn show(
    State(api): State<Api>,
    Caller(user): Caller,
    PathId(id): PathId,
) -> Result<Response, ApiError> {
    let webhook = find(&api, &user, &id).await?;
    answer::data(&WebhookView::of(&webhook))
}

/// `DELETE /v2/webhooks/{id}`.
pub(crate) async fn delete(
    State(api): State<Api>,
    Caller(user): Caller,
    PathId(id): PathId,
) -> Result<StatusCode, ApiError> {
    let now = runtime::clock::now();
    let was_there = api.store.delete_webhook(&user, &id, now).await?;
    if !was_there {
        return Err(ApiError::no_webhook(id.as_str()));
    }
    Ok(StatusCode::NO_CONTENT)
}

/// The caller's webhook with this id.
pub(crate) async fn find(api: &Api, user: &UserId, id: &WebhookId) -> Result<Webhook, ApiError> {
    let found = api.store.webhook(user, id).await?;
    found.ok_or_else(|| ApiError::no_webhook(id.as_str()))
}
