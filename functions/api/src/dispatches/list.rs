//! Lists of dispatches: all of a user's, or those of a webhook.

mod found;

use axum::extract::State;
use axum::response::Response;
use domain::id::WebhookId;

use super::view::DispatchView;
use super::wanted::Wanted;
use crate::caller::LimitedCaller;
use crate::error::ApiError;
use crate::paging::Paging;
use crate::path_id::PathId;
use crate::{Api, answer};

pub(crate) use found::{of_user, of_webhook};

/// `GET /v2/webhooks/{webhookId}/dispatches`; also of a webhook that is deleted, while its record
/// is kept.
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
