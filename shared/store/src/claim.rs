//! The bound claim: the two conditional writes that make a dispatch exist once, whoever races.
//!
//! A failed condition never means "already sent": the worker that won may have died before it sent anything. So a loser that finds the
//! dispatch still waiting for its first attempt sends it, too.

use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValuesOnConditionCheckFailure};
use domain::condition::Condition;
use domain::dispatch::{Dispatch, DispatchState};
use domain::id::RunId;
use domain::matching::MatchKey;
use domain::timestamp::Timestamp;

use crate::Store;
use crate::collision::{is_collision, past_collisions};
use crate::dispatch_item;
use crate::error::StoreError;
use crate::key::Key;
use crate::match_document::fired_name;

/// Whether an ad hoc webhook is this dispatch's to fire.
#[must_use]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Firing {
    /// It is, now or since an earlier try.
    Ours,
    /// Another dispatch has fired it.
    Another,
}

/// What became of the claim of a dispatch.
#[must_use]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Claim {
    /// It is new.
    Won,
    /// It was there, and no attempt is recorded: it may never have been sent.
    Waiting,
    /// It was there, and has been attempted: what follows is the delivery's business.
    Attempted,
}

impl Store {
    /// Binds an ad hoc webhook to the one dispatch that may ever fire it: the first that asks.
    ///
    /// Repeating this is safe because the same dispatch gets the same answer.
    pub async fn fire(&self, dispatch: &Dispatch, run: &RunId) -> Result<Firing, StoreError> {
        let document = MatchKey {
            user: dispatch.user.clone(),
            condition: Condition::Run(run.clone()),
        };
        let update = self
            .client
            .update_item()
            .table_name(&self.tables.webhooks)
            .set_key(Some(Key::match_document(&document).attributes()))
            .update_expression("SET #fired = :dispatch")
            .condition_expression("attribute_not_exists(#fired) OR #fired = :dispatch")
            .expression_attribute_names("#fired", fired_name(&dispatch.webhook))
            .expression_attribute_values(":dispatch", AttributeValue::S(dispatch.id.to_string()));
        match past_collisions(is_collision, || update.clone().send()).await {
            Ok(_) => Ok(Firing::Ours),
            Err(error)
                if error
                    .as_service_error()
                    .is_some_and(|error| error.is_conditional_check_failed_exception()) =>
            {
                Ok(Firing::Another)
            }
            Err(error) => Err(StoreError::call("fire an ad hoc webhook")(error)),
        }
    }

    /// Makes the dispatch exist, if it does not yet; its record is kept until a time.
    ///
    /// Repeating this is safe because a dispatch that is there stays as it is.
    pub async fn claim(&self, dispatch: &Dispatch, until: Timestamp) -> Result<Claim, StoreError> {
        let put = self
            .client
            .put_item()
            .table_name(&self.tables.dispatches)
            .set_item(Some(dispatch_item::write(dispatch, until)?))
            .condition_expression("attribute_not_exists(pk)")
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .send();
        let error = match put.await {
            Ok(_) => return Ok(Claim::Won),
            Err(error) => error,
        };
        match error.as_service_error() {
            Some(PutItemError::ConditionalCheckFailedException(lost)) => {
                let there = dispatch_item::read(lost.item.clone().unwrap_or_default())?;
                let waiting =
                    there.calls.is_empty() && matches!(there.state, DispatchState::Active { .. });
                Ok(if waiting {
                    Claim::Waiting
                } else {
                    Claim::Attempted
                })
            }
            _ => Err(StoreError::call("claim a dispatch")(error)),
        }
    }
}
