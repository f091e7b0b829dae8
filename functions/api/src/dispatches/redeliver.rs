//! Redelivery of a dispatch, that its owner asks for by name.

use std::slice;
use std::time::Duration;

use axum::extract::State;
use axum::response::Response;
use domain::dispatch::Dispatch;
use domain::dispatch_id::DispatchId;
use domain::grant::Grant;
use domain::id::UserId;
use domain::rate::Counted;
use domain::redelivery::{FULL, Step};
use domain::timestamp::Timestamp;
use store::Revived;

use super::DispatchView;
use crate::caller::LimitedCaller;
use crate::error::ApiError;
use crate::path_id::PathId;
use crate::{Api, answer};

/// How often it is tried while others change the dispatch.
const ATTEMPTS: u32 = 5;
/// How long no second message is sent for an attempt that a worker may be making: longer than a
/// worker lives.
const WORKER: Duration = Duration::from_secs(180);

/// `POST /v2/webhook-dispatches/{dispatchId}/redeliver`. A body is not read.
pub(crate) async fn redeliver(
    State(api): State<Api>,
    LimitedCaller(user, grant): LimitedCaller,
    PathId(id): PathId<DispatchId>,
) -> Result<Response, ApiError> {
    let going = redelivered(&api, (&user, &grant), &id).await?;
    let webhooks = api.store.webhooks_of(slice::from_ref(&going)).await?;
    let location = format!("/v2/webhook-dispatches/{id}");
    answer::accepted(
        location,
        &DispatchView::of(&going, webhooks.get(&going.webhook)),
    )
}

/// A dispatch that goes out once more.
pub(crate) async fn redelivered(
    api: &Api,
    (user, grant): (&UserId, &Grant),
    id: &DispatchId,
) -> Result<Dispatch, ApiError> {
    api.count(user, Counted::Redeliveries).await?;
    for _ in 0..ATTEMPTS {
        let dispatch = super::find(api, user, id).await?;
        let webhooks = api.store.webhooks_of(slice::from_ref(&dispatch)).await?;
        let webhook = webhooks.get(&dispatch.webhook);
        super::check(grant, &dispatch, webhook)?;
        if let Some(refusal) = dispatch.redelivery_refusal(webhook) {
            return Err(ApiError::Redelivery(refusal.message()));
        }
        if let Some(going) = set_going(api, dispatch, runtime::clock::now()).await? {
            return Ok(going);
        }
    }
    Err(ApiError::ConcurrentUpdate)
}

/// Puts it on record that the dispatch is attempted again, then asks for the attempt. `None` if it
/// is no longer as it was read.
///
/// Repeating this is safe because a dispatch that is going again is only asked for again, and an
/// attempt that is asked for twice is made once.
async fn set_going(
    api: &Api,
    dispatch: Dispatch,
    now: Timestamp,
) -> Result<Option<Dispatch>, ApiError> {
    let (again, delay) = match dispatch.redelivery_step(now) {
        Step::Begin(again) => {
            api.remind(&again, now).await?;
            (Some(*again), Duration::ZERO)
        }
        Step::Refuse => return Err(ApiError::Redelivery(FULL)),
        Step::BringForward(again) => (Some(*again), Duration::ZERO),
        Step::AskAgain => (None, Duration::ZERO),
        Step::LookAfter => (None, WORKER),
    };
    if let Some(again) = &again
        && api.store.revive(&dispatch, again, now).await? == Revived::ChangedMeanwhile
    {
        return Ok(None);
    }
    let going = again.unwrap_or(dispatch);
    api.ask_for(&going, delay).await?;
    Ok(Some(going))
}
