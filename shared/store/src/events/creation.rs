//! Keeping the creation of a run or build. It is one event, whatever times and words the messages
//! about it have: the first that is kept counts.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue};

use super::kept::{Kept, KeptEvent};
use crate::Store;
use crate::error::StoreError;
use crate::table::collision::{is_collision, past_collisions};

impl Store {
    /// Writes the head of a creation, unless there is one; that one is kept for as long as this
    /// would be.
    ///
    /// Repeating this is safe because what is there stays as it is.
    pub(crate) async fn keep_creation(&self, event: KeptEvent) -> Result<Kept, StoreError> {
        let KeptEvent { key, mut head, .. } = event;
        let ours = head.get("data").cloned();
        let ttl = head.remove("ttl");
        key.attributes().keys().for_each(|name| {
            head.remove(name);
        });
        let mut names = HashMap::from([("#ttl".to_owned(), "ttl".to_owned())]);
        let mut values =
            HashMap::from([(":ttl".to_owned(), ttl.unwrap_or(AttributeValue::Null(true)))]);
        let mut sets = vec!["#ttl = :ttl".to_owned()];
        for (place, (name, value)) in head.into_iter().enumerate() {
            // All that an event needs is there with its first head: of another, nothing is added
            // that counts.
            sets.push(format!("#a{place} = if_not_exists(#a{place}, :a{place})"));
            names.insert(format!("#a{place}"), name);
            values.insert(format!(":a{place}"), value);
        }
        let update = self
            .client
            .update_item()
            .table_name(&self.tables.dispatches)
            .set_key(Some(key.attributes()))
            .update_expression(format!("SET {}", sets.join(", ")))
            .set_expression_attribute_names(Some(names))
            .set_expression_attribute_values(Some(values))
            .return_values(ReturnValue::AllNew);
        let done = past_collisions(is_collision, || update.clone().send()).await;
        let kept = done.map_err(StoreError::call("keep the creation of a run"))?;
        let kept = kept.attributes.unwrap_or_default();
        if kept.get("data") == ours.as_ref() {
            return Ok(Kept::AsItCame);
        }
        // One that has lost a piece has expired, and ours with it.
        let before = self.event_of(&kept).await?;
        Ok(before.map_or(Kept::AsItCame, |event| Kept::Before(Box::new(event))))
    }
}
