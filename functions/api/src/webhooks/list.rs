//! Lists of webhooks: all of a user's, or those of an actor or a task.

use axum::extract::State;
use axum::response::Response;
use domain::condition::Condition;
use domain::grant::Grant;
use domain::id::{ActorId, TaskId, UserId};
use store::Page;

use super::view::WebhookView;
use crate::caller::LimitedCaller;
use crate::error::ApiError;
use crate::list::List;
use crate::paging::Paging;
use crate::path_id::PathId;
use crate::{Api, answer};

/// `GET /v2/webhooks`.
pub(crate) async fn list(
    State(api): State<Api>,
    LimitedCaller(user, grant): LimitedCaller,
    Paging(page): Paging,
) -> Result<Response, ApiError> {
    listed(&api, &user, grant.page(), page).await
}

/// `GET /v2/actors/{actorId}/webhooks`.
pub(crate) async fn list_of_actor(
    State(api): State<Api>,
    LimitedCaller(user, grant): LimitedCaller,
    PathId(actor): PathId<ActorId>,
    Paging(page): Paging,
) -> Result<Response, ApiError> {
    listed_of(&api, &user, &grant, &Condition::Actor(actor), page).await
}

/// `GET /v2/actor-tasks/{actorTaskId}/webhooks`.
pub(crate) async fn list_of_task(
    State(api): State<Api>,
    LimitedCaller(user, grant): LimitedCaller,
    PathId(task): PathId<TaskId>,
    Paging(page): Paging,
) -> Result<Response, ApiError> {
    listed_of(&api, &user, &grant, &Condition::Task(task), page).await
}

/// One page of the webhooks of an actor or a task, of which a token for another one has none.
async fn listed_of(
    api: &Api,
    user: &UserId,
    grant: &Grant,
    condition: &Condition,
    page: Page,
) -> Result<Response, ApiError> {
    match grant.covers(condition) {
        true => listed(api, user, Some(condition), page).await,
        false => answer::data(&List::of(page, 0, [(); 0])?),
    }
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
