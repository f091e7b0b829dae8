//! The Lambda host, as far as one process needs it that is run by itself.

use std::collections::VecDeque;
use std::future::pending;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context, Result};
use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use local::tasks::Tasks;
use parking_lot::Mutex;
use tokio::net::TcpListener;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// Hands out invocations, one after the other, until it is dropped.
pub(super) struct Host {
    address: SocketAddr,
    said: UnboundedReceiver<Said>,
    /// Ended with this, so that the process had better be gone by then.
    _tasks: Tasks,
}

/// What the process has said.
pub(super) enum Said {
    /// It has answered an invocation, or reported an error in its place.
    Answer(Answer),
    /// It asks for work, and there is none left.
    Idle,
}

/// What it has made of an invocation.
pub(super) struct Answer {
    pub(super) at: Instant,
    pub(super) is_error: bool,
    pub(super) body: Bytes,
}

struct Desk {
    invocations: Mutex<VecDeque<String>>,
    said: UnboundedSender<Said>,
}

impl Host {
    pub(super) async fn serve(invocations: Vec<String>) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let (sender, said) = unbounded_channel();
        let desk = Desk {
            invocations: Mutex::new(invocations.into()),
            said: sender,
        };
        let tasks = Tasks::default();
        tasks.spawn(async move {
            // It never fails: a listener that cannot accept is tried again.
            let _ = axum::serve(listener, router(desk)).await;
        });
        Ok(Self {
            address,
            said,
            _tasks: tasks,
        })
    }

    /// Where the process asks for work.
    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Waits for what the process says next.
    pub(super) async fn said(&mut self) -> Result<Said> {
        self.said.recv().await.context("nobody is served any more")
    }
}

fn router(desk: Desk) -> Router {
    Router::new()
        .route("/2018-06-01/runtime/invocation/next", get(next))
        .route(
            "/2018-06-01/runtime/invocation/{id}/{outcome}",
            post(outcome),
        )
        .with_state(Arc::new(desk))
}

async fn next(State(desk): State<Arc<Desk>>) -> Response {
    let (event, left) = {
        let mut invocations = desk.invocations.lock();
        (invocations.pop_front(), invocations.len())
    };
    let Some(event) = event else {
        // Nobody listens any more when the process is about to be killed.
        let _ = desk.said.send(Said::Idle);
        return pending().await;
    };
    let headers = [
        ("lambda-runtime-aws-request-id", format!("request-{left}")),
        ("lambda-runtime-deadline-ms", "9999999999999".to_owned()),
        ("lambda-runtime-invoked-function-arn", "arn".to_owned()),
        ("content-type", "application/json".to_owned()),
    ];
    (headers, event).into_response()
}

async fn outcome(
    State(desk): State<Arc<Desk>>,
    Path((_, outcome)): Path<(String, String)>,
    body: Bytes,
) -> StatusCode {
    let answer = Answer {
        at: Instant::now(),
        is_error: outcome == "error",
        body,
    };
    // As above.
    let _ = desk.said.send(Said::Answer(answer));
    StatusCode::ACCEPTED
}
