//! Registering the ad hoc webhooks that come with the start of a run.

use aws_sdk_dynamodb::types::AttributeValue;
use domain::id::WebhookId;
use domain::timestamp::Timestamp;
use domain::webhook::Webhook;
use futures::future::try_join_all;

use super::entry;
use super::item;
use super::match_document::{self, entry_name, entry_of};
use crate::error::StoreError;
use crate::table::batch::Item;
use crate::table::collision::{is_collision, past_collisions};
use crate::table::key::Key;
use crate::table::transaction::Transaction;
use crate::{RUN_DOCUMENTS, Store};

impl Store {
    /// Registers these ad hoc webhooks, all of one run. They count from the moment in which the
    /// run's match document lists them, so their definitions are written first. Returns those that
    /// came to nothing, because another webhook was made with their idempotency key.
    ///
    /// Repeating this is safe because ids are derived from what was defined, and a webhook that is
    /// there, changed or deleted as it may be by now, stays as it is.
    pub async fn register_ad_hoc(
        &self,
        webhooks: &[Webhook],
        now: Timestamp,
    ) -> Result<Vec<WebhookId>, StoreError> {
        let (keyed, keyless): (Vec<_>, Vec<_>) = webhooks
            .iter()
            .partition(|webhook| webhook.idempotency_key.is_some());
        try_join_all(keyless.iter().map(|webhook| self.define_ad_hoc(webhook))).await?;
        let mut defined = keyless.clone();
        let mut refused = Vec::new();
        // One after the other: of two with one key, the first counts.
        for webhook in keyed {
            if self.define_keyed(webhook).await? {
                defined.push(webhook);
            } else {
                refused.push(webhook.id.clone());
            }
        }
        let mut items: Vec<_> = keyless.into_iter().map(pointer_item).collect();
        for webhook in &defined {
            items.push(entry::item_of(webhook)?);
        }
        self.batch_put(&self.tables.webhooks, items).await?;
        self.list_ad_hoc(&defined, now).await?;
        Ok(refused)
    }

    /// Enters webhooks into the match document of their run. An entry that is there stays as it is.
    async fn list_ad_hoc(&self, webhooks: &[&Webhook], now: Timestamp) -> Result<(), StoreError> {
        let Some(first) = webhooks.first() else {
            return Ok(());
        };
        let until = now.after(RUN_DOCUMENTS).as_seconds().to_string();
        let mut update = self
            .client
            .update_item()
            .table_name(&self.tables.webhooks)
            .set_key(Some(match_document::key_of(first).attributes()))
            .expression_attribute_names("#ttl", "ttl")
            .expression_attribute_values(":ttl", AttributeValue::N(until));
        let mut sets = vec!["#ttl = :ttl".to_owned()];
        for (place, webhook) in webhooks.iter().enumerate() {
            sets.push(format!("#w{place} = if_not_exists(#w{place}, :w{place})"));
            update = update
                .expression_attribute_names(format!("#w{place}"), entry_name(&webhook.id))
                .expression_attribute_values(format!(":w{place}"), entry_of(webhook)?);
        }
        let update = update.update_expression(format!("SET {}", sets.join(", ")));
        past_collisions(is_collision, || update.clone().send())
            .await
            .map(|_| ())
            .map_err(StoreError::call("list ad hoc webhooks"))
    }

    /// Writes the definition, unless there is one.
    async fn define_ad_hoc(&self, webhook: &Webhook) -> Result<(), StoreError> {
        let put = self
            .client
            .put_item()
            .table_name(&self.tables.webhooks)
            .set_item(Some(item::write(webhook)?))
            .condition_expression("attribute_not_exists(pk)");
        match past_collisions(is_collision, || put.clone().send()).await {
            Ok(_) => Ok(()),
            Err(error)
                if error
                    .as_service_error()
                    .is_some_and(|error| error.is_conditional_check_failed_exception()) =>
            {
                Ok(())
            }
            Err(error) => Err(StoreError::call("define an ad hoc webhook")(error)),
        }
    }

    /// Writes the definition with its pointer and takes its idempotency key, unless that was done
    /// before: whoever finds the key finds the webhook. Tells whether the webhook is defined: if
    /// not, another has the key.
    async fn define_keyed(&self, webhook: &Webhook) -> Result<bool, StoreError> {
        let Some(key) = &webhook.idempotency_key else {
            return Ok(true);
        };
        let changes = vec![
            self.put_new(item::write(webhook)?)?,
            self.put_new(pointer_item(webhook))?,
            self.take_key(webhook, key)?,
        ];
        let defined = self.transact("define an ad hoc webhook", changes).await?;
        if defined == Transaction::Done {
            return Ok(true);
        }
        let definition = item::key_of(webhook);
        let table = self.tables.webhooks.as_str();
        let found = self.batch_get(vec![(table, definition.clone())]).await?;
        if found.contains_key(&definition) {
            return Ok(true);
        }
        match self.holder_of_key(webhook, key).await? {
            Some(_) => Ok(false),
            // The next try will find it free.
            None => Err(StoreError::item("idempotency key")(
                "it has become free just now",
            )),
        }
    }
}

/// Leads from the id of an ad hoc webhook to its run.
pub(crate) fn pointer_item(webhook: &Webhook) -> Item {
    let mut item = Key::ad_hoc_pointer(&webhook.user, &webhook.id).attributes();
    let definition = item::key_of(webhook);
    item.insert("target".to_owned(), AttributeValue::S(definition.pk));
    if let Some(until) = item::expiry(webhook) {
        item.insert("ttl".to_owned(), AttributeValue::N(until.to_string()));
    }
    item
}
