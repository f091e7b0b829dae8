//! The receiver of the webhook under test: takes every POST at once, and remembers which runs they
//! were about.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Instant;

use anyhow::Result;
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use local::tasks::Tasks;
use parking_lot::Mutex;
use serde::Deserialize;
use tokio::net::TcpListener;

/// A server that answers 200.
pub(super) struct Receiver {
    origin: String,
    url: String,
    arrivals: Arc<Mutex<Arrivals>>,
    tasks: Tasks,
}

/// The POSTs so far.
#[derive(Clone, Default)]
pub(super) struct Arrivals {
    /// How many were about each run.
    pub(super) by_run: HashMap<String, u32>,
    /// When the first of them came.
    pub(super) first_by_run: HashMap<String, Instant>,
    /// The bytes of all bodies.
    pub(super) bytes: usize,
    pub(super) last: Option<Instant>,
}

/// As much of a payload as says what it is about.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Payload {
    event_data: EventData,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct EventData {
    actor_run_id: String,
}

impl Receiver {
    pub(super) async fn listen() -> Result<Self> {
        Self::listen_beside(Router::new()).await
    }

    /// The same, where some paths are others' business.
    pub(super) async fn listen_beside(others: Router) -> Result<Self> {
        let arrivals = Arc::new(Mutex::new(Arrivals::default()));
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let origin = format!("http://{}", listener.local_addr()?);
        let router = Router::new()
            .fallback(receive)
            .with_state(Arc::clone(&arrivals))
            .merge(others);
        let tasks = Tasks::default();
        tasks.spawn(async move {
            // It never fails: a listener that cannot accept is tried again.
            let _ = axum::serve(listener, router).await;
        });
        Ok(Self {
            url: format!("{origin}/webhook"),
            origin,
            arrivals,
            tasks,
        })
    }

    /// What webhooks are to be sent to.
    pub(super) fn url(&self) -> &str {
        &self.url
    }

    /// What is asked of another path of its own.
    pub(super) fn url_of(&self, path: &str) -> String {
        format!("{}{path}", self.origin)
    }

    /// How many runs it has heard of since its POSTs were taken last.
    pub(super) fn runs(&self) -> usize {
        self.arrivals.lock().by_run.len()
    }

    /// The POSTs since this was asked last.
    pub(super) fn take(&self) -> Arrivals {
        std::mem::take(&mut *self.arrivals.lock())
    }

    pub(super) async fn close(&self) {
        self.tasks.end().await;
    }
}

async fn receive(State(arrivals): State<Arc<Mutex<Arrivals>>>, body: Bytes) -> StatusCode {
    let now = Instant::now();
    let Ok(payload) = serde_json::from_slice::<Payload>(&body) else {
        return StatusCode::BAD_REQUEST;
    };
    let run = payload.event_data.actor_run_id;
    let mut arrivals = arrivals.lock();
    arrivals.first_by_run.entry(run.clone()).or_insert(now);
    *arrivals.by_run.entry(run).or_default() += 1;
    arrivals.bytes += body.len();
    arrivals.last = Some(now);
    StatusCode::OK
}
