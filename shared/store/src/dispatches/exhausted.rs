//! The last attempt of a dispatch goes on record with what has its owner told.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::{AttributeValue, TransactWriteItem, Update};
use domain::dispatch::Next;
use domain::event::SubjectId;
use tokio::time::sleep;

use super::item::{ACTIVE, FAILED, write_call};
use super::record::{Attempt, PATIENCE, Recorded};
use crate::Store;
use crate::error::StoreError;
use crate::table::key::Key;
use crate::table::transaction::Transaction;

/// Why a dispatch is exhausted after this attempt, if it is and its owner is to be told: not of a
/// test delivery, whose owner looks at it.
pub(super) fn exhausted(attempt: &Attempt) -> Option<&str> {
    let is_test = attempt.message.subject == SubjectId::Test;
    match &attempt.next {
        Next::Exhausted { reason } if !is_test => Some(reason),
        _ => None,
    }
}

impl Store {
    /// Records an attempt after which its dispatch is exhausted.
    ///
    /// Repeating this is safe because it happens only if exactly the attempts before this one are on
    /// record.
    pub(super) async fn record_exhausted(
        &self,
        attempt: &Attempt,
        reason: &str,
    ) -> Result<Recorded, StoreError> {
        let at = attempt.call.finished_at;
        let mut patience = PATIENCE.iter();
        loop {
            let changes = vec![
                self.update_exhausted(attempt, reason)?,
                self.put_exhausted(&attempt.message, attempt.trace.as_ref(), at)?,
            ];
            return match self.transact("record a last attempt", changes).await {
                Ok(Transaction::Done) => Ok(Recorded::Written),
                Ok(Transaction::Refused) => Ok(Recorded::AlreadyThere),
                Err(error) if error.is_throttled() => match patience.next() {
                    Some(pause) => {
                        sleep(*pause).await;
                        continue;
                    }
                    None => Err(error),
                },
                Err(error) => Err(error),
            };
        }
    }

    fn update_exhausted(
        &self,
        attempt: &Attempt,
        reason: &str,
    ) -> Result<TransactWriteItem, StoreError> {
        let Attempt { message, call, .. } = attempt;
        let call = AttributeValue::M(write_call(call)?);
        let number = |number: u32| AttributeValue::N(number.to_string());
        let text = |text: &str| AttributeValue::S(text.to_owned());
        let values = [
            (":attempts", number(message.attempt)),
            (":before", number(message.attempt - 1)),
            (":call", AttributeValue::L(vec![call])),
            (":none", AttributeValue::L(Vec::new())),
            (":failed", text(FAILED)),
            (":active", text(ACTIVE)),
            (":reason", text(reason)),
        ];
        let values = values.map(|(name, value)| (name.to_owned(), value));
        let update = Update::builder()
            .table_name(&self.tables.dispatches)
            .set_key(Some(Key::dispatch(&message.user, &message.dispatch).attributes()))
            .update_expression(
                "SET attempts = :attempts, calls = list_append(if_not_exists(calls, :none), :call), \
                 #status = :failed, reason = :reason REMOVE next_at",
            )
            .condition_expression("attempts = :before AND #status = :active")
            .expression_attribute_names("#status", "status")
            .set_expression_attribute_values(Some(HashMap::from(values)))
            .build()
            .map_err(StoreError::item("last attempt"))?;
        Ok(TransactWriteItem::builder().update(update).build())
    }
}
