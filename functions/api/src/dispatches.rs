//! Dispatches as the owners of their webhooks read them.

mod view;

use axum::extract::State;
use axum::response::Response;

use crate::caller::Caller;
use crate::error::ApiError;
use crate::list::List;
use crate::paging::Paging;
use crate::path_id::PathId;
use crate::{Api, answer, webhooks};

use view::DispatchView;

/// `GET /v2/webhooks/{id}/dispatches`.
pub(crate) async fn of_webhook(
    State(api): State<Api>,
    Caller(user): Caller,
    PathId(id): PathId,
    Paging(page): Paging,
) -> Result<Response, ApiError> {
    let webhook = webhooks::find(&api, &user, &id).await?;
    let found = api.store.dispatches(&webhook, page).await?;
    let views = found
        .items
        .iter()
        .map(|dispatch| DispatchView::of(dispatch, &webhook));
    answer::data(&List::of(page, found.total, views)?)
}
