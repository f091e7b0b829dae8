//! Dispatches as the owners of their webhooks read them.

mod listing;
mod redelivery;
mod request;
mod view;
mod wanted;

use axum::extract::State;
use axum::response::Response;
use domain::dispatch::Dispatch;
use domain::dispatch_id::DispatchId;
use domain::grant::Grant;
use domain::id::{UserId, WebhookId};
use domain::webhook::Webhook;

use crate::caller::LimitedCaller;
use crate::error::ApiError;
use crate::paging::Paging;
use crate::path_id::PathId;
use crate::{Api, answer};

pub(crate) use listing::{of_user, of_webhook};
pub(crate) use redelivery::{redeliver, redelivered};
pub(crate) use request::{Header, Shown, sent, show_request};
pub(crate) use view::{DispatchView, duration_ms, headers};
pub(crate) use wanted::Wanted;

/// `GET /v2/webhooks/{webhookId}/dispatches`; also of a webhook that is deleted, while its record is kept.
pub(crate) async fn list_of_webhook(
    State(api): State<Api>,
    LimitedCaller(user, grant): LimitedCaller,
    PathId(id): PathId<WebhookId>,
    Paging(page): Paging,
    Wanted(search): Wanted,
) -> Result<Response, ApiError> {
    api.count_if_far(&user, page).await?;
    let (webhook, found) = of_webhook(&api, (&user, &grant), &id, search, page).await?;
    let views = found.items.iter();
    let views = views.map(|dispatch| DispatchView::of(dispatch, Some(&webhook)));
    answer::data(&found.page(page, views)?)
}

/// `GET /v2/webhook-dispatches`.
pub(crate) async fn list(
    State(api): State<Api>,
    LimitedCaller(user, grant): LimitedCaller,
    Paging(page): Paging,
    Wanted(search): Wanted,
) -> Result<Response, ApiError> {
    api.count_if_far(&user, page).await?;
    let found = of_user(&api, (&user, &grant), search, page).await?;
    let webhooks = api.store.webhooks_of(&found.items).await?;
    let views = found
        .items
        .iter()
        .map(|dispatch| DispatchView::of(dispatch, webhooks.get(&dispatch.webhook)));
    answer::data(&found.page(page, views)?)
}

/// `GET /v2/webhook-dispatches/{dispatchId}`.
pub(crate) async fn show(
    State(api): State<Api>,
    LimitedCaller(user, grant): LimitedCaller,
    PathId(id): PathId<DispatchId>,
) -> Result<Response, ApiError> {
    let dispatch = find(&api, &user, &id).await?;
    let webhooks = api
        .store
        .webhooks_of(std::slice::from_ref(&dispatch))
        .await?;
    let webhook = webhooks.get(&dispatch.webhook);
    check(&grant, &dispatch, webhook)?;
    answer::data(&DispatchView::of(&dispatch, webhook))
}

/// Refuses a dispatch whose webhook the token does not cover, or might not cover because it is
/// gone.
fn check(grant: &Grant, dispatch: &Dispatch, webhook: Option<&Webhook>) -> Result<(), ApiError> {
    let is_covered = match webhook {
        Some(webhook) => grant.covers(&webhook.condition),
        None => grant.page().is_none(),
    };
    is_covered
        .then_some(())
        .ok_or_else(|| ApiError::not_found("dispatch", dispatch.id.as_str()))
}

/// The caller's dispatch with this id.
pub(crate) async fn find(api: &Api, user: &UserId, id: &DispatchId) -> Result<Dispatch, ApiError> {
    let found = api.store.dispatch(user, id).await?;
    found.ok_or_else(|| ApiError::not_found("dispatch", id.as_str()))
}
