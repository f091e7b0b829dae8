//! How busy webhooks are: one that has become so gets more keys for its dispatches.

use aws_sdk_dynamodb::types::AttributeValue;
use domain::id::{UserId, WebhookId};
use domain::spread::Spread;
use domain::timestamp::Timestamp;
use domain::webhook::{Webhook, WebhookState};

use super::change::Replaced;
use crate::Store;
use crate::error::StoreError;
use crate::table::attribute;
use crate::table::key::Key;

/// A pace is that of so many seconds at least, and at most.
const PERIOD: std::ops::Range<f64> = 5.0..600.0;

impl Store {
    /// How many dispatches a second a webhook has had since that was asked last; `None` if that is
    /// not long enough ago, or too long.
    ///
    /// Repeating this is safe because it only begins to measure anew.
    pub async fn pace(
        &self,
        user: &UserId,
        webhook: &WebhookId,
        now: Timestamp,
    ) -> Result<Option<f64>, StoreError> {
        let key = Key::counters(user, webhook);
        let table = self.tables.dispatches.as_str();
        let mut found = self.batch_get(vec![(table, key.clone())]).await?;
        let Some(counters) = found
            .remove(&key)
            .filter(|found| found.contains_key("dispatches"))
        else {
            return Ok(None);
        };
        let dispatches: i64 = attribute::number(&counters, "dispatches")?;
        let before = |name| attribute::number::<i64>(&counters, name).ok();
        let measured = before("measured_at").zip(before("measured"));
        let seconds = |at: i64| (now.as_millis() - at) as f64 / 1000.0;
        if measured.is_some_and(|(at, _)| seconds(at) < PERIOD.start) {
            return Ok(None);
        }
        let number = |number: i64| AttributeValue::N(number.to_string());
        self.client
            .update_item()
            .table_name(table)
            .set_key(Some(key.attributes()))
            .update_expression("SET measured_at = :now, measured = :dispatches")
            .condition_expression("attribute_exists(dispatches)")
            .expression_attribute_values(":now", number(now.as_millis()))
            .expression_attribute_values(":dispatches", number(dispatches))
            .send()
            .await
            .map_err(StoreError::call("measure a webhook's pace"))?;
        let pace = measured.filter(|(at, _)| PERIOD.contains(&seconds(*at)));
        Ok(pace.map(|(at, of_then)| (dispatches - of_then) as f64 / seconds(at)))
    }

    /// Gives a webhook more keys if it has so many dispatches a second that it needs them.
    ///
    /// Repeating this is safe because a change that is under way is not made again.
    pub async fn grow(
        &self,
        user: &UserId,
        webhook: &WebhookId,
        per_second: f64,
        now: Timestamp,
    ) -> Result<Option<Spread>, StoreError> {
        let read = self.webhook(user, webhook).await?;
        // One that is deleted must not be entered anywhere again.
        let Some(read) = read.filter(|read| read.state != WebhookState::Removed) else {
            return Ok(None);
        };
        let Some(spread) = read.spread.grown(per_second, now) else {
            return Ok(None);
        };
        // Neither is it edited by that, nor is what was sent of another version.
        let grown = Webhook {
            spread: spread.clone(),
            ..read.clone()
        };
        // If it was changed meanwhile, the next measure will tell.
        let replaced = self.replace_webhook(&read, &grown).await?;
        Ok((replaced == Replaced::Done).then_some(spread))
    }
}
