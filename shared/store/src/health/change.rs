//! Changes of an endpoint's item: by themselves, or in a transaction with what its owner is told.

use std::slice;

use aws_sdk_dynamodb::types::{ReturnValue, TransactWriteItem, Update};
use domain::endpoint::{Endpoint, Health};
use domain::notice::{Found, Notice};
use domain::timestamp::Timestamp;

use super::outages::{Expression, Written};
use super::{KEPT, number, read};
use crate::Store;
use crate::error::StoreError;
use crate::table::collision::{is_collision, past_collisions};
use crate::table::conditional::is_refused;
use crate::table::key::Key;
use crate::table::transaction::Transaction;

/// How often a change is tried whose pauses begin and end meanwhile.
const ATTEMPTS: u32 = 5;

impl Store {
    /// Changes outages, and tells what is known then. Pauses that end are told of: as what is known
    /// of them decides that, it is read anew where it has changed.
    pub(super) async fn change_outages(
        &self,
        operation: &'static str,
        (endpoint, known): (&Endpoint, &Health),
        expression: impl Fn(&Health) -> Expression,
        (of, now): (Found<'_>, Timestamp),
    ) -> Result<Health, StoreError> {
        let mut known = known.clone();
        for _ in 0..ATTEMPTS {
            let expression = expression(&known);
            let ended = expression.ends_pauses_of(&known);
            let written = expression.write(&known);
            if ended.is_empty() {
                let changed = self.health_by_itself(operation, endpoint, written, now);
                if let Some(health) = changed.await? {
                    return Ok(health);
                }
                known = self.health(endpoint).await?;
                continue;
            }
            let mut changes = vec![self.health_in_transaction(endpoint, written, now)?];
            for (scope, until) in &ended {
                let notice = Notice::resumed(of, (endpoint, scope), *until, now);
                changes.push(self.put_notice(&notice)?);
            }
            let changed = self.transact(operation, changes).await?;
            known = self.health(endpoint).await?;
            if changed == Transaction::Done {
                return Ok(known);
            }
        }
        Err(StoreError::item("health")(
            "others end and begin pauses of the endpoint all the time",
        ))
    }

    /// What is known of an endpoint now.
    async fn health(&self, endpoint: &Endpoint) -> Result<Health, StoreError> {
        let mut healths = self.healths(slice::from_ref(endpoint), &[]).await?;
        Ok(healths.endpoints.remove(endpoint).unwrap_or_default())
    }

    /// Makes a change, and tells what is known then; `None` if its condition did not hold.
    pub(super) async fn health_by_itself(
        &self,
        operation: &'static str,
        endpoint: &Endpoint,
        written: Written,
        now: Timestamp,
    ) -> Result<Option<Health>, StoreError> {
        let mut update = self
            .change_health(endpoint, now)
            .update_expression(written.update)
            .set_condition_expression(written.condition)
            .return_values(ReturnValue::AllNew);
        for (name, value) in written.values {
            update = update.expression_attribute_values(name, value);
        }
        match past_collisions(is_collision, || update.clone().send()).await {
            Ok(changed) => read(&changed.attributes.unwrap_or_default()).map(Some),
            Err(error) if is_refused(&error) => Ok(None),
            Err(error) => Err(StoreError::call(operation)(error)),
        }
    }

    /// A change, as a part of a transaction.
    pub(super) fn health_in_transaction(
        &self,
        endpoint: &Endpoint,
        Written {
            update,
            condition,
            mut values,
        }: Written,
        now: Timestamp,
    ) -> Result<TransactWriteItem, StoreError> {
        let until = number(now.after(KEPT).as_seconds());
        values.insert(":ttl".to_owned(), until);
        let update = Update::builder()
            .table_name(&self.tables.dispatches)
            .set_key(Some(Key::health(endpoint).attributes()))
            .update_expression(update)
            .set_condition_expression(condition)
            .expression_attribute_names("#ttl", "ttl")
            .set_expression_attribute_values(Some(values))
            .build()
            .map_err(StoreError::item("health"))?;
        Ok(TransactWriteItem::builder().update(update).build())
    }
}
