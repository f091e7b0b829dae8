//! Reading and writing many items with few calls. DynamoDB may put some of a batch off when it is busy: those are asked for again.

use std::collections::HashMap;
use std::time::Duration;

use aws_sdk_dynamodb::types::{AttributeValue, KeysAndAttributes, PutRequest, WriteRequest};
use futures::future::try_join_all;

use crate::Store;
use crate::error::StoreError;
use crate::key::Key;

/// An item as DynamoDB gives and takes it.
pub(crate) type Item = HashMap<String, AttributeValue>;

/// The most that one call reads.
const READ: usize = 100;
/// The most that one call writes.
const WRITE: usize = 25;
/// How often what was put off is asked for again, and how long to wait first; the wait doubles.
const REPEATS: u32 = 5;
const PAUSE: Duration = Duration::from_millis(25);

impl Store {
    /// Reads the items with these keys, strongly consistent. What does not exist is not in the answer. A key may be asked for twice.
    pub(crate) async fn batch_get(
        &self,
        keys: Vec<(&str, Key)>,
    ) -> Result<HashMap<Key, Item>, StoreError> {
        let mut unique: Vec<(&str, Key)> = Vec::with_capacity(keys.len());
        for key in keys {
            if !unique.contains(&key) {
                unique.push(key);
            }
        }
        let calls = unique.chunks(READ).map(|chunk| self.get_chunk(chunk));
        Ok(try_join_all(calls).await?.into_iter().flatten().collect())
    }

    async fn get_chunk(&self, keys: &[(&str, Key)]) -> Result<Vec<(Key, Item)>, StoreError> {
        let mut asked: HashMap<String, KeysAndAttributes> = HashMap::new();
        for table in [&self.tables.webhooks, &self.tables.dispatches] {
            let own = keys
                .iter()
                .filter(|(of, _)| of == table)
                .map(|(_, key)| key.attributes());
            let keys: Vec<_> = own.collect();
            if keys.is_empty() {
                continue;
            }
            let keys = KeysAndAttributes::builder()
                .set_keys(Some(keys))
                .consistent_read(true)
                .build();
            asked.insert(
                table.clone(),
                keys.map_err(StoreError::item("batch of keys"))?,
            );
        }
        let mut found = Vec::with_capacity(keys.len());
        for repeat in 0..=REPEATS {
            pause_before(repeat).await;
            let call = self
                .client
                .batch_get_item()
                .set_request_items(Some(asked))
                .send()
                .await;
            let answer = call.map_err(StoreError::call("read items"))?;
            let items = answer
                .responses
                .into_iter()
                .flatten()
                .flat_map(|(_, items)| items);
            found.extend(items.filter_map(|item| Some((key_of(&item)?, item))));
            asked = answer.unprocessed_keys.unwrap_or_default();
            if asked.is_empty() {
                return Ok(found);
            }
        }
        let left = asked.values().map(|keys| keys.keys.len()).sum();
        Err(StoreError::PutOff {
            operation: "read items",
            left,
        })
    }

    /// Puts these items, whatever was there before. Keys must differ.
    ///
    /// Repeating this is safe because it writes the same items again.
    pub(crate) async fn batch_put(&self, table: &str, items: Vec<Item>) -> Result<(), StoreError> {
        let calls = items
            .chunks(WRITE)
            .map(|chunk| self.put_chunk(table, chunk));
        try_join_all(calls).await.map(|_| ())
    }

    async fn put_chunk(&self, table: &str, items: &[Item]) -> Result<(), StoreError> {
        let put = |item: &Item| {
            let put = PutRequest::builder().set_item(Some(item.clone())).build();
            put.map(|put| WriteRequest::builder().put_request(put).build())
        };
        let requests = items.iter().map(put).collect::<Result<Vec<_>, _>>();
        let mut left = HashMap::from([(
            table.to_owned(),
            requests.map_err(StoreError::item("batch of items"))?,
        )]);
        for repeat in 0..=REPEATS {
            pause_before(repeat).await;
            let call = self
                .client
                .batch_write_item()
                .set_request_items(Some(left))
                .send()
                .await;
            left = call
                .map_err(StoreError::call("write items"))?
                .unprocessed_items
                .unwrap_or_default();
            if left.is_empty() {
                return Ok(());
            }
        }
        Err(StoreError::PutOff {
            operation: "write items",
            left: left.values().map(Vec::len).sum(),
        })
    }
}

async fn pause_before(repeat: u32) {
    if repeat > 0 {
        tokio::time::sleep(PAUSE * 2u32.pow(repeat)).await;
    }
}

fn key_of(item: &Item) -> Option<Key> {
    let text = |name: &str| item.get(name)?.as_s().ok().cloned();
    Some(Key {
        pk: text("pk")?,
        sk: text("sk")?,
    })
}
