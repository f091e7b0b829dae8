//! A stand-in for the job platform: pretend runs, whose events go to the event queue, so that
//! Apify's official clients can start runs with ad hoc webhooks on this machine, and webhooks can
//! start runs.
//!
//! A run's JSON input chooses its course: `{"finishAs": "FAILED", "afterMs": 200}`. Runs are
//! forgotten when the platform stops.

mod asked;
mod caller;
mod course;
mod credential;
mod event;
mod packing;
mod page;
mod refusal;
mod requests;
mod run;
mod users;

use std::collections::BTreeMap;
use std::sync::Arc;

use anyhow::Result;
use axum::Router;
use axum::extract::{DefaultBodyLimit, Request};
use axum::http::HeaderValue;
use axum::http::header::ACCESS_CONTROL_ALLOW_ORIGIN;
use axum::middleware::map_response;
use axum::response::Response;
use axum::routing::{get, post};
use parking_lot::Mutex;
use sqs::NewMessage;
use tokio::sync::watch;
use tower::ServiceExt;

use crate::queues::Queue;
use crate::tasks::Tasks;
use course::{Course, End};
use run::Run;

pub(crate) use credential::Verifier;
pub(crate) use users::Users;

/// The largest input that Apify takes.
const INPUT_LIMIT: usize = 9_437_184;

/// Lets pages of any origin read an answer, as the API does. What a browser asks first, the API
/// answers.
async fn readable_by_pages(mut response: Response) -> Response {
    let anyone = HeaderValue::from_static("*");
    response
        .headers_mut()
        .insert(ACCESS_CONTROL_ALLOW_ORIGIN, anyone);
    response
}

/// The pretended platform.
pub(crate) struct StandIn {
    users: Users,
    verifier: Verifier,
    event_queue: Queue,
    tasks: Tasks,
    runs: Mutex<BTreeMap<String, watch::Sender<Run>>>,
}

impl StandIn {
    /// A platform without runs.
    pub(crate) fn new(users: Users, verifier: Verifier, event_queue: Queue, tasks: Tasks) -> Self {
        StandIn {
            users,
            verifier,
            event_queue,
            tasks,
            runs: Mutex::default(),
        }
    }

    /// Answers what concerns runs, and leaves the rest to `api`.
    pub(crate) fn router(self, api: Router) -> Router {
        let other_methods = api.clone();
        Router::new()
            .route("/v2/acts/{id}", get(requests::show_actor))
            .route("/v2/actors/{id}", get(requests::show_actor))
            .route("/actors/{id}", get(page::actor))
            .route(
                "/v2/acts/{id}/runs",
                post(requests::start_run_of_actor).get(page::runs_of_actor),
            )
            .route(
                "/v2/actors/{id}/runs",
                post(requests::start_run_of_actor).get(page::runs_of_actor),
            )
            .route(
                "/v2/actor-tasks/{id}/runs",
                post(requests::start_run_of_task),
            )
            .route("/platform/user-tokens", post(users::sign))
            .route("/v2/actor-runs/{id}", get(requests::show_run))
            .route("/v2/actor-runs/{id}/log", get(requests::show_log))
            .route(
                "/v2/actor-runs/{id}/key-value-store/records/INPUT",
                get(requests::show_input),
            )
            .route("/v2/actor-runs/{id}/abort", post(requests::abort_run))
            .method_not_allowed_fallback(|request: Request| other_methods.oneshot(request))
            .layer(DefaultBodyLimit::max(INPUT_LIMIT))
            .layer(map_response(readable_by_pages))
            .with_state(Arc::new(self))
            .fallback_service(api)
    }

    /// Begins a run: its first event is sent before anyone hears of it, the last when its course
    /// ends. The answer shows it as it began.
    async fn start(
        self: &Arc<Self>,
        run: Run,
        course: Course,
        webhooks: Option<&str>,
    ) -> Result<watch::Receiver<Run>> {
        self.send(event::created(&run, webhooks)).await?;
        let id = run.id.clone();
        let (run, news) = watch::channel(run);
        self.runs.lock().insert(id.clone(), run);
        let stand_in = Arc::clone(self);
        self.tasks.spawn(async move {
            stand_in.change(&id, Run::run);
            tokio::time::sleep(course.after).await;
            stand_in.finish(&id, course.end).await;
        });
        Ok(news)
    }

    /// Ends a run, unless it has ended before.
    async fn finish(&self, id: &str, end: End) {
        let Some(run) = self.change(id, |run| run.finish(end)) else {
            return;
        };
        if let Err(error) = self.send(event::finished(&run, end)).await {
            tracing::error!("the last event of run {id} is lost: {error}");
        }
    }

    /// The run as it is after a change; `None` if nothing changed.
    fn change(&self, id: &str, change: impl FnOnce(&mut Run) -> bool) -> Option<Run> {
        let runs = self.runs.lock();
        let run = runs.get(id)?;
        run.send_if_modified(change).then(|| run.borrow().clone())
    }

    /// A run of that user.
    fn run(&self, id: &str, user: &str) -> Option<watch::Receiver<Run>> {
        let runs = self.runs.lock();
        let run = runs.get(id)?.subscribe();
        let is_theirs = run.borrow().user_id == user;
        is_theirs.then_some(run)
    }

    async fn send(&self, body: String) -> Result<()> {
        let message = NewMessage {
            body,
            ..NewMessage::default()
        };
        self.event_queue.send(message).await
    }
}
