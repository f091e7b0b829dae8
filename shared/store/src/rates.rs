//! How often a user has asked for something within a minute: one number for each user, kind and
//! minute, which all processes see.

use aws_sdk_dynamodb::types::AttributeValue;
use domain::due::Minute;
use domain::id::UserId;
use domain::rate::Counted;
use domain::timestamp::Timestamp;

use crate::error::StoreError;
use crate::table::conditional::is_done;
use crate::table::key::Key;
use crate::{DAY, Store};

impl Store {
    /// Counts something that a user asks for, and tells whether it is among the first so many of
    /// its minute. What is refused is not counted.
    ///
    /// Repeating this counts it twice, at worst a request too early is refused.
    pub async fn count(
        &self,
        user: &UserId,
        what: Counted,
        per_minute: u32,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let number = |number: i64| AttributeValue::N(number.to_string());
        let update = self
            .client
            .update_item()
            .table_name(&self.tables.webhooks)
            .set_key(Some(Key::rate(user, what, Minute::of(now)).attributes()))
            .update_expression("SET #ttl = :ttl ADD #count :one")
            .condition_expression("attribute_not_exists(#count) OR #count < :most")
            .expression_attribute_names("#ttl", "ttl")
            .expression_attribute_names("#count", "count")
            .expression_attribute_values(":ttl", number(now.after(DAY).as_seconds()))
            .expression_attribute_values(":one", number(1))
            .expression_attribute_values(":most", number(per_minute.into()));
        is_done(update, "count a request").await
    }
}
