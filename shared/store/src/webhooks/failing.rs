//! Whether a webhook is failing: noted when its URL has accepted nothing for a while, and until it
//! accepts something. Neither is an edit, so its version stays.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::{AttributeValue, TransactWriteItem, Update};
use domain::notice::Notice;
use domain::timestamp::Timestamp;
use domain::webhook::Webhook;

use super::change::Replaced;
use super::item::key_of;
use crate::Store;
use crate::error::StoreError;
use crate::table::transaction::Transaction;

const FAILING: &str = "failing_since";

/// The condition that this is as it was read, and what stands in it.
pub(crate) fn unchanged(read: &Webhook, values: &mut HashMap<String, AttributeValue>) -> String {
    match read.failing_since {
        None => format!("attribute_not_exists({FAILING})"),
        Some(since) => {
            values.insert(":failing".to_owned(), written(since));
            format!("{FAILING} = :failing")
        }
    }
}

impl Store {
    /// Notes that a webhook is failing, and tells its owner, unless that is known or the webhook was
    /// changed since it was read.
    ///
    /// Repeating this is safe because what is known is not told again.
    pub async fn note_failing(
        &self,
        read: &Webhook,
        notice: &Notice,
    ) -> Result<Replaced, StoreError> {
        let now = HashMap::from([(":now".to_owned(), written(notice.created_at))]);
        let change = format!("SET {FAILING} = :now");
        self.change_failing("note a failing webhook", read, (change, now), notice)
            .await
    }

    /// Notes that a webhook that was failing has delivered something, and tells its owner, under
    /// the same conditions.
    pub async fn note_recovered(
        &self,
        read: &Webhook,
        notice: &Notice,
    ) -> Result<Replaced, StoreError> {
        let change = format!("REMOVE {FAILING}");
        let operation = "note a webhook that has recovered";
        self.change_failing(operation, read, (change, HashMap::new()), notice)
            .await
    }

    async fn change_failing(
        &self,
        operation: &'static str,
        read: &Webhook,
        (change, mut values): (String, HashMap<String, AttributeValue>),
        notice: &Notice,
    ) -> Result<Replaced, StoreError> {
        let unchanged = unchanged(read, &mut values);
        let version = AttributeValue::N(read.version.to_string());
        values.insert(":version".to_owned(), version);
        let update = Update::builder()
            .table_name(&self.tables.webhooks)
            .set_key(Some(key_of(read).attributes()))
            .update_expression(change)
            .condition_expression(format!("version = :version AND {unchanged}"))
            .set_expression_attribute_values(Some(values))
            .build()
            .map_err(StoreError::item("change"))?;
        let update = TransactWriteItem::builder().update(update).build();
        let changes = vec![update, self.put_notice(notice)?];
        Ok(match self.transact(operation, changes).await? {
            Transaction::Done => Replaced::Done,
            Transaction::Refused => Replaced::ChangedMeanwhile,
        })
    }
}

/// As the webhook's item has it.
fn written(at: Timestamp) -> AttributeValue {
    AttributeValue::S(at.to_string())
}
