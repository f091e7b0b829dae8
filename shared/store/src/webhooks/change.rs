//! Changing and deleting a webhook. A change is made to the version that was read, or not at all.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::{AttributeValue, Put, TransactWriteItem};
use domain::notice::{Found, Notice};
use domain::timestamp::Timestamp;
use domain::trace_context::TraceContext;
use domain::webhook::{Lifetime, Webhook, WebhookState};

use super::entry::{self, Entry};
use super::failing;
use super::item;
use super::match_document::{self, entry_name};
use super::spread;
use crate::error::StoreError;
use crate::table::batch::Item;
use crate::table::key::Key;
use crate::table::transaction::{Transaction, delete};
use crate::{Store, TOMBSTONES};

/// What became of a change.
#[must_use]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Replaced {
    /// It was made.
    Done,
    /// Nothing was changed: the webhook is no longer as it was read.
    ChangedMeanwhile,
}

impl Store {
    /// Puts one version of a webhook in the place of another. Id, owner, lifetime and idempotency
    /// key are the same in both. Its owner gets a notice if it was switched off or on.
    pub async fn replace_webhook(
        &self,
        before: &Webhook,
        after: &Webhook,
    ) -> Result<Replaced, StoreError> {
        self.replace_and_tell(before, after, None).await
    }

    async fn replace_and_tell(
        &self,
        before: &Webhook,
        after: &Webhook,
        trace: Option<&TraceContext>,
    ) -> Result<Replaced, StoreError> {
        let mut changes = vec![
            self.put_over(before, item::write(after)?)?,
            self.enter(after)?,
        ];
        if before.condition != after.condition {
            changes.push(self.take_out(before)?);
        }
        if before.condition != after.condition || before.spread != after.spread {
            changes.push(self.put(entry::item_of(after)?)?);
        }
        if let Some(notice) = Notice::of_change(before, after, trace) {
            changes.push(self.put_notice(&notice)?);
        }
        self.replace("change a webhook", changes).await
    }

    /// Switches a webhook off that was found failing for good, unless its owner has changed it
    /// since it was read, and tells its owner.
    ///
    /// Repeating this is safe because a webhook that is off stays as it is.
    pub async fn disable_webhook(
        &self,
        Found {
            webhook: read,
            trace,
        }: Found<'_>,
        because: &str,
        now: Timestamp,
    ) -> Result<Replaced, StoreError> {
        if read.state != WebhookState::Enabled {
            return Ok(Replaced::ChangedMeanwhile);
        }
        let off = Webhook {
            state: WebhookState::Disabled,
            disabled_because: Some(because.to_owned()),
            failing_since: None,
            version: read.version + 1,
            modified_at: now,
            ..read.clone()
        };
        self.replace_and_tell(read, &off, trace).await
    }

    /// Deletes a webhook. A record of it stays until a time, and for a while at least, so that dispatches that wait can say why they end,
    /// and so that a repeated event does not define an ad hoc webhook anew.
    pub async fn delete_webhook(
        &self,
        webhook: &Webhook,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Replaced, StoreError> {
        let removed = Webhook {
            state: WebhookState::Removed,
            version: webhook.version + 1,
            modified_at: now,
            ..webhook.clone()
        };
        let mut tombstone = item::write(&removed)?;
        let until = until.max(now.after(TOMBSTONES)).as_seconds();
        tombstone.insert("ttl".to_owned(), AttributeValue::N(until.to_string()));
        let mut changes = vec![
            self.put_over(webhook, tombstone)?,
            self.drop_entry(&removed.user, &Entry::of(&removed))?,
        ];
        match removed.lifetime {
            Lifetime::Standing => {
                let counters = Key::counters(&removed.user, &removed.id);
                changes.push(self.take_out(&removed)?);
                changes.push(delete(&self.tables.dispatches, &counters)?);
                if let Some(entry) = Box::pin(self.deleted_entry(&removed)).await? {
                    changes.push(self.put(entry.item(&removed.user, Some(until))?)?);
                }
            }
            // Its line stays, disabled: a repeated event would enter it again otherwise. Its counters list its test deliveries; they expire.
            Lifetime::AdHoc(_) => changes.push(self.enter(&removed)?),
        }
        if let Some(key) = &removed.idempotency_key {
            let key = Key::idempotency(&removed.user, key);
            changes.push(delete(&self.tables.webhooks, &key)?);
        }
        self.replace("delete a webhook", changes).await
    }

    async fn replace(
        &self,
        operation: &'static str,
        changes: Vec<TransactWriteItem>,
    ) -> Result<Replaced, StoreError> {
        Ok(match self.transact(operation, changes).await? {
            Transaction::Done => Replaced::Done,
            Transaction::Refused => Replaced::ChangedMeanwhile,
        })
    }

    /// Writes a webhook's item, if it still has the version that was read, and what changes without
    /// it: the spread, and whether it is failing.
    fn put_over(&self, read: &Webhook, item: Item) -> Result<TransactWriteItem, StoreError> {
        let (unchanged, mut values) = spread::unchanged(&read.spread)?;
        let version = AttributeValue::N(read.version.to_string());
        values.insert(":read".to_owned(), version);
        let failing = failing::unchanged(read, &mut values);
        let put = Put::builder()
            .table_name(&self.tables.webhooks)
            .set_item(Some(item))
            .condition_expression(format!("version = :read AND {unchanged} AND {failing}"))
            .set_expression_attribute_values(Some(values))
            .build()
            .map_err(StoreError::item("webhook"))?;
        Ok(TransactWriteItem::builder().put(put).build())
    }

    /// Removes a webhook's line from its match document.
    fn take_out(&self, webhook: &Webhook) -> Result<TransactWriteItem, StoreError> {
        let names = HashMap::from([("#entry".to_owned(), entry_name(&webhook.id))]);
        let key = match_document::key_of(webhook);
        self.update(key, "REMOVE #entry".to_owned(), names, HashMap::new())
    }
}
