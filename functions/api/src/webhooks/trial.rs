//! A trial delivery, that a webhook's owner asks for.

use std::time::Duration;

use axum::extract::State;
use axum::response::Response;
use domain::dispatch::Dispatch;
use domain::event::Event;
use domain::id::WebhookId;
use domain::rate::Counted;

use super::find;
use crate::caller::Caller;
use crate::dispatches::DispatchView;
use crate::error::ApiError;
use crate::path_id::PathId;
use crate::{Api, answer};

/// `POST /v2/webhooks/{webhookId}/test`: a real dispatch of an event that did not happen, also of a webhook that is switched off. The body
/// is not read: clients send what they like.
pub(crate) async fn test(
    State(api): State<Api>,
    Caller(user): Caller,
    PathId(id): PathId<WebhookId>,
) -> Result<Response, ApiError> {
    let webhook = find(&api, &user, &id).await?;
    api.count(&user, Counted::Tests).await?;
    let now = runtime::clock::now();
    let event = Event::test(&user, now).map_err(ApiError::internal)?;
    let dispatch = Dispatch::test(&webhook, &event);
    // What makes sure of it and what lists it come before the record: whatever is cut off, a trial on record is made and found.
    api.remind(&dispatch, now).await?;
    api.store.note_test(&dispatch).await?;
    // Asked for twice within a millisecond, it is one trial, and a second message of it does nothing.
    let _ = api.store.claim(&dispatch, now.after(api.record)).await?;
    api.ask_for(&dispatch, Duration::ZERO).await?;
    let location = format!("/v2/webhook-dispatches/{}", dispatch.id);
    answer::created(location, &DispatchView::of(&dispatch, Some(&webhook)))
}
