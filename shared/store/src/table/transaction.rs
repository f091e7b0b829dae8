//! Changes that happen together or not at all.

use std::collections::HashMap;

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{AttributeValue, Delete, Put, TransactWriteItem, Update};

use super::batch::Item;
use super::collision::past_collisions;
use super::key::Key;
use crate::Store;
use crate::error::StoreError;

/// What became of a transaction.
#[must_use]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Transaction {
    /// Everything was changed.
    Done,
    /// Nothing was changed: a condition did not hold.
    Refused,
}

/// Why a change of a transaction was refused.
const CONDITION: &str = "ConditionalCheckFailed";
const COLLISION: &str = "TransactionConflict";

impl Store {
    /// Makes these changes together.
    pub(crate) async fn transact(
        &self,
        operation: &'static str,
        changes: Vec<TransactWriteItem>,
    ) -> Result<Transaction, StoreError> {
        let transact = || {
            self.client
                .transact_write_items()
                .set_transact_items(Some(changes.clone()))
                .send()
        };
        // A condition that does not hold is an answer, whatever else is the matter.
        let collides = |error: &_| was_refused(error, COLLISION) && !was_refused(error, CONDITION);
        match past_collisions(collides, transact).await {
            Ok(_) => Ok(Transaction::Done),
            Err(error) if was_refused(&error, CONDITION) => Ok(Transaction::Refused),
            Err(error) => Err(StoreError::call(operation)(error)),
        }
    }

    /// A new item; refused if there is one with its key.
    pub(crate) fn put_new(&self, item: Item) -> Result<TransactWriteItem, StoreError> {
        self.put_new_in(&self.tables.webhooks, item)
    }

    /// The same, in this table.
    pub(crate) fn put_new_in(
        &self,
        table: &str,
        item: Item,
    ) -> Result<TransactWriteItem, StoreError> {
        let put = Put::builder()
            .table_name(table)
            .set_item(Some(item))
            .condition_expression("attribute_not_exists(pk)")
            .build()
            .map_err(StoreError::item("new item"))?;
        Ok(TransactWriteItem::builder().put(put).build())
    }

    /// An item, whatever was there before.
    pub(crate) fn put(&self, item: Item) -> Result<TransactWriteItem, StoreError> {
        self.put_in(&self.tables.webhooks, item)
    }

    /// The same, in this table.
    pub(crate) fn put_in(&self, table: &str, item: Item) -> Result<TransactWriteItem, StoreError> {
        let put = Put::builder()
            .table_name(table)
            .set_item(Some(item))
            .build()
            .map_err(StoreError::item("item"))?;
        Ok(TransactWriteItem::builder().put(put).build())
    }

    /// A change of some attributes.
    pub(crate) fn update(
        &self,
        key: Key,
        expression: String,
        names: HashMap<String, String>,
        values: HashMap<String, AttributeValue>,
    ) -> Result<TransactWriteItem, StoreError> {
        let update = Update::builder()
            .table_name(&self.tables.webhooks)
            .set_key(Some(key.attributes()))
            .update_expression(expression)
            .set_expression_attribute_names(Some(names))
            .set_expression_attribute_values((!values.is_empty()).then_some(values))
            .build()
            .map_err(StoreError::item("change"))?;
        Ok(TransactWriteItem::builder().update(update).build())
    }
}

/// The end of an item, if it is there.
pub(crate) fn delete(table: &str, key: &Key) -> Result<TransactWriteItem, StoreError> {
    let delete = Delete::builder()
        .table_name(table)
        .set_key(Some(key.attributes()))
        .build()
        .map_err(StoreError::item("deletion"))?;
    Ok(TransactWriteItem::builder().delete(delete).build())
}

/// Whether a change of a cancelled transaction was refused for this reason.
fn was_refused<R>(error: &SdkError<TransactWriteItemsError, R>, reason: &str) -> bool {
    let Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) =
        error.as_service_error()
    else {
        return false;
    };
    let mut reasons = cancelled.cancellation_reasons().iter();
    reasons.any(|refusal| refusal.code() == Some(reason))
}
