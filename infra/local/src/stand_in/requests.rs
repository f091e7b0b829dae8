//! The requests that concern runs.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use serde_json::json;
use tokio::sync::watch;

use super::StandIn;
use super::asked::{Asked, Input, Parameters};
use super::caller::{Caller, Starter};
use super::course::{Course, End};
use super::refusal::Refusal;
use super::run::{Run, Subject, id_of, iso};

type Shared = State<Arc<StandIn>>;
type Answer = Result<Response, Refusal>;

pub(super) async fn start_run_of_actor(
    State(stand_in): Shared,
    Starter(start_as): Starter,
    Path(id): Path<String>,
    Asked(parameters): Asked,
    Input(input): Input,
) -> Answer {
    let run = Run::begin(
        Subject::Actor(checked(id, "actor")?),
        start_as,
        input.clone(),
    );
    start(&stand_in, run, &parameters, &input).await
}

pub(super) async fn start_run_of_task(
    State(stand_in): Shared,
    Starter(start_as): Starter,
    Path(id): Path<String>,
    Asked(parameters): Asked,
    Input(input): Input,
) -> Answer {
    let run = Run::begin(Subject::Task(checked(id, "task")?), start_as, input.clone());
    start(&stand_in, run, &parameters, &input).await
}

/// No actor is on record, and any can be started. Clients that wait for a run ask for its actor,
/// and can do without.
pub(super) async fn show_actor(Caller(_): Caller) -> Refusal {
    Refusal::new(
        StatusCode::NOT_FOUND,
        "record-not-found",
        "no actor is on record here; every id can be started",
    )
}

pub(super) async fn show_run(
    State(stand_in): Shared,
    Caller(user): Caller,
    Path(id): Path<String>,
    Asked(parameters): Asked,
) -> Answer {
    let run = stand_in.run(&id, &user).ok_or_else(no_run)?;
    Ok(show(StatusCode::OK, run, &parameters).await)
}

/// What the run has logged: clients that wait for a run show it as they wait.
pub(super) async fn show_log(
    State(stand_in): Shared,
    Caller(user): Caller,
    Path(id): Path<String>,
) -> Answer {
    let run = stand_in.run(&id, &user).ok_or_else(no_run)?;
    let begun = iso(run.borrow().started_at);
    Ok(format!("{begun} This run only pretends to work.\n").into_response())
}

/// What the run was given: the body of the request that started it.
pub(super) async fn show_input(
    State(stand_in): Shared,
    Caller(user): Caller,
    Path(id): Path<String>,
) -> Answer {
    let run = stand_in.run(&id, &user).ok_or_else(no_run)?;
    let input = run.borrow().input.clone();
    Ok(([(CONTENT_TYPE, "application/json")], input).into_response())
}

pub(super) async fn abort_run(
    State(stand_in): Shared,
    Caller(user): Caller,
    Path(id): Path<String>,
    Asked(parameters): Asked,
) -> Answer {
    let run = stand_in.run(&id, &user).ok_or_else(no_run)?;
    stand_in.finish(&id, End::Aborted).await;
    Ok(show(StatusCode::OK, run, &parameters).await)
}

async fn start(stand_in: &Arc<StandIn>, run: Run, parameters: &Parameters, input: &[u8]) -> Answer {
    let webhooks = parameters.webhooks.as_deref();
    let run = stand_in.start(run, Course::of(input), webhooks).await;
    // The queue takes any event but one that is too large.
    let run = run.map_err(|error| Refusal::too_large(error.to_string()))?;
    Ok(show(StatusCode::CREATED, run, parameters).await)
}

/// The run once it has ended, or when the caller will wait no longer.
async fn show(
    status: StatusCode,
    mut run: watch::Receiver<Run>,
    parameters: &Parameters,
) -> Response {
    let ended = run.wait_for(|run| run.finished_at.is_some());
    // Not in time: it is shown as it is.
    drop(tokio::time::timeout(parameters.wait(), ended).await);
    let data = run.borrow().to_json();
    (status, Json(json!({ "data": data }))).into_response()
}

/// An id is letters and digits. A name, such as `me~actor` or `apify/hello-world`, stands for the
/// id that it always has here: whatever is started only pretends.
pub(super) fn checked(id: String, what: &str) -> Result<String, Refusal> {
    let is_id = (1..=64).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if is_id {
        return Ok(id);
    }
    // Clients write the slash of a name as a tilde.
    let name = id.replace('/', "~");
    if is_name(&name) {
        return Ok(id_of(&format!("{what} {name}")));
    }
    let message =
        format!("the {what} {id:?} was not found: use an id, or a name such as \"me~{what}\"");
    Err(Refusal::new(
        StatusCode::NOT_FOUND,
        "record-not-found",
        message,
    ))
}

/// Whether this is a user's name, which may be left out for one's own, a tilde, and a name of
/// theirs.
fn is_name(text: &str) -> bool {
    let is_part = |part: &str| {
        part.len() <= 64
            && part
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
    };
    text.split_once('~')
        .is_some_and(|(user, name)| is_part(user) && is_part(name) && !name.is_empty())
}

fn no_run() -> Refusal {
    Refusal::new(
        StatusCode::NOT_FOUND,
        "record-not-found",
        "the run was not found",
    )
}
