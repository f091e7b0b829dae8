//! What the owners of the webhooks can read, once everything is over.

use std::collections::HashMap;

use anyhow::{Context, Result};
use local::api_client::Client;
use serde::Deserialize;

use super::patience::patiently;

/// As many as one page has.
const PAGE: usize = 1000;

/// A dispatch as its owner sees it.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Record {
    pub(super) id: String,
    pub(super) webhook_id: String,
    pub(super) status: Status,
    pub(super) created_at: String,
    pub(super) event_type: String,
    event_data: EventData,
    webhook: Webhook,
    pub(super) failure_reason: Option<String>,
    #[serde(default)]
    calls: Vec<RecordedCall>,
}

/// An attempt as its sender saw it.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct RecordedCall {
    response_status: Option<u16>,
    error_message: Option<String>,
}

/// How far it has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(super) enum Status {
    Active,
    Succeeded,
    Failed,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct EventData {
    actor_run_id: String,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Webhook {
    request_url: String,
}

#[derive(Deserialize)]
struct Page {
    items: Vec<Record>,
}

impl Record {
    /// The webhook that it is of.
    pub(super) fn label(&self) -> &str {
        let path = self.webhook.request_url.rsplit('/').next();
        path.unwrap_or_default()
    }

    pub(super) fn run(&self) -> &str {
        &self.event_data.actor_run_id
    }

    /// After how many attempts it was given up, if its owner is to be told that it was.
    pub(super) fn exhausted_after(&self) -> Option<usize> {
        let reason = self.failure_reason.as_deref()?;
        let is_exhausted = reason.ends_with("retries failed")
            || reason.starts_with("The endpoint has not answered for");
        (self.status == Status::Failed && is_exhausted).then_some(self.calls.len())
    }

    /// What its sender heard at each attempt.
    pub(super) fn heard(&self) -> String {
        let heard: Vec<_> = self.calls.iter().map(RecordedCall::heard).collect();
        heard.join(", ")
    }
}

impl RecordedCall {
    fn heard(&self) -> String {
        match (self.response_status, &self.error_message) {
            (Some(status), _) => format!("HTTP {status}"),
            (None, error) => error.clone().unwrap_or_default(),
        }
    }
}

/// Every dispatch of these users, by webhook.
pub(super) async fn by_label(users: &[Client]) -> Result<HashMap<String, Vec<Record>>> {
    let mut by_label: HashMap<_, Vec<_>> = HashMap::new();
    for user in users {
        for record in all_of(user).await? {
            let of_label = by_label.entry(record.label().to_owned()).or_default();
            of_label.push(record);
        }
    }
    Ok(by_label)
}

async fn all_of(user: &Client) -> Result<Vec<Record>> {
    let mut all = Vec::new();
    loop {
        let (offset, limit) = (all.len(), PAGE);
        let place = format!("/v2/webhook-dispatches?offset={offset}&limit={limit}");
        let page = patiently(|| user.get(&place)).await?;
        let page: Page =
            serde_json::from_value(page).context("the list of dispatches is not as expected")?;
        let is_last = page.items.len() < PAGE;
        all.extend(page.items);
        if is_last {
            return Ok(all);
        }
    }
}
