//! What has arrived at the receiver.

use std::collections::HashSet;

use axum::body::Bytes;
use http::HeaderMap;
use serde::Deserialize;
use time::OffsetDateTime;
use tokio::sync::watch;

use crate::manner::Manner;

/// One POST.
#[derive(Clone, Debug)]
pub(crate) struct Arrival {
    /// When it came, by this machine's clock.
    pub(crate) at: OffsetDateTime,
    pub(crate) manner: Manner,
    /// The webhook that it is of.
    pub(crate) label: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    payload: Payload,
}

/// As much of a payload as says what it is about.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Payload {
    event_type: String,
    created_at: String,
    /// A test delivery is of no run.
    event_data: Option<EventData>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct EventData {
    actor_run_id: Option<String>,
}

/// All of them so far, in their order.
pub(crate) struct Arrivals {
    /// What the labels of this run of the command begin with: whatever else arrives is somebody
    /// else's.
    tag: String,
    all: watch::Sender<Vec<Arrival>>,
}

impl Arrival {
    /// What came to this path; `None` where it is not one of a webhook of ours.
    pub(crate) fn of(
        at: OffsetDateTime,
        path: &str,
        headers: HeaderMap,
        body: Bytes,
    ) -> Option<Self> {
        let (manner, label) = Manner::in_path(path)?;
        Some(Arrival {
            at,
            manner,
            label: label.to_owned(),
            payload: serde_json::from_slice(&body).unwrap_or_default(),
            headers,
            body,
        })
    }

    pub(crate) fn dispatch(&self) -> &str {
        self.header("webhook-id")
    }

    pub(crate) fn run(&self) -> &str {
        let data = self.payload.event_data.as_ref();
        let run = data.and_then(|data| data.actor_run_id.as_deref());
        run.unwrap_or_default()
    }

    pub(crate) fn event_type(&self) -> &str {
        &self.payload.event_type
    }

    pub(crate) fn created_at(&self) -> &str {
        &self.payload.created_at
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name).and_then(|value| value.to_str().ok());
        value.unwrap_or_default()
    }
}

impl Arrivals {
    pub(crate) fn of(tag: &str) -> Self {
        Arrivals {
            tag: tag.to_owned(),
            all: watch::Sender::default(),
        }
    }

    /// Takes what is of this run of the command.
    pub(crate) fn add(&self, arrivals: impl IntoIterator<Item = Arrival>) {
        let ours = arrivals
            .into_iter()
            .filter(|arrival| arrival.label.starts_with(&self.tag));
        self.all.send_modify(|all| all.extend(ours));
    }

    /// All of them.
    pub(crate) fn all(&self) -> Vec<Arrival> {
        self.all.borrow().clone()
    }

    /// Those of one webhook.
    pub(crate) fn of_label(&self, label: &str) -> Vec<Arrival> {
        let all = self.all.borrow();
        let of_label = all.iter().filter(|arrival| arrival.label == label);
        of_label.cloned().collect()
    }

    /// For how many dispatches there was a POST.
    pub(crate) fn dispatches(&self) -> usize {
        let all = self.all.borrow();
        let dispatches: HashSet<_> = all.iter().map(Arrival::dispatch).collect();
        dispatches.len()
    }
}
