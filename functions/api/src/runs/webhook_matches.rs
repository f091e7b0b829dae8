//! What the events of a run have meant for its owner's webhooks.

use axum::extract::State;
use axum::response::Response;
use domain::id::RunId;
use domain::late::{Happened, still_true};
use domain::rate::Counted;

use super::view::EventView;
use crate::caller::Caller;
use crate::error::ApiError;
use crate::list::{List, part_of};
use crate::paging::Paging;
use crate::path_id::PathId;
use crate::{Api, answer};

/// `GET /v2/actor-runs/{runId}/webhook-matches`: the run's kept events, and for each of them every
/// webhook, with the reason why it was triggered or not. Empty for a run that nothing was heard of:
/// only the platform knows which runs there are.
pub(crate) async fn webhook_matches(
    State(api): State<Api>,
    Caller(user): Caller,
    PathId(run): PathId<RunId>,
    Paging(page): Paging,
) -> Result<Response, ApiError> {
    api.count(&user, Counted::HeavyReads).await?;
    let history = api.store.run_history(&user, &run).await?;
    let total = history.events.len();
    let happened: Vec<Happened> = history.events.iter().map(Happened::of).collect();
    let holding = still_true(&happened);
    let events = part_of(history.events.iter().collect(), page);
    let views = events.into_iter().map(|event| {
        let key = event.key();
        let holds = holding.iter().any(|known| known.key == key);
        EventView::of(event, holds, &history)
    });
    answer::data(&List::of(page, total, views)?)
}
