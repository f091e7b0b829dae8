//! Webhooks as their owners manage them.
//!
//! A webhook, its line in a match document and its idempotency key change together, in one transaction: what the API shows is what is
//! matched.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::{AttributeValue, Delete, Put, TransactWriteItem};
use domain::condition::Condition;
use domain::id::{UserId, WebhookId};
use domain::timestamp::Timestamp;
use domain::webhook::{Lifetime, Webhook, WebhookState};

use crate::batch::Item;
use crate::error::StoreError;
use crate::key::{self, Key, WEBHOOK};
use crate::match_document::{self, entry_name, entry_of};
use crate::transaction::Transaction;
use crate::{RUN_DOCUMENTS, Store, TOMBSTONES, attribute, webhook_item};

/// What became of a new webhook.
#[must_use]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Created {
    /// It is in force.
    New,
    /// This one was made with the same idempotency key before; nothing was changed.
    Existing(Box<Webhook>),
    /// Its owner has as many webhooks as allowed.
    TooMany,
}

/// The attribute of a webhook that says under which key it was made.
const IDEMPOTENCY_KEY: &str = "idempotency_key";

impl Store {
    /// Defines a standing webhook, unless its owner has `limit` of them or has used the idempotency key before.
    pub async fn create_webhook(
        &self,
        webhook: &Webhook,
        idempotency_key: Option<&str>,
        limit: usize,
    ) -> Result<Created, StoreError> {
        if let Some(existing) = self.webhook_of_key(&webhook.user, idempotency_key).await? {
            return Ok(Created::Existing(Box::new(existing)));
        }
        if self.webhooks(&webhook.user).await?.len() >= limit {
            return Ok(Created::TooMany);
        }
        let changes = self.changes_to_create(webhook, idempotency_key)?;
        match self.transact("define a webhook", changes).await? {
            Transaction::Done => Ok(Created::New),
            // Only the idempotency key can have been taken meanwhile: the webhook's id is new.
            Transaction::Refused => {
                match self.webhook_of_key(&webhook.user, idempotency_key).await? {
                    Some(existing) => Ok(Created::Existing(Box::new(existing))),
                    None => Err(StoreError::item("idempotency key")(
                        "it is taken by no webhook".to_owned(),
                    )),
                }
            }
        }
    }

    /// A webhook that is not deleted, standing or ad hoc.
    pub async fn webhook(
        &self,
        user: &UserId,
        id: &WebhookId,
    ) -> Result<Option<Webhook>, StoreError> {
        Ok(self
            .webhook_and_item(user, id)
            .await?
            .map(|(webhook, _)| webhook))
    }

    /// A user's standing webhooks, the oldest first.
    pub async fn webhooks(&self, user: &UserId) -> Result<Vec<Webhook>, StoreError> {
        let pages = self
            .client
            .query()
            .table_name(&self.tables.webhooks)
            .key_condition_expression("pk = :pk AND begins_with(sk, :sk)")
            .expression_attribute_values(":pk", AttributeValue::S(key::user(user)))
            .expression_attribute_values(":sk", AttributeValue::S(WEBHOOK.to_owned()))
            .consistent_read(true)
            .into_paginator()
            .items()
            .send();
        let items: Vec<Item> = pages
            .collect::<Result<_, _>>()
            .await
            .map_err(StoreError::call("list webhooks"))?;
        let mut webhooks = items
            .into_iter()
            .map(webhook_item::read)
            .collect::<Result<Vec<_>, _>>()?;
        webhooks.retain(|webhook| webhook.state != WebhookState::Removed);
        webhooks.sort_by(|a, b| (a.created_at, &a.id).cmp(&(b.created_at, &b.id)));
        Ok(webhooks)
    }

    /// Deletes a webhook; tells whether there was one. A record of it stays for a while, so that dispatches that wait can say why they
    /// end, and so that a repeated event does not define an ad hoc webhook anew.
    pub async fn delete_webhook(
        &self,
        user: &UserId,
        id: &WebhookId,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let Some((webhook, item)) = self.webhook_and_item(user, id).await? else {
            return Ok(false);
        };
        let changes = self.changes_to_delete(webhook, &item, now)?;
        match self.transact("delete a webhook", changes).await? {
            Transaction::Done => Ok(true),
            // Somebody else has deleted it meanwhile.
            Transaction::Refused => Ok(false),
        }
    }

    async fn webhook_and_item(
        &self,
        user: &UserId,
        id: &WebhookId,
    ) -> Result<Option<(Webhook, Item)>, StoreError> {
        let table = self.tables.webhooks.as_str();
        let (standing, pointer) = (Key::standing(user, id), Key::ad_hoc_pointer(user, id));
        let mut found = self
            .batch_get(vec![(table, standing.clone()), (table, pointer.clone())])
            .await?;
        let mut item = found.remove(&standing);
        if let Some(pointer) = found.remove(&pointer) {
            let key = Key {
                pk: attribute::text(&pointer, "target")?.to_owned(),
                sk: standing.sk,
            };
            item = self
                .batch_get(vec![(table, key.clone())])
                .await?
                .remove(&key);
        }
        let Some(item) = item else { return Ok(None) };
        let webhook = webhook_item::read(item.clone())?;
        Ok((webhook.state != WebhookState::Removed).then_some((webhook, item)))
    }

    async fn webhook_of_key(
        &self,
        user: &UserId,
        key: Option<&str>,
    ) -> Result<Option<Webhook>, StoreError> {
        let Some(key) = key else { return Ok(None) };
        let key = Key::idempotency(user, key);
        let found = self
            .batch_get(vec![(&self.tables.webhooks, key.clone())])
            .await?;
        let Some(item) = found.get(&key) else {
            return Ok(None);
        };
        let id = WebhookId::parse(attribute::text(item, "webhook")?)
            .map_err(StoreError::item("idempotency key"))?;
        self.webhook(user, &id).await
    }

    fn changes_to_create(
        &self,
        webhook: &Webhook,
        idempotency_key: Option<&str>,
    ) -> Result<Vec<TransactWriteItem>, StoreError> {
        let mut item = webhook_item::write(webhook)?;
        let mut changes = Vec::new();
        if let Some(key) = idempotency_key {
            let mut key_item = Key::idempotency(&webhook.user, key).attributes();
            key_item.insert(
                "webhook".to_owned(),
                AttributeValue::S(webhook.id.to_string()),
            );
            item.insert(
                IDEMPOTENCY_KEY.to_owned(),
                AttributeValue::S(key.to_owned()),
            );
            changes.push(self.put_new(key_item)?);
        }
        changes.push(self.put_new(item)?);
        let mut names = HashMap::from([("#entry".to_owned(), entry_name(&webhook.id))]);
        let mut values = HashMap::from([(":entry".to_owned(), entry_of(webhook)?)]);
        let mut expression = "SET #entry = :entry".to_owned();
        if matches!(webhook.condition, Condition::Run(_)) {
            let until = webhook.created_at.after(RUN_DOCUMENTS);
            names.insert("#ttl".to_owned(), "ttl".to_owned());
            values.insert(
                ":ttl".to_owned(),
                AttributeValue::N(until.as_seconds().to_string()),
            );
            expression.push_str(", #ttl = :ttl");
        }
        changes.push(self.update(match_document::key_of(webhook), expression, names, values)?);
        Ok(changes)
    }

    fn changes_to_delete(
        &self,
        webhook: Webhook,
        item: &Item,
        now: Timestamp,
    ) -> Result<Vec<TransactWriteItem>, StoreError> {
        let read_version = AttributeValue::N(webhook.version.to_string());
        let removed = Webhook {
            state: WebhookState::Removed,
            version: webhook.version + 1,
            modified_at: now,
            ..webhook
        };
        let mut tombstone = webhook_item::write(&removed)?;
        let until = now.after(TOMBSTONES).as_seconds().to_string();
        tombstone.insert("ttl".to_owned(), AttributeValue::N(until));
        let put = Put::builder()
            .table_name(&self.tables.webhooks)
            .set_item(Some(tombstone))
            .condition_expression("version = :read")
            .expression_attribute_values(":read", read_version)
            .build()
            .map_err(StoreError::item("webhook"))?;
        let names = HashMap::from([("#entry".to_owned(), entry_name(&removed.id))]);
        // The entry of an ad hoc webhook stays, disabled: a repeated event would enter it again otherwise.
        let (expression, values) = match removed.lifetime {
            Lifetime::Standing => ("REMOVE #entry", HashMap::new()),
            Lifetime::AdHoc => (
                "SET #entry = :entry",
                HashMap::from([(":entry".to_owned(), entry_of(&removed)?)]),
            ),
        };
        let entry = self.update(
            match_document::key_of(&removed),
            expression.to_owned(),
            names,
            values,
        )?;
        let mut changes = vec![TransactWriteItem::builder().put(put).build(), entry];
        if let Some(key) = item.get(IDEMPOTENCY_KEY).and_then(|key| key.as_s().ok()) {
            let key = Key::idempotency(&removed.user, key).attributes();
            let delete = Delete::builder()
                .table_name(&self.tables.webhooks)
                .set_key(Some(key))
                .build();
            let delete = delete.map_err(StoreError::item("idempotency key"))?;
            changes.push(TransactWriteItem::builder().delete(delete).build());
        }
        Ok(changes)
    }
}
