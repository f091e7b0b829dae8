//! Webhooks as their owners read them.

use aws_sdk_dynamodb::types::AttributeValue;
use domain::dispatch::Dispatch;
use domain::id::{UserId, WebhookId};
use domain::webhook::{Home, Webhook, WebhookState};
use std::collections::HashMap;

use crate::batch::Item;
use crate::error::StoreError;
use crate::key::{self, Key, WEBHOOK};
use crate::{Store, attribute, webhook_item};

impl Store {
    /// A webhook, standing or ad hoc; a deleted one says so itself, until its record expires.
    pub async fn webhook(
        &self,
        user: &UserId,
        id: &WebhookId,
    ) -> Result<Option<Webhook>, StoreError> {
        let table = self.tables.webhooks.as_str();
        let standing = Key::definition(user, &Home::User, id);
        let pointer = Key::ad_hoc_pointer(user, id);
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
        item.map(webhook_item::read).transpose()
    }

    /// A user's standing webhooks that are not deleted, the oldest first.
    pub async fn webhooks(&self, user: &UserId) -> Result<Vec<Webhook>, StoreError> {
        let mut webhooks = self.standing_webhooks(user).await?;
        webhooks.retain(|webhook| webhook.state != WebhookState::Removed);
        webhooks.sort_by(|a, b| (a.created_at, &a.id).cmp(&(b.created_at, &b.id)));
        Ok(webhooks)
    }

    /// The webhooks of these dispatches as they are now, deleted ones too. Those whose record has expired are missing.
    pub async fn webhooks_of(
        &self,
        dispatches: &[Dispatch],
    ) -> Result<HashMap<WebhookId, Webhook>, StoreError> {
        let key = |dispatch: &Dispatch| {
            let key = Key::definition(&dispatch.user, &dispatch.home, &dispatch.webhook);
            (self.tables.webhooks.as_str(), key)
        };
        let found = self.batch_get(dispatches.iter().map(key).collect()).await?;
        let webhooks = found.into_values().map(webhook_item::read);
        webhooks
            .map(|webhook| webhook.map(|webhook| (webhook.id.clone(), webhook)))
            .collect()
    }

    /// A user's standing webhooks, deleted ones too.
    pub(crate) async fn standing_webhooks(
        &self,
        user: &UserId,
    ) -> Result<Vec<Webhook>, StoreError> {
        self.defined_in(key::user(user)).await
    }

    /// The webhooks that are defined in a partition, deleted ones too.
    pub(crate) async fn defined_in(&self, partition: String) -> Result<Vec<Webhook>, StoreError> {
        let pages = self
            .client
            .query()
            .table_name(&self.tables.webhooks)
            .key_condition_expression("pk = :pk AND begins_with(sk, :sk)")
            .expression_attribute_values(":pk", AttributeValue::S(partition))
            .expression_attribute_values(":sk", AttributeValue::S(WEBHOOK.to_owned()))
            .consistent_read(true)
            .into_paginator()
            .items()
            .send();
        let items: Vec<Item> = pages
            .collect::<Result<_, _>>()
            .await
            .map_err(StoreError::call("list webhooks"))?;
        items.into_iter().map(webhook_item::read).collect()
    }
}
