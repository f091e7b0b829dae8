//! Leases: of two workers that are to make the same attempt at the same time, one makes it.
//!
//! The first attempt of most dispatches needs none: it is asked for once, as a rule, and a second
//! POST under the same id does less harm than a second write would cost. Retries are asked for by
//! whoever sees that they may have been forgotten, redeliveries by owners who ask twice, and a
//! webhook that is not to be retried must not be called twice: those attempts are leased.

use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue, ReturnValuesOnConditionCheckFailure};
use domain::delivery_message::DeliveryMessage;
use domain::timestamp::Timestamp;

use super::item::ACTIVE;
use crate::Store;
use crate::error::StoreError;
use crate::table::attribute;
use crate::table::batch::Item;
use crate::table::key::Key;

/// Who may make an attempt.
#[must_use]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leased {
    /// The worker that asked.
    Ours,
    /// The worker that asked: another had the lease before, and recorded nothing in its time. It
    /// may have made the attempt.
    OursAfterAnother,
    /// Another worker, until then.
    Taken {
        /// When its lease ends.
        until: Timestamp,
    },
    /// Nobody: the attempt is on record, or the dispatch has ended.
    Over,
}

impl Store {
    /// Takes the lease of this message's attempt. `holder` names the worker and this one try of it.
    ///
    /// Repeating this is safe because a holder gets its own lease again.
    pub async fn lease(
        &self,
        message: &DeliveryMessage,
        holder: &str,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Leased, StoreError> {
        let update = self
            .client
            .update_item()
            .table_name(&self.tables.dispatches)
            .set_key(Some(
                Key::dispatch(&message.user, &message.dispatch).attributes(),
            ))
            .condition_expression(
                "attempts = :before AND #status = :active AND \
                 (attribute_not_exists(lease_of) OR lease_of < :attempt OR lease_until < :now OR lease_holder = :holder)",
            )
            // Who had it first is kept apart: the SDK may repeat this call when only its answer was
            // lost, and what the first of the two has changed must not hide another worker from the
            // second.
            .update_expression(
                "SET lease_of = :attempt, lease_until = :until, lease_holder = :holder, #first = if_not_exists(#first, :holder)",
            )
            .expression_attribute_names("#status", "status")
            .expression_attribute_names("#first", first_holder(message))
            .expression_attribute_values(":before", number(message.attempt - 1))
            .expression_attribute_values(":attempt", number(message.attempt))
            .expression_attribute_values(":active", AttributeValue::S(ACTIVE.to_owned()))
            .expression_attribute_values(":now", number(now.as_millis()))
            .expression_attribute_values(":until", number(until.as_millis()))
            .expression_attribute_values(":holder", AttributeValue::S(holder.to_owned()))
            .return_values(ReturnValue::UpdatedNew)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .send();
        let error = match update.await {
            Ok(taken) => return won(&taken.attributes.unwrap_or_default(), message, holder),
            Err(error) => error,
        };
        match error.as_service_error() {
            Some(UpdateItemError::ConditionalCheckFailedException(lost)) => {
                lost_to(&lost.item.clone().unwrap_or_default(), message)
            }
            _ => Err(StoreError::call("lease an attempt")(error)),
        }
    }
}

fn won(there: &Item, message: &DeliveryMessage, holder: &str) -> Result<Leased, StoreError> {
    let first = attribute::text(there, &first_holder(message))?;
    Ok(if first == holder {
        Leased::Ours
    } else {
        Leased::OursAfterAnother
    })
}

/// Name of the attribute that says who leased this attempt first.
fn first_holder(message: &DeliveryMessage) -> String {
    format!("lease_first_{}", message.attempt)
}

fn lost_to(there: &Item, message: &DeliveryMessage) -> Result<Leased, StoreError> {
    let waits = there.get("status") == Some(&AttributeValue::S(ACTIVE.to_owned()))
        && attribute::number::<u32>(there, "attempts")? == message.attempt - 1;
    if !waits {
        return Ok(Leased::Over);
    }
    let until = Timestamp::from_millis(attribute::number(there, "lease_until")?);
    until
        .map(|until| Leased::Taken { until })
        .ok_or_else(|| StoreError::item("lease")("its end is no time"))
}

fn number(value: impl ToString) -> AttributeValue {
    AttributeValue::N(value.to_string())
}
