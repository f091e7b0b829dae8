//! Showing webhooks.

use axum::extract::State;
use axum::response::Response;
use domain::condition::Condition;
use domain::id::{ActorId, TaskId, UserId, WebhookId};
use store::Page;

use super::view::WebhookView;
use super::{activity_of, find};
use crate::caller::Caller;
use crate::error::ApiError;
use crate::list::List;
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
    listed(&api, &user, None, page).await
}

/// `GET /v2/actors/{actorId}/webhooks`.
pub(crate) async fn list_of_actor(
    State(api): State<Api>,
    Caller(user): Caller,
    PathId(actor): PathId<ActorId>,
    Paging(page): Paging,
) -> Result<Response, ApiError> {
    listed(&api, &user, Some(&Condition::Actor(actor)), page).await
}

/// `GET /v2/actor-tasks/{actorTaskId}/webhooks`.
pub(crate) async fn list_of_task(
    State(api): State<Api>,
    Caller(user): Caller,
    PathId(task): PathId<TaskId>,
    Paging(page): Paging,
) -> Result<Response, ApiError> {
    listed(&api, &user, Some(&Condition::Task(task)), page).await
}

/// One page of a user's webhooks, of all or of those with a condition.
async fn listed(
    api: &Api,
    user: &UserId,
    condition: Option<&Condition>,
    page: Page,
) -> Result<Response, ApiError> {
    let found = api.store.webhook_page(user, condition, page).await?;
    let views = found
        .items
        .iter()
        .map(|(webhook, activity)| WebhookView::of(webhook, Some(activity)));
    answer::data(&List::of(page, found.total, views)?)
}
