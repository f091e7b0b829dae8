//! Retries that wait longer than a queue can hold them ([`domain::due`]).

use std::sync::atomic::Ordering;
use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use domain::delivery_message::DeliveryMessage;
use domain::due::{Minute, SHARDS, shard};
use domain::timestamp::Timestamp;
use futures::future::try_join_all;

use crate::Store;
use crate::error::StoreError;
use crate::table::attribute;
use crate::table::batch::Item;
use crate::table::conditional::is_done;
use crate::table::key::{Key, due_shard};
use crate::table::query::all_items;

/// How long a parked retry is kept past its time: the sweeper may be away for so long.
const PARKED: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// A parked retry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParkedRetry {
    /// What asks for it.
    pub message: DeliveryMessage,
    /// Not before then.
    pub at: Timestamp,
}

impl Store {
    /// Parks a retry.
    ///
    /// Repeating this is safe because an attempt has one place.
    pub async fn park(&self, due: &ParkedRetry, now: Timestamp) -> Result<(), StoreError> {
        self.begin_sweeping(now).await?;
        let message = due.message.to_json().map_err(StoreError::item("retry"))?;
        let shard = shard(&due.message.dispatch);
        let mut item = Key::due(Minute::of(due.at), shard, &due.message).attributes();
        item.insert("message".to_owned(), AttributeValue::S(message));
        item.insert("at".to_owned(), number(due.at.as_millis()));
        item.insert("ttl".to_owned(), number(due.at.after(PARKED).as_seconds()));
        self.client
            .put_item()
            .table_name(&self.tables.dispatches)
            .set_item(Some(item))
            .send()
            .await
            .map(|_| ())
            .map_err(StoreError::call("park a retry"))
    }

    /// Sees to it that the sweeper, which may not have run yet, begins no later than now. Once per
    /// process.
    async fn begin_sweeping(&self, now: Timestamp) -> Result<(), StoreError> {
        if !self.sweeping_has_begun.load(Ordering::Relaxed) {
            // A sweeper that has begun and is behind must not miss what it has not taken yet: its
            // cursor stays.
            let before = Minute::of(now).previous();
            self.move_cursor(before, "attribute_not_exists(pk)").await?;
            self.sweeping_has_begun.store(true, Ordering::Relaxed);
        }
        Ok(())
    }

    /// The retries that fall due in a minute. One that cannot be read holds up no other.
    pub async fn due_in(
        &self,
        minute: Minute,
    ) -> Result<Vec<Result<ParkedRetry, StoreError>>, StoreError> {
        let shards = (0..SHARDS).map(|shard| self.due_in_shard(minute, shard));
        Ok(try_join_all(shards).await?.into_iter().flatten().collect())
    }

    async fn due_in_shard(
        &self,
        minute: Minute,
        shard: u8,
    ) -> Result<Vec<Result<ParkedRetry, StoreError>>, StoreError> {
        let items = self.query(&self.tables.dispatches, &due_shard(minute, shard));
        let items = all_items(items, "read due retries").await?;
        Ok(items.iter().map(read).collect())
    }

    /// The last minute whose retries were all sent; `None` if there never was one.
    pub async fn taken_minute(&self) -> Result<Option<Minute>, StoreError> {
        let key = Key::cursor();
        let found = self
            .batch_get(vec![(&self.tables.dispatches, key.clone())])
            .await?;
        let number = found
            .get(&key)
            .map(|cursor| attribute::number(cursor, "minute"));
        Ok(number.transpose()?.map(Minute::from_number))
    }

    /// Notes that all retries up to a minute's were sent.
    ///
    /// Repeating this is safe because the note only ever moves forward.
    pub async fn note_taken(&self, minute: Minute) -> Result<(), StoreError> {
        let condition = "attribute_not_exists(pk) OR #minute < :minute";
        self.move_cursor(minute, condition).await
    }

    async fn move_cursor(&self, minute: Minute, condition: &str) -> Result<(), StoreError> {
        let update = self
            .client
            .update_item()
            .table_name(&self.tables.dispatches)
            .set_key(Some(Key::cursor().attributes()))
            .update_expression("SET #minute = :minute")
            .condition_expression(condition)
            .expression_attribute_names("#minute", "minute")
            .expression_attribute_values(":minute", number(minute.number()));
        // If not, another process was there first, or is further.
        is_done(update, "note the minute that was taken")
            .await
            .map(drop)
    }
}

fn read(item: &Item) -> Result<ParkedRetry, StoreError> {
    let message = DeliveryMessage::from_json(attribute::text(item, "message")?)
        .map_err(StoreError::item("retry"))?;
    let at = Timestamp::from_millis(attribute::number(item, "at")?)
        .ok_or_else(|| StoreError::item("retry")("it is due at no time"))?;
    Ok(ParkedRetry { message, at })
}

fn number(value: i64) -> AttributeValue {
    AttributeValue::N(value.to_string())
}
