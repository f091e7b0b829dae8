//! Over how many keys a webhook's dispatches are spread, as it is stored.

use std::collections::HashMap;

use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue, ReturnValuesOnConditionCheckFailure};
use domain::id::{UserId, WebhookId};
use domain::spread::{Spread, Step};
use domain::timestamp::Timestamp;
use domain::webhook::Lifetime;
use serde::Deserialize;

use crate::Store;
use crate::error::StoreError;
use crate::table::key::Key;

/// The attributes of a webhook's item that a spread lies in.
const SPREAD: &str = "spread";
const AHEAD: &str = "ahead";

/// A spread as it is stored: from when on, in milliseconds, and how many keys.
pub(crate) fn write(spread: &Spread) -> Vec<(i64, u8)> {
    let steps = spread.steps().iter();
    steps
        .map(|step| (step.from.as_millis(), step.keys))
        .collect()
}

/// The spread of these steps and the latest event dated ahead, in milliseconds.
pub(crate) fn read(stored: &[(i64, u8)], ahead: Option<i64>) -> Spread {
    let step = |&(from, keys): &(i64, u8)| {
        let from = Timestamp::from_millis(from)?;
        Some(Step { from, keys })
    };
    let steps = stored.iter().filter_map(step).collect();
    Spread::of(steps, ahead.and_then(Timestamp::from_millis))
}

/// The condition that a webhook's spread is still what was read, and what stands in it: it changes
/// without the webhook's version, because it is nothing that its owner knows of.
pub(crate) fn unchanged(
    read: &Spread,
) -> Result<(String, HashMap<String, AttributeValue>), StoreError> {
    let (mut conditions, mut values) = (Vec::new(), HashMap::new());
    let mut add = |name: &str, value: Option<AttributeValue>| match value {
        None => conditions.push(format!("attribute_not_exists({name})")),
        Some(value) => {
            conditions.push(format!("{name} = :{name}"));
            values.insert(format!(":{name}"), value);
        }
    };
    let steps = (!read.steps().is_empty()).then(|| serde_dynamo::to_attribute_value(write(read)));
    add(
        SPREAD,
        steps.transpose().map_err(StoreError::item("spread"))?,
    );
    let ahead = read
        .ahead()
        .map(|at| AttributeValue::N(at.as_millis().to_string()));
    add(AHEAD, ahead);
    Ok((conditions.join(" AND "), values))
}

/// What is read of a webhook's item.
#[derive(Deserialize)]
struct SpreadItem {
    #[serde(default)]
    spread: Vec<(i64, u8)>,
    #[serde(default)]
    ahead: Option<i64>,
}

impl Store {
    /// Puts it on record that a standing webhook hears of an event dated ahead, so that no later
    /// change of its spread holds for this event, and tells what its spread is now. `None` if the
    /// webhook is gone. That is read after the note is there: whoever changes it afterwards sees
    /// the note, or changes nothing.
    ///
    /// Repeating this is safe because the latest such event counts.
    pub async fn hold_spread(
        &self,
        user: &UserId,
        webhook: &WebhookId,
        created_at: Timestamp,
    ) -> Result<Option<Spread>, StoreError> {
        match self.webhook(user, webhook).await? {
            None => return Ok(None),
            Some(known) if known.spread.ahead() >= Some(created_at) => {
                return Ok(Some(known.spread));
            }
            Some(_) => {}
        }
        let key = Key::definition(user, &Lifetime::Standing, webhook);
        let until = Spread::held_until(created_at).as_millis().to_string();
        let until = AttributeValue::N(until);
        let answer = self
            .client
            .update_item()
            .table_name(&self.tables.webhooks)
            .set_key(Some(key.attributes()))
            .update_expression("SET ahead = :ahead")
            .condition_expression(
                "attribute_exists(pk) AND (attribute_not_exists(ahead) OR ahead < :ahead)",
            )
            .expression_attribute_values(":ahead", until)
            .return_values(ReturnValue::AllNew)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .send()
            .await;
        let item = match answer {
            Ok(answer) => answer.attributes,
            Err(error) => match error.as_service_error() {
                Some(UpdateItemError::ConditionalCheckFailedException(refused)) => {
                    refused.item.clone()
                }
                _ => return Err(StoreError::call("hold a webhook's spread")(error)),
            },
        };
        let spread = item.map(serde_dynamo::from_item::<_, SpreadItem>);
        let spread = spread.transpose().map_err(StoreError::item("webhook"))?;
        Ok(spread.map(|item| read(&item.spread, item.ahead)))
    }
}
