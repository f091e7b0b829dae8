//! The course of a proof: what all steps share.

use std::time::Duration;

use anyhow::{Context, Result};
use serde_json::{Value, json};

use crate::account::Account;
use crate::arrivals::Arrival;
use crate::clock::Clock;
use crate::ledger::{Expected, Ledger};
use crate::manner::Manner;
use crate::platform::{Event, Platform, Run};
use crate::receiver::Receiver;
use crate::record::{self, Record, Status};
use crate::report::Report;
use crate::stack::Stack;
use crate::user::User;

/// How long what is not retried may take, cold starts included.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// Everything that the steps work with.
pub(crate) struct Course<'a> {
    pub(crate) account: &'a Account,
    pub(crate) stack: &'a Stack,
    pub(crate) receiver: &'a Receiver,
    pub(crate) clock: &'a Clock,
    pub(crate) report: &'a Report,
    /// Whose webhooks are called without trouble.
    pub(crate) main: &'a User,
    /// Whose receivers fail and hang. Endpoints are judged for each user by themselves, so this
    /// one's trouble is not the other's.
    pub(crate) troubled: &'a User,
    /// What all names of this run of the command begin with.
    pub(crate) tag: &'a str,
    pub(crate) platform: Platform,
    pub(crate) ledger: Ledger,
}

impl Course<'_> {
    /// The label of a webhook.
    pub(crate) fn label(&self, name: &str) -> String {
        format!("{}-{name}", self.tag)
    }

    /// A run of this actor.
    pub(crate) fn run(&self, user: &User, actor: &str, name: &str) -> Run {
        Run {
            id: format!("{}{name}", self.tag),
            user: user.id.to_string(),
            actor: actor.to_owned(),
            task: None,
        }
    }

    /// Defines a webhook through the API, and returns what it answers.
    pub(crate) async fn define(
        &self,
        user: &User,
        (label, manner): (&str, Manner),
        mut definition: Value,
    ) -> Result<Value> {
        definition["requestUrl"] = json!(self.receiver.url(manner, label));
        // So that it may be asked for again.
        definition["idempotencyKey"] = json!(label);
        let defined = user.post("/v2/webhooks", &definition).await;
        defined.with_context(|| format!("the webhook {label} is not defined"))
    }

    /// Lets the receiver of a webhook behave otherwise from its next attempt on.
    pub(crate) async fn change(
        &self,
        user: &User,
        webhook: &Value,
        (label, manner): (&str, Manner),
    ) -> Result<()> {
        let path = format!("/v2/webhooks/{}", id_of(webhook)?);
        let url = self.receiver.url(manner, label);
        let changed = user.put(&path, &json!({ "requestUrl": url })).await;
        changed.map(drop)
    }

    /// Sends an event, and expects that.
    pub(crate) async fn send(
        &self,
        event: &Event,
        expected: impl IntoIterator<Item = Expected>,
    ) -> Result<()> {
        self.ledger.expect(expected);
        self.platform.send(event).await
    }

    /// Waits until everything that is expected so far has been accepted. What is missing then, the
    /// ledger tells in the end.
    pub(crate) async fn until_delivered(&self, patience: Duration) -> Result<()> {
        match self.receiver.arrivals() {
            Some(arrivals) => {
                let look = async || {
                    let missing = self.ledger.missing(&arrivals.all());
                    Ok(missing.is_empty().then_some(()))
                };
                self.clock.until(patience, look).await?
            }
            None => {
                let look = async || {
                    let findings = self.ledger.audit(None, self.records().await?);
                    Ok((!findings.may_mend()).then_some(()))
                };
                self.clock.until(patience, look).await?
            }
        };
        Ok(())
    }

    /// Waits for as many POSTs of a webhook.
    pub(crate) async fn until_posted(&self, label: &str, count: usize) -> Result<Vec<Arrival>> {
        let Some(arrivals) = self.receiver.arrivals() else {
            return Ok(Vec::new());
        };
        let look = async || {
            let posts = arrivals.of_label(label);
            Ok((posts.len() >= count).then_some(posts))
        };
        let seen = self.clock.until(PATIENCE, look).await?;
        Ok(seen.unwrap_or_else(|| arrivals.of_label(label)))
    }

    /// Waits until the dispatches of a webhook are as wanted, and returns them as they are then.
    pub(crate) async fn until_recorded(
        &self,
        user: &User,
        webhook: &Value,
        patience: Duration,
        is_wanted: impl Fn(&[Record]) -> bool,
    ) -> Result<Vec<Record>> {
        let webhook = id_of(webhook)?;
        let look = async || {
            let records = record::of_webhook(user, webhook).await?;
            Ok(is_wanted(&records).then_some(records))
        };
        match self.clock.until(patience, look).await? {
            Some(records) => Ok(records),
            None => record::of_webhook(user, webhook).await,
        }
    }

    /// All dispatches of both users.
    pub(crate) async fn records(&self) -> Result<Vec<Record>> {
        let (of_main, of_troubled) =
            tokio::try_join!(record::all_of(self.main), record::all_of(self.troubled))?;
        let all = of_main.into_iter().chain(of_troubled);
        // Test deliveries are of no event.
        Ok(all.filter(|record| record.event_type != "TEST").collect())
    }
}

/// The id in what the API says of something.
pub(crate) fn id_of(item: &Value) -> Result<&str> {
    item["id"].as_str().context("the API answers without an id")
}

/// Whether there are that many, and all of them have ended so.
pub(crate) fn all_are(status: Status, count: usize) -> impl Fn(&[Record]) -> bool {
    move |records| records.len() == count && records.iter().all(|record| record.status == status)
}

/// What the records of a webhook say instead, for whoever wanted something else.
pub(crate) fn as_found(records: &[Record]) -> String {
    let one = |record: &Record| {
        let calls: Vec<_> = record
            .calls
            .iter()
            .map(|call| match (&call.response_status, &call.error_message) {
                (Some(status), _) => format!("HTTP {status}"),
                (None, error) => error.clone().unwrap_or_default(),
            })
            .collect();
        format!(
            "dispatch {} is {:?} after [{}] {}",
            record.id,
            record.status,
            calls.join(", "),
            record.failure_reason.as_deref().unwrap_or_default()
        )
    };
    match records {
        [] => "there is no dispatch on record".to_owned(),
        records => records.iter().map(one).collect::<Vec<_>>().join("; "),
    }
}
