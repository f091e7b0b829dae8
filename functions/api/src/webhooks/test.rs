//! A test delivery that a webhook's owner asks for.

use std::time::Duration;

use axum::extract::State;
use axum::response::Response;
use domain::dispatch::Dispatch;
use domain::event::Event;
use domain::fields::Fields;
use domain::id::WebhookId;
use domain::rate::Counted;
use domain::webhook::Webhook;
use serde_json::Map;
use serde_json::value::RawValue;

use super::find;
use super::resource::Resource;
use crate::body::JsonObject;
use crate::caller::{LimitedCaller, within};
use crate::dispatches::DispatchView;
use crate::error::ApiError;
use crate::path_id::PathId;
use crate::{Api, answer};

/// `POST /v2/webhooks/{webhookId}/test`: a real dispatch of an event that did not happen, also of a
/// webhook that is switched off. A body may name a run or build that it is to show; whatever else
/// is in it is not looked at: clients send what they like.
pub(crate) async fn test(
    State(api): State<Api>,
    LimitedCaller(user, grant): LimitedCaller,
    PathId(id): PathId<WebhookId>,
    body: Option<JsonObject>,
) -> Result<Response, ApiError> {
    let webhook = within(&grant, find(&api, &user, &id).await?)?;
    let body = body.map_or_else(Map::new, |JsonObject(body)| body);
    let resource = Resource::take(&mut Fields::new(body))?;
    let resource = resource.map(|named| named.for_token(&grant)).transpose()?;
    let dispatch = tested(&api, &webhook, resource).await?;
    let location = format!("/v2/webhook-dispatches/{}", dispatch.id);
    answer::created(location, &DispatchView::of(&dispatch, Some(&webhook)))
}

/// A trial of this webhook, which is on its way.
pub(crate) async fn tested(
    api: &Api,
    webhook: &Webhook,
    resource: Option<Resource>,
) -> Result<Dispatch, ApiError> {
    let user = &webhook.user;
    api.count(user, Counted::Tests).await?;
    let now = runtime::clock::now();
    let event = match resource {
        None => Event::test(user, now).map_err(ApiError::internal)?,
        Some(resource) => {
            let last = resource.events(api, user).await?.pop();
            let shown = last.map_or_else(|| RawValue::NULL.to_owned(), |event| event.resource);
            let event = Event::test_with(user, now, resource.id(), shown);
            // Other than an ordinary trial it cannot be made anew.
            for kept in api.store.keep(&[&event], now.after(api.record)).await {
                let _ = kept?;
            }
            event
        }
    };
    let dispatch = Dispatch::test(webhook, &event);
    // The reminder and the list entry are written before the record: wherever this is cut off, a
    // test on record is made and found.
    api.remind(&dispatch, now).await?;
    api.store.note_test(&dispatch).await?;
    // Asked for twice within a millisecond, it is one test, and a second message of it does
    // nothing.
    let _ = api.store.claim(&dispatch, now.after(api.record)).await?;
    api.ask_for(&dispatch, Duration::ZERO).await?;
    Ok(dispatch)
}
