//! Changing a webhook. A change is made to the version that was read, or not at all.

mod body;

use axum::extract::State;
use axum::response::Response;
use domain::grant::Grant;
use domain::id::{UserId, WebhookId};
use domain::rate::Counted;
use domain::webhook::Webhook;
use serde_json::{Map, Value};
use store::Replaced;

use super::catch_up::{catch_up, hears_from};
use super::create::refuse_private;
use super::view::WebhookView;
use super::{ATTEMPTS, activity_of, find};
use crate::body::JsonObject;
use crate::caller::{LimitedCaller, refuse_beyond, within};
use crate::error::ApiError;
use crate::path_id::PathId;
use crate::{Api, answer};
use body::updated;

/// `PUT /v2/webhooks/{webhookId}`.
pub(crate) async fn update(
    State(api): State<Api>,
    LimitedCaller(user, grant): LimitedCaller,
    PathId(id): PathId<WebhookId>,
    JsonObject(update): JsonObject,
) -> Result<Response, ApiError> {
    let after = changed(&api, (&user, &grant), &id, &update, None).await?;
    let activity = activity_of(&api, &after).await?;
    answer::data(&WebhookView::of(&after, Some(&activity)))
}

/// Changes a webhook: whatever it is now, or only this version of it.
pub(crate) async fn changed(
    api: &Api,
    (user, grant): (&UserId, &Grant),
    id: &WebhookId,
    update: &Map<String, Value>,
    only: Option<u32>,
) -> Result<Webhook, ApiError> {
    api.count(user, Counted::Changes).await?;
    for _ in 0..ATTEMPTS {
        let before = within(grant, find(api, user, id).await?)?;
        if only.is_some_and(|version| version != before.version) {
            return Err(ApiError::ConcurrentUpdate);
        }
        let mut after = updated(&before, update.clone(), runtime::clock::now())?;
        if after.hears_more_than(&before) {
            after.hears_from = hears_from(api, &after).await?;
        }
        refuse_beyond(grant, &after.condition)?;
        refuse_private(api, &after.definition.request_url)?;
        if api.store.replace_webhook(&before, &after).await? == Replaced::Done {
            catch_up(api, &after).await?;
            return Ok(after);
        }
    }
    Err(ApiError::ConcurrentUpdate)
}
