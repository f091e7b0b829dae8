//! Dispatches as the owners of their webhooks read them.

mod list;
mod redeliver;
mod show;
mod show_request;
mod view;
mod wanted;

use domain::dispatch::Dispatch;
use domain::dispatch_id::DispatchId;
use domain::grant::Grant;
use domain::id::UserId;
use domain::webhook::Webhook;

use crate::Api;
use crate::error::ApiError;

pub(crate) use list::{list, list_of_webhook, of_user, of_webhook};
pub(crate) use redeliver::{redeliver, redelivered};
pub(crate) use show::show;
pub(crate) use show_request::{Header, Shown, sent, show_request};
pub(crate) use view::{DispatchView, duration_ms, headers};
pub(crate) use wanted::Wanted;

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
