//! Showing webhooks.

use axum::extract::State;
use axum::response::Response;
use domain::condition::Condition;
use domain::id::{ActorId, TaskId, UserId, WebhookId};
use domain::webhook::Webhook;
use store::Page;

use super::view::WebhookView;
use super::{activity_of, find};
use crate::caller::Caller;
use crate::error::ApiError;
use crate::list::{List, part_of};
use crate::paging::Paging;
use crate::path_id::PathId;
use crate::{Api, answer};

/// `GET /v2/webhooks/{webhookId}`.
pub(crate) async fn show(
    State(api): State<Api>,
    Caller(user): Caller,
    PathId(id): PathId<WebhookId>,
) -> Result<Response, ApiError> {
    let webhook = find(&api, &user, &id).await?;
    let activity = activity_of(&api, &webhook).await?;
    answer::data(&WebhookView::of(&webhook, Some(&activity)))
}

/// `GET /v2/webhooks`.
pub(crate) async fn list(
    State(api): State<Api>,
    Caller(user): Caller,
    Paging(page): Paging,
) -> Result<Response, ApiError> {
    let webhooks = api.store.webhooks(&user).await?;
    listed(&api, page, webhooks).await
}

/// `GET /v2/actors/{actorId}/webhooks`.
pub(crate) async fn list_of_actor(
    State(api): State<Api>,
    Caller(user): Caller,
    PathId(actor): PathId<ActorId>,
    Paging(page): Paging,
) -> Result<Response, ApiError> {
    let webhooks = waiting_for(&api, &user, &Condition::Actor(actor)).await?;
    listed(&api, page, webhooks).await
}

/// `GET /v2/actor-tasks/{actorTaskId}/webhooks`.
pub(crate) async fn list_of_task(
    State(api): State<Api>,
    Caller(user): Caller,
    PathId(task): PathId<TaskId>,
    Paging(page): Paging,
) -> Result<Response, ApiError> {
    let webhooks = waiting_for(&api, &user, &Condition::Task(task)).await?;
    listed(&api, page, webhooks).await
}

async fn waiting_for(
    api: &Api,
    user: &UserId,
    condition: &Condition,
) -> Result<Vec<Webhook>, ApiError> {
    let mut webhooks = api.store.webhooks(user).await?;
    webhooks.retain(|webhook| webhook.condition == *condition);
    Ok(webhooks)
}

/// One page of these webhooks, which have the oldest first.
async fn listed(api: &Api, page: Page, webhooks: Vec<Webhook>) -> Result<Response, ApiError> {
    let total = webhooks.len();
    let part = part_of(webhooks, page);
    let activity = api.store.activity(&part).await?;
    let views = part
        .iter()
        .map(|webhook| WebhookView::of(webhook, activity.get(&webhook.id)));
    answer::data(&List::of(page, total, views)?)
}
