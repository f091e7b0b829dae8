//! Redelivery: of one dispatch that was delivered, of one that has failed, and of all that have
//! failed.

use std::time::Duration;

use anyhow::{Context, Result};
use serde_json::{Value, json};

use super::trouble::REFUSED;
use crate::course::{Course, PATIENCE, all_are, as_found, id_of};
use crate::ledger::{End, Expected};
use crate::manner::Manner;
use crate::platform::event_type;
use crate::record::{self, Status};

/// A job is carried on once a minute.
const JOB: Duration = Duration::from_secs(180);

impl Course<'_> {
    /// A dispatch that was delivered goes out again because its owner asks.
    pub(crate) async fn redeliver_what_was_delivered(&self) -> Result<()> {
        self.report.step("Redelivery");
        let label = self.label("again");
        let actor = format!("{}again", self.tag);
        let definition = json!({
            "eventTypes": [event_type("SUCCEEDED")],
            "condition": { "actorId": actor },
        });
        let webhook = self
            .define(self.main, (&label, Manner::Accept), definition)
            .await?;
        let run = self.run(self.main, &actor, "again");
        let event = run.event("SUCCEEDED", self.clock.now());
        let expected = Expected::standing(&label, &run.id, event.trigger.clone());
        self.send(&event, [expected]).await?;
        let delivered = all_are(Status::Succeeded, 1);
        let before = self
            .until_recorded(self.main, &webhook, PATIENCE, &delivered)
            .await?;
        if let Some(record) = before.first() {
            self.ledger.amend(&label, |expected| expected.times += 1);
            let path = format!("/v2/webhook-dispatches/{}/redeliver", record.id);
            self.main.post(&path, &Value::Null).await?;
        }
        let again = |records: &[record::Record]| {
            delivered(records) && records.iter().all(|record| record.calls.len() == 2)
        };
        let after = self
            .until_recorded(self.main, &webhook, PATIENCE, &again)
            .await?;
        self.report.check(
            "a delivered dispatch is sent again if its owner asks, under its id",
            match again(&after) {
                true => Ok(()),
                false => Err(as_found(&after)),
            },
        );
        Ok(())
    }

    /// What has failed for good goes out once its receiver is mended: one by its id, the others in
    /// a job.
    pub(crate) async fn redeliver_what_has_failed(&self, webhook: &Value) -> Result<()> {
        let label = self.label("refuses");
        let failed = self
            .until_recorded(
                self.troubled,
                webhook,
                PATIENCE,
                all_are(Status::Failed, REFUSED),
            )
            .await?;
        self.change(self.troubled, webhook, (&label, Manner::Accept))
            .await?;
        self.ledger.amend(&label, |expected| {
            expected.end = End::Delivered;
            expected.at_most = Some(2);
        });
        if let Some(record) = failed.first() {
            let path = format!("/v2/webhook-dispatches/{}/redeliver", record.id);
            self.troubled.post(&path, &Value::Null).await?;
        }
        let one = |records: &[record::Record]| {
            records
                .iter()
                .any(|record| record.status == Status::Succeeded)
        };
        let after_one = self
            .until_recorded(self.troubled, webhook, PATIENCE, one)
            .await?;
        self.report.check(
            "a failed dispatch is redelivered",
            match one(&after_one) {
                true => Ok(()),
                false => Err(as_found(&after_one)),
            },
        );
        self.redeliver_all(webhook).await
    }

    async fn redeliver_all(&self, webhook: &Value) -> Result<()> {
        let jobs = format!("/v2/webhooks/{}/redeliver-failed", id_of(webhook)?);
        let job = self.troubled.post(&jobs, &Value::Null).await?;
        let job = format!("{jobs}/{}", id_of(&job)?);
        let has_ended = async || {
            let job = self.troubled.get(&job).await?;
            let status = job["status"].as_str().context("a job has no status")?;
            Ok((status != "RUNNING").then(|| status.to_owned()))
        };
        let ended = self.clock.until(JOB, has_ended).await?;
        let all = all_are(Status::Succeeded, REFUSED);
        let records = self
            .until_recorded(self.troubled, webhook, PATIENCE, &all)
            .await?;
        self.report.check(
            "all failed dispatches of a webhook are redelivered in a job",
            match (ended.as_deref(), all(&records)) {
                (Some("FINISHED"), true) => Ok(()),
                (ended, _) => Err(format!(
                    "the job is {}; {}",
                    ended.unwrap_or("RUNNING"),
                    as_found(&records)
                )),
            },
        );
        Ok(())
    }
}
