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
/// The same where there was too much to do for one of its items. No SDK repeats such a transaction.
const THROTTLES: [&str; 2] = ["ProvisionedThroughputExceeded", "ThrottlingError"];

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
        let passes = |error: &_| {
            let is_in_the_way = was_refused(error, COLLISION) || throttle_of(error).is_some();
            is_in_the_way && !was_refused(error, CONDITION)
        };
        match past_collisions(passes, transact).await {
            Ok(_) => Ok(Transaction::Done),
            Err(error) if was_refused(&error, CONDITION) => Ok(Transaction::Refused),
            Err(error) => Err(match throttle_of(&error) {
                Some(code) => StoreError::call_refused(operation, code, "in a transaction"),
                None => StoreError::call(operation)(error),
            }),
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

/// Why a cancelled transaction was throttled, if it was.
fn throttle_of<R>(error: &SdkError<TransactWriteItemsError, R>) -> Option<&'static str> {
    let mut throttles = THROTTLES.into_iter();
    throttles.find(|code| was_refused(error, code))
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

#[cfg(test)]
mod tests {
    use aws_sdk_dynamodb::types::CancellationReason;
    use aws_sdk_dynamodb::types::error::TransactionCanceledException;

    use super::*;

    fn cancelled(codes: &[&str]) -> SdkError<TransactWriteItemsError, ()> {
        let reason = |code: &&str| CancellationReason::builder().code(*code).build();
        let cancelled = TransactionCanceledException::builder()
            .set_cancellation_reasons(Some(codes.iter().map(reason).collect()))
            .build();
        let error = TransactWriteItemsError::TransactionCanceledException(cancelled);
        SdkError::service_error(error, ())
    }

    #[test]
    fn a_transaction_that_is_throttled_at_one_item_is_told_from_one_that_is_refused() {
        for code in THROTTLES {
            let error = cancelled(&["None", code]);
            assert_eq!(throttle_of(&error), Some(code));
            assert!(StoreError::call_refused("change", code, "").is_throttled());
            assert!(!was_refused(&error, CONDITION) && !was_refused(&error, COLLISION));
        }
        for code in [
            "None",
            CONDITION,
            COLLISION,
            "ItemCollectionSizeLimitExceeded",
        ] {
            assert_eq!(throttle_of(&cancelled(&["None", code])), None, "{code}");
        }
    }
}
