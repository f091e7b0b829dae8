//! Showing a dispatch.

use axum::extract::State;
use axum::response::Response;
use domain::dispatch_id::DispatchId;

use super::view::DispatchView;
use super::{check, find};
use crate::caller::LimitedCaller;
use crate::error::ApiError;
use crate::path_id::PathId;
use crate::{Api, answer};

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
