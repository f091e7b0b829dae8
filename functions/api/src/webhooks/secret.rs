//! A webhook's secret, for its owner to give to receivers.

use axum::extract::State;
use axum::response::Response;
use domain::grant::Grant;
use domain::id::{UserId, WebhookId};
use domain::rate::Counted;
use domain::signature::MasterKeys;
use domain::timestamp::Timestamp;
use domain::webhook::Webhook;
use serde::Serialize;
use serde_json::{Map, Value};
use store::Replaced;

use super::rotation::Rotation;
use super::{ATTEMPTS, find};
use crate::body::JsonObject;
use crate::caller::{LimitedCaller, within};
use crate::error::ApiError;
use crate::path_id::PathId;
use crate::{Api, answer};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SecretView {
    key: String,
    public_key: String,
    previous_key_valid_until: Option<Timestamp>,
}

impl SecretView {
    fn of(webhook: &Webhook, keys: &MasterKeys, now: Timestamp) -> Self {
        Self {
            key: keys.secret(webhook).reveal(),
            public_key: keys.public_key(webhook).to_string(),
            previous_key_valid_until: webhook.secret.previous_live_until(now),
        }
    }
}

/// `GET /v2/webhooks/{webhookId}/secret`.
pub(crate) async fn show_secret(
    State(api): State<Api>,
    LimitedCaller(user, grant): LimitedCaller,
    PathId(id): PathId<WebhookId>,
) -> Result<Response, ApiError> {
    let webhook = within(&grant, find(&api, &user, &id).await?)?;
    let now = runtime::clock::now();
    let keys = api.keys.at(now).await?;
    answer::data(&SecretView::of(&webhook, &keys, now))
}

/// `POST /v2/webhooks/{webhookId}/secret/rotate`.
pub(crate) async fn rotate_secret(
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
