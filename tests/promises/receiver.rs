//! The receivers of webhooks: one HTTP server, scripted by path.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::RETRY_AFTER;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use serde_json::Value;
use tokio::sync::watch;

/// Long enough for the slowest machine: a wait that ends so has failed.
const PATIENCE: Duration = Duration::from_secs(120);

/// What a receiver does with a request.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Answer {
    /// Answers with a status.
    Status(u16),
    /// Answers with a status and says when to come again.
    RetryAfter(u16, &'static str),
    /// Does not answer until [`Receiver::release`].
    Hang,
    /// Answers with a status line, and never ends its body.
    StatusThenHang(u16),
}

/// A request that arrived.
#[derive(Clone, Debug)]
pub(crate) struct Received {
    pub(crate) path: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Received {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("the body is JSON")
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        let value = self
            .headers
            .get(name)
            .unwrap_or_else(|| panic!("no header {name}"));
        value.to_str().expect("a text")
    }
}

/// A running server.
pub(crate) struct Receiver {
    address: String,
    shared: Arc<Shared>,
}

struct Shared {
    /// The answers still to give, by path; the last one is given again and again. Without any, 200.
    scripts: Mutex<HashMap<String, Vec<Answer>>>,
    received: watch::Sender<Vec<Received>>,
    released: watch::Sender<bool>,
}

impl Receiver {
    pub(crate) async fn start() -> Self {
        let shared = Arc::new(Shared {
            scripts: Mutex::default(),
            received: watch::Sender::new(Vec::new()),
            released: watch::Sender::new(false),
        });
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
            .await
            .expect("a free port");
        let address = listener.local_addr().expect("an address").to_string();
        let router = Router::new()
            .fallback(receive)
            .with_state(Arc::clone(&shared));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { address, shared }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// The answers to the requests for a path, in order; the last one is repeated.
    pub(crate) fn script(&self, path: &str, answers: &[Answer]) {
        self.shared
            .scripts
            .lock()
            .unwrap()
            .insert(path.to_owned(), answers.to_vec());
    }

    /// Lets every hanging request end.
    pub(crate) fn release(&self) {
        self.shared.released.send_replace(true);
    }

    /// What arrived so far.
    pub(crate) fn received(&self) -> Vec<Received> {
        self.shared.received.borrow().clone()
    }

    /// What arrived so far for a path.
    pub(crate) fn received_at(&self, path: &str) -> Vec<Received> {
        self.received()
            .into_iter()
            .filter(|request| request.path == path)
            .collect()
    }

    /// Waits until at least so many requests have arrived in all.
    pub(crate) async fn wait_for(&self, count: usize) -> Vec<Received> {
        let mut received = self.shared.received.subscribe();
        let wait = received.wait_for(|received| received.len() >= count);
        match tokio::time::timeout(PATIENCE, wait).await {
            Ok(received) => received.expect("the server runs").clone(),
            Err(_) => panic!(
                "only {} of {count} requests have arrived",
                self.received().len()
            ),
        }
    }
}

async fn receive(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, usize::MAX)
        .await
        .unwrap_or_default();
    let path = parts.uri.path().to_owned();
    let answer = next_answer(&shared, &path);
    shared.received.send_modify(|received| {
        received.push(Received {
            path,
            headers: parts.headers,
            body,
        })
    });
    match answer {
        Answer::Status(status) => status_code(status).into_response(),
        Answer::RetryAfter(status, when) => {
            (status_code(status), [(RETRY_AFTER, when)]).into_response()
        }
        Answer::Hang => {
            let _ = shared
                .released
                .subscribe()
                .wait_for(|released| *released)
                .await;
            StatusCode::OK.into_response()
        }
        Answer::StatusThenHang(status) => {
            let endless = futures::stream::pending::<Result<Bytes, std::io::Error>>();
            (status_code(status), Body::from_stream(endless)).into_response()
        }
    }
}

fn next_answer(shared: &Shared, path: &str) -> Answer {
    let mut scripts = shared.scripts.lock().unwrap();
    match scripts.get_mut(path) {
        Some(answers) if answers.len() > 1 => answers.remove(0),
        Some(answers) => answers.first().copied().unwrap_or(Answer::Status(200)),
        None => Answer::Status(200),
    }
}

fn status_code(status: u16) -> StatusCode {
    StatusCode::from_u16(status).expect("a status")
}
