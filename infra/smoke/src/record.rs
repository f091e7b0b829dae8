//! What is on record of a dispatch, as its owner reads it.

use anyhow::{Context, Result};
use serde::Deserialize;

use crate::receiver::label_in;
use crate::user::User;

/// A dispatch.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Record {
    pub(crate) id: String,
    pub(crate) user_id: String,
    pub(crate) webhook_id: String,
    pub(crate) status: Status,
    pub(crate) created_at: String,
    pub(crate) event_type: String,
    event_data: Option<EventData>,
    webhook: Option<Webhook>,
    pub(crate) calls: Vec<Call>,
    pub(crate) failure_reason: Option<String>,
    pub(crate) next_attempt_at: Option<String>,
}

/// How far it has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum Status {
    Active,
    Succeeded,
    Failed,
}

/// One attempt.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Call {
    pub(crate) started_at: String,
    pub(crate) error_message: Option<String>,
    pub(crate) response_status: Option<u16>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct EventData {
    actor_run_id: String,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Webhook {
    request_url: String,
}

impl Record {
    /// The webhook that it is of.
    pub(crate) fn label(&self) -> String {
        let webhook = self.webhook.as_ref();
        let label = webhook.and_then(|webhook| label_in(&webhook.request_url));
        label.unwrap_or_default()
    }

    pub(crate) fn run(&self) -> &str {
        let data = self.event_data.as_ref();
        data.map_or("", |data| &data.actor_run_id)
    }
}

/// Every dispatch of a user.
pub(crate) async fn all_of(user: &User) -> Result<Vec<Record>> {
    records(user, "/v2/webhook-dispatches").await
}

/// Every dispatch of a webhook.
pub(crate) async fn of_webhook(user: &User, webhook: &str) -> Result<Vec<Record>> {
    records(user, &format!("/v2/webhooks/{webhook}/dispatches")).await
}

async fn records(user: &User, path: &str) -> Result<Vec<Record>> {
    let items = user.list(path).await?.into_iter();
    let records = items.map(serde_json::from_value).collect::<Result<_, _>>();
    records.with_context(|| format!("{path} is not as expected"))
}
