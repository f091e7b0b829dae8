//! The detail page of an actor, as a job platform might have it: buttons that start runs, the runs,
//! and the actor's webhooks in a frame of the console, which any platform can embed like this.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::response::{Html, IntoResponse, Response};
use serde_json::json;

use super::StandIn;
use super::caller::Caller;
use super::refusal::Refusal;
use super::requests::checked;

/// The page is the same for every actor: its script reads the id from the address, and the token
/// from the address's fragment.
const PAGE: &str = include_str!("actor.html");
/// How many runs the page asks for, and gets.
const SHOWN: usize = 20;

pub(super) async fn actor() -> Html<&'static str> {
    Html(PAGE)
}

/// The runs of an actor, the newest first.
pub(super) async fn runs_of_actor(
    State(stand_in): State<Arc<StandIn>>,
    Caller(user): Caller,
    Path(id): Path<String>,
) -> Result<Response, Refusal> {
    let actor = checked(id, "actor")?;
    let mut runs: Vec<_> = stand_in
        .runs
        .lock()
        .values()
        .map(|run| run.borrow().clone())
        .filter(|run| run.user_id == user && run.actor_id == actor)
        .collect();
    runs.sort_by_key(|run| std::cmp::Reverse(run.started_at));
    let total = runs.len();
    let items: Vec<_> = runs.iter().take(SHOWN).map(super::Run::to_json).collect();
    let data = json!({
        "total": total, "offset": 0, "limit": SHOWN, "desc": true, "count": items.len(), "items": items,
    });
    Ok(Json(json!({ "data": data })).into_response())
}
