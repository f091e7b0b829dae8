//! The receiver of the demo: shows each POST as it arrives.

use std::sync::Arc;

use anyhow::Result;
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Uri};
use serde_json::Value;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use tokio::net::TcpListener;
use tokio::sync::watch;

use super::expectation::Expected;
use super::say;

/// A server that takes everything.
pub(super) struct Arrivals {
    address: String,
    arrived: Arc<watch::Sender<Vec<Arrival>>>,
}

#[derive(Clone)]
struct Arrival {
    path: String,
    payload: Value,
    headers: HeaderMap,
    body: Bytes,
}

impl Arrivals {
    pub(super) async fn listen() -> Result<Self> {
        let arrived = Arc::new(watch::Sender::new(Vec::new()));
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?.to_string();
        let router = Router::new()
            .fallback(receive)
            .with_state(Arc::clone(&arrived));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Ok(Self { address, arrived })
    }

    pub(super) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub(super) fn count(&self) -> usize {
        self.arrived.borrow().len()
    }

    /// Where each POST went, about which run, and of which event.
    pub(super) fn all(&self) -> Vec<Expected> {
        self.arrived.borrow().iter().map(Arrival::essence).collect()
    }

    /// The same, as soon as there are so many.
    pub(super) async fn wait_for(&self, count: usize) -> Vec<Expected> {
        let mut arrived = self.arrived.subscribe();
        // The sender lives as long as this.
        let _ = arrived.wait_for(|arrived| arrived.len() >= count).await;
        self.all()
    }

    /// What a receiver verifies of each POST: its headers and its body.
    pub(super) fn posts(&self) -> Vec<(HeaderMap, Bytes)> {
        let arrived = self.arrived.borrow();
        let parts = |arrival: &Arrival| (arrival.headers.clone(), arrival.body.clone());
        arrived.iter().map(parts).collect()
    }

    /// The payload of the first POST about this event of this run. It has the fields of an event
    /// message, and can be sent as one.
    pub(super) fn event_of(&self, run: &str, event: &str) -> Option<Value> {
        let arrived = self.arrived.borrow();
        let mut payloads = arrived.iter().map(|arrival| &arrival.payload);
        payloads
            .find(|payload| {
                payload["eventData"]["actorRunId"] == run && payload["eventType"] == event
            })
            .cloned()
    }
}

impl Arrival {
    fn essence(&self) -> Expected {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let run = text(&self.payload["eventData"]["actorRunId"]);
        (self.path.clone(), run, text(&self.payload["eventType"]))
    }
}

async fn receive(
    State(arrived): State<Arc<watch::Sender<Vec<Arrival>>>>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) {
    let payload: Value = serde_json::from_slice(&body).unwrap_or_default();
    let arrival = Arrival {
        path: uri.path().to_owned(),
        payload,
        headers,
        body,
    };
    let (path, run, event) = arrival.essence();
    let since = milliseconds_since(&arrival.payload["createdAt"]);
    say(&format!(
        "   POST {path:<15} {event:<20} of run {run}, {since} ms after the event"
    ));
    arrived.send_modify(|arrived| arrived.push(arrival));
}

/// The time as an event message has it.
pub(super) fn now() -> String {
    OffsetDateTime::now_utc()
        .format(&Rfc3339)
        .unwrap_or_default()
}

fn milliseconds_since(created_at: &Value) -> i128 {
    let event = created_at
        .as_str()
        .and_then(|text| OffsetDateTime::parse(text, &Rfc3339).ok());
    event.map_or(0, |event| {
        (OffsetDateTime::now_utc() - event).whole_milliseconds()
    })
}
