//! Setting a dispatch going again.

use aws_sdk_dynamodb::types::AttributeValue;
use domain::dispatch::{Dispatch, DispatchState};
use domain::timestamp::Timestamp;

use super::item::{ACTIVE, FAILED, SUCCEEDED};
use crate::Store;
use crate::error::StoreError;
use crate::table::conditional::is_done;
use crate::table::key::Key;

/// What became of a dispatch that was to be restarted.
#[must_use]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Revived {
    /// It is on record.
    Done,
    /// Nothing was changed: the dispatch is no longer as it was read.
    ChangedMeanwhile,
}

impl Store {
    /// Puts on record that a dispatch is attempted again at a time: `again` is what becomes of it.
    /// Of several that read the same and ask for this, one gets it.
    ///
    /// Repeating this is safe because a dispatch that is going again is no longer as it was read.
    pub async fn revive(
        &self,
        read: &Dispatch,
        again: &Dispatch,
        at: Timestamp,
    ) -> Result<Revived, StoreError> {
        let (status, due) = match &read.state {
            DispatchState::Active { next_at } => (ACTIVE, *next_at),
            DispatchState::Succeeded => (SUCCEEDED, None),
            DispatchState::Failed { .. } => (FAILED, None),
        };
        let mut update = self
            .client
            .update_item()
            .table_name(&self.tables.dispatches)
            .set_key(Some(Key::dispatch(&read.user, &read.id).attributes()))
            .expression_attribute_names("#status", "status")
            .expression_attribute_values(":attempts", number(read.attempts()))
            .expression_attribute_values(":read", text(status))
            .expression_attribute_values(":active", text(ACTIVE))
            .expression_attribute_values(":at", text(at));
        let mut condition = "attempts = :attempts AND #status = :read".to_owned();
        if let Some(due) = due {
            condition.push_str(" AND next_at = :due");
            update = update.expression_attribute_values(":due", text(due));
        }
        let (mut set, mut remove) = (
            "SET #status = :active, next_at = :at".to_owned(),
            "REMOVE reason".to_owned(),
        );
        if let Some(redelivery) = &again.redelivery {
            set.push_str(", redelivered_after = :after");
            update = update.expression_attribute_values(":after", number(redelivery.after));
            match &redelivery.job {
                Some(job) => {
                    set.push_str(", redelivered_by = :job");
                    update = update.expression_attribute_values(":job", text(job));
                }
                None => remove.push_str(", redelivered_by"),
            }
        }
        let update = update
            .condition_expression(condition)
            .update_expression(format!("{set} {remove}"));
        Ok(if is_done(update, "redeliver a dispatch").await? {
            Revived::Done
        } else {
            Revived::ChangedMeanwhile
        })
    }
}

fn number(value: u32) -> AttributeValue {
    AttributeValue::N(value.to_string())
}

fn text(value: impl ToString) -> AttributeValue {
    AttributeValue::S(value.to_string())
}
