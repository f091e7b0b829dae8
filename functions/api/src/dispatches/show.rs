//! Showing a dispatch.

use axum::extract::State;
use axum::response::Response;
use domain::dispatch_id::DispatchId;

use super::found;
use super::view::DispatchView;
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
    let (dispatch, webhook) = found(&api, (&user, &grant), &id).await?;
    answer::data(&DispatchView::of(&dispatch, webhook.as_ref()))
}
