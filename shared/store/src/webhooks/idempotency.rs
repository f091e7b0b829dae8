//! Idempotency keys: a user's own names for the creation of webhooks, one webhook each. A key lives
//! and goes with its webhook.

use aws_sdk_dynamodb::types::{AttributeValue, Put, TransactWriteItem};
use domain::id::WebhookId;
use domain::webhook::Webhook;

use super::item;
use crate::Store;
use crate::error::StoreError;
use crate::table::attribute;
use crate::table::batch::Item;
use crate::table::key::Key;

impl Store {
    /// Which webhook has the key that this new one is to be made with.
    pub(crate) async fn holder_of_key(
        &self,
        webhook: &Webhook,
        key: &str,
    ) -> Result<Option<WebhookId>, StoreError> {
        let key = Key::idempotency(&webhook.user, key);
        let found = self
            .batch_get(vec![(&self.tables.webhooks, key.clone())])
            .await?;
        let now = webhook.created_at.as_seconds();
        let is_free = |item: &&Item| attribute::number(item, "ttl").is_ok_and(|end: i64| end < now);
        let Some(item) = found.get(&key).filter(|item| !is_free(item)) else {
            return Ok(None);
        };
        WebhookId::parse(attribute::text(item, "webhook")?)
            .map(Some)
            .map_err(StoreError::item("idempotency key"))
    }

    /// Takes a webhook's key; refused if it is taken. One that has expired, and waits to be swept
    /// away, is free.
    pub(crate) fn take_key(
        &self,
        webhook: &Webhook,
        key: &str,
    ) -> Result<TransactWriteItem, StoreError> {
        let mut item = Key::idempotency(&webhook.user, key).attributes();
        item.insert(
            "webhook".to_owned(),
            AttributeValue::S(webhook.id.to_string()),
        );
        if let Some(until) = item::expiry(webhook) {
            item.insert("ttl".to_owned(), AttributeValue::N(until.to_string()));
        }
        let now = webhook.created_at.as_seconds().to_string();
        let put = Put::builder()
            .table_name(&self.tables.webhooks)
            .set_item(Some(item))
            .condition_expression("attribute_not_exists(pk) OR #ttl < :now")
            .expression_attribute_names("#ttl", "ttl")
            .expression_attribute_values(":now", AttributeValue::N(now))
            .build()
            .map_err(StoreError::item("idempotency key"))?;
        Ok(TransactWriteItem::builder().put(put).build())
    }
}
