//! What the owners of standing webhooks do about them: now and then they switch on what was
//! switched off, and ask once more for what has failed.

use std::collections::HashMap;

use anyhow::{Context, Result};
use serde_json::json;

use super::cast::USERS;
use super::course::Course;
use super::notices::tables::{Tables, Webhook};
use super::patience::patiently;
use super::records::{self, Record, Status};

impl Course {
    /// All of them look after their webhooks.
    pub(super) async fn visit(&self) -> Result<()> {
        let records = records::by_label(&self.users).await?;
        self.note_exhausted(&records);
        let tables = Tables::read(&self.platform).await?;
        let mut by_webhook: HashMap<&str, Vec<&Record>> = HashMap::new();
        for record in records.values().flatten() {
            let of_webhook = by_webhook.entry(&record.webhook_id).or_default();
            of_webhook.push(record);
        }
        for (id, webhook) in &tables.webhooks {
            if webhook.is_ad_hoc {
                continue;
            }
            let records = by_webhook.get(id.as_str());
            let records = records.map(Vec::as_slice).unwrap_or_default();
            let visited = self.look_after(id, webhook, records).await;
            visited.with_context(|| format!("its owner cannot look after {id}"))?;
        }
        Ok(())
    }

    async fn look_after(&self, id: &str, webhook: &Webhook, records: &[&Record]) -> Result<()> {
        let user = USERS.iter().position(|user| *user == webhook.user);
        let user = user.and_then(|user| self.users.get(user));
        let user = user.context("it has no owner")?;
        if webhook.is_off {
            let (place, on) = (format!("/v2/webhooks/{id}"), json!({ "isEnabled": true }));
            patiently(|| user.put(&place, &on)).await?;
            let mut due = self.due.lock();
            *due.enabled.entry(id.to_owned()).or_default() += 1;
        }
        let is = |status| move |record: &&Record| record.status == status;
        // What is still under way could be given up and sent again before anybody has seen it.
        if !records.iter().any(is(Status::Active)) && records.iter().any(is(Status::Failed)) {
            let place = format!("/v2/webhooks/{id}/redeliver-failed");
            patiently(|| user.post(&place, &json!(null))).await?;
        }
        Ok(())
    }

    /// Remembers which dispatches are exhausted: once they are sent again it cannot be seen.
    pub(super) fn note_exhausted(&self, records: &HashMap<String, Vec<Record>>) {
        let mut due = self.due.lock();
        for record in records.values().flatten() {
            if let Some(attempts) = record.exhausted_after() {
                let (webhook, id) = (record.webhook_id.clone(), record.id.clone());
                due.exhausted.insert((webhook, id, attempts));
            }
        }
    }
}
