//! Registering the ad hoc webhooks of a run.

use aws_sdk_dynamodb::types::AttributeValue;
use domain::timestamp::Timestamp;
use domain::webhook::Webhook;
use futures::future::try_join_all;

use crate::batch::Item;
use crate::collision::{is_collision, past_collisions};
use crate::error::StoreError;
use crate::key::Key;
use crate::match_document::{self, entry_name, entry_of};
use crate::{RUN_DOCUMENTS, Store, webhook_item};

impl Store {
    /// Registers these ad hoc webhooks, all of one run. They count from the moment in which the run's match document lists them, so their
    /// definitions are written first.
    ///
    /// Repeating this is safe because ids are derived from what was defined, and a webhook that is there, changed or deleted as it may be
    /// by now, stays as it is.
    pub async fn register_ad_hoc(
        &self,
        webhooks: &[Webhook],
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let Some(first) = webhooks.first() else {
            return Ok(());
        };
        let until = AttributeValue::N(now.after(RUN_DOCUMENTS).as_seconds().to_string());
        try_join_all(
            webhooks
                .iter()
                .map(|webhook| self.define_ad_hoc(webhook, until.clone())),
        )
        .await?;
        let pointers = webhooks
            .iter()
            .map(|webhook| pointer_item(webhook, until.clone()))
            .collect();
        self.batch_put(&self.tables.webhooks, pointers).await?;

        let mut update = self
            .client
            .update_item()
            .table_name(&self.tables.webhooks)
            .set_key(Some(match_document::key_of(first).attributes()))
            .expression_attribute_names("#ttl", "ttl")
            .expression_attribute_values(":ttl", until);
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
    async fn define_ad_hoc(
        &self,
        webhook: &Webhook,
        until: AttributeValue,
    ) -> Result<(), StoreError> {
        let mut item = webhook_item::write(webhook)?;
        item.insert("ttl".to_owned(), until);
        let put = self
            .client
            .put_item()
            .table_name(&self.tables.webhooks)
            .set_item(Some(item))
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
}

/// Leads from the id of an ad hoc webhook to its run.
fn pointer_item(webhook: &Webhook, until: AttributeValue) -> Item {
    let mut item = Key::ad_hoc_pointer(&webhook.user, &webhook.id).attributes();
    let definition = webhook_item::key_of(webhook);
    item.insert("target".to_owned(), AttributeValue::S(definition.pk));
    item.insert("ttl".to_owned(), until);
    item
}
