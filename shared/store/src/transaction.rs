//! Changes that happen together or not at all.

use std::collections::HashMap;
use std::time::Duration;

use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{AttributeValue, Put, TransactWriteItem, Update};

use crate::Store;
use crate::batch::Item;
use crate::error::StoreError;
use crate::key::Key;

/// What became of a transaction.
#[must_use]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Transaction {
    /// Everything was changed.
    Done,
    /// Nothing was changed: a condition did not hold.
    Refused,
}

/// A transaction that collides with another is made again so often, after a pause that doubles.
const REPEATS: u32 = 5;
const PAUSE: Duration = Duration::from_millis(20);

impl Store {
    /// Makes these changes together.
    pub(crate) async fn transact(
        &self,
        operation: &'static str,
        changes: Vec<TransactWriteItem>,
    ) -> Result<Transaction, StoreError> {
        let mut collisions = 0;
        loop {
            let call = self
                .client
                .transact_write_items()
                .set_transact_items(Some(changes.clone()))
                .send();
            let Err(error) = call.await else {
                return Ok(Transaction::Done);
            };
            let reasons = reasons(error.as_service_error());
            if reasons
                .iter()
                .any(|reason| reason == "ConditionalCheckFailed")
            {
                return Ok(Transaction::Refused);
            }
            if !reasons.iter().any(|reason| reason == "TransactionConflict")
                || collisions == REPEATS
            {
                return Err(StoreError::call(operation)(error));
            }
            collisions += 1;
            tokio::time::sleep(PAUSE * 2u32.pow(collisions)).await;
        }
    }

    /// A new item; refused if there is one with its key.
    pub(crate) fn put_new(&self, item: Item) -> Result<TransactWriteItem, StoreError> {
        let put = Put::builder()
            .table_name(&self.tables.webhooks)
            .set_item(Some(item))
            .condition_expression("attribute_not_exists(pk)")
            .build()
            .map_err(StoreError::item("new item"))?;
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

/// Why each change of a cancelled transaction was refused.
fn reasons(error: Option<&TransactWriteItemsError>) -> Vec<String> {
    let Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) = error else {
        return Vec::new();
    };
    cancelled
        .cancellation_reasons()
        .iter()
        .filter_map(|reason| reason.code.clone())
        .collect()
}
