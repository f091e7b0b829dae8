//! How long the first client waits: from the start of a function's process to its answer to one
//! HTTP request.

use std::collections::BTreeMap;
use std::future::pending;
use std::path::Path;
use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::response::IntoResponse;
use axum::routing::{get, post};
use http::{Request, StatusCode};
use local::endpoints::Endpoints;
use local::function_url::event;
use parking_lot::Mutex;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

use super::start_up;

/// What is asked: a list, so that the token is looked up and something is read.
pub(super) const ASKED: &str = "/v2/webhooks";

/// The Lambda host, as far as one invocation needs it.
struct Host {
    /// The invocation, until it is handed out.
    event: Mutex<Option<String>>,
    answers: UnboundedSender<(Instant, Bytes)>,
}

/// Starts a program once, and returns the time to its first answer. Its calls go to the endpoints
/// in its environment.
pub(super) async fn first_answer(
    program: &Path,
    environment: &BTreeMap<String, String>,
    endpoints: &Endpoints,
) -> Result<Duration> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let runtime_api = listener.local_addr()?;
    let (answers, mut answered) = unbounded_channel();
    let host = Host {
        event: Mutex::new(Some(request(endpoints)?)),
        answers,
    };
    // Served until the process is gone, so that it has no failure to report.
    let mut served = pin!(axum::serve(listener, router(host)).into_future());
    let begin = Instant::now();
    let mut process = start_up::start(program, environment, runtime_api)?;
    let (at, answer) = tokio::select! {
        answer = answered.recv() => answer.context("it gave no answer")?,
        status = process.wait() => bail!("{} has ended: {}", program.display(), status?),
        served = &mut served => bail!("no longer served: {served:?}"),
    };
    process.kill().await?;
    let answer: Value = serde_json::from_slice(&answer)?;
    ensure!(
        answer["statusCode"] == 200,
        "GET {ASKED} was answered {answer}"
    );
    Ok(at - begin)
}

fn request(endpoints: &Endpoints) -> Result<String> {
    let authorization = format!("Bearer {}", endpoints.token);
    let request = Request::get(ASKED)
        .header("authorization", authorization)
        .header("host", "localhost");
    let (head, ()) = request.body(())?.into_parts();
    Ok(event::of(&head, b""))
}

fn router(host: Host) -> Router {
    Router::new()
        .route("/2018-06-01/runtime/invocation/next", get(next))
        .route(
            "/2018-06-01/runtime/invocation/{id}/{outcome}",
            post(outcome),
        )
        .with_state(Arc::new(host))
}

async fn next(State(host): State<Arc<Host>>) -> impl IntoResponse {
    let event = host.event.lock().take();
    let Some(event) = event else {
        return pending().await;
    };
    let headers = [
        ("lambda-runtime-aws-request-id", "first"),
        ("lambda-runtime-deadline-ms", "9999999999999"),
        ("lambda-runtime-invoked-function-arn", "arn"),
        ("content-type", "application/json"),
    ];
    (headers, event)
}

/// The answer, or the error in its place.
async fn outcome(State(host): State<Arc<Host>>, body: Bytes) -> StatusCode {
    // Nobody waits for a second one.
    let _ = host.answers.send((Instant::now(), body));
    StatusCode::ACCEPTED
}
