//! Giving a webhook its next secret.

use axum::extract::State;
use axum::response::Response;
use domain::grant::Grant;
use domain::id::{UserId, WebhookId};
use domain::rate::Counted;
use domain::signature::MasterKeys;
use domain::webhook::Webhook;
use serde_json::{Map, Value};
use store::Replaced;

use super::body::Rotation;
use super::view::SecretView;
use crate::body::JsonObject;
use crate::caller::{LimitedCaller, within};
use crate::error::ApiError;
use crate::path_id::PathId;
use crate::webhooks::{ATTEMPTS, find};
use crate::{Api, answer};

/// `POST /v2/webhooks/{webhookId}/secret/rotate`.
pub(crate) async fn rotate(
    State(api): State<Api>,
    LimitedCaller(user, grant): LimitedCaller,
    PathId(id): PathId<WebhookId>,
    body: Option<JsonObject>,
) -> Result<Response, ApiError> {
    let body = body.map_or_else(Map::new, |JsonObject(object)| object);
    let now = runtime::clock::now();
    let (after, keys) = rotated(&api, (&user, &grant), &id, &body).await?;
    answer::data(&SecretView::of(&after, &keys, now))
}

/// Gives a webhook its next secret.
pub(crate) async fn rotated(
    api: &Api,
    (user, grant): (&UserId, &Grant),
    id: &WebhookId,
    body: &Map<String, Value>,
) -> Result<(Webhook, MasterKeys), ApiError> {
    api.count(user, Counted::Changes).await?;
    for _ in 0..ATTEMPTS {
        let before = within(grant, find(api, user, id).await?)?;
        let now = runtime::clock::now();
        let keys = api.keys.at(now).await?;
        let after = Rotation::read(body.clone())?.of(&before, now)?;
        if api.store.replace_webhook(&before, &after).await? == Replaced::Done {
            return Ok((after, keys));
        }
    }
    Err(ApiError::ConcurrentUpdate)
}
