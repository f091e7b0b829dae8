//! Dispatches as the owners of their webhooks read them.

mod list;
mod redeliver;
mod show;
mod show_request;
mod view;
mod wanted;

use std::slice;

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

/// The caller's dispatch with this id, if the token covers it, and its webhook without its
/// templates, if that is still known.
pub(crate) async fn found(
    api: &Api,
    (user, grant): (&UserId, &Grant),
    id: &DispatchId,
) -> Result<(Dispatch, Option<Webhook>), ApiError> {
    let dispatch = find(api, user, id).await?;
    let mut webhooks = api.store.webhooks_of(slice::from_ref(&dispatch)).await?;
    let webhook = webhooks.remove(&dispatch.webhook);
    check(grant, &dispatch, webhook.as_ref())?;
    Ok((dispatch, webhook))
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
async fn find(api: &Api, user: &UserId, id: &DispatchId) -> Result<Dispatch, ApiError> {
    let found = api.store.dispatch(user, id).await?;
    found.ok_or_else(|| ApiError::not_found("dispatch", id.as_str()))
}
