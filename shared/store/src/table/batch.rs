//! Reading and writing many items with few calls. DynamoDB may put some of a batch off when it is
//! busy: those are asked for again.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use aws_sdk_dynamodb::error::BuildError;
use aws_sdk_dynamodb::types::{
    AttributeValue, DeleteRequest, KeysAndAttributes, PutRequest, WriteRequest,
};
use futures::future::try_join_all;

use super::key::Key;
use crate::Store;
use crate::error::StoreError;

/// An item as DynamoDB gives and takes it.
pub(crate) type Item = HashMap<String, AttributeValue>;

/// The most that one call reads.
const READ: usize = 100;
/// The most that one call writes.
const WRITE: usize = 25;
/// How often what was put off is asked for again, and half of the first wait: each is twice the one
/// before.
pub(crate) const REPEATS: u32 = 5;
const PAUSE: Duration = Duration::from_millis(25);

impl Store {
    /// Reads the items with these keys, strongly consistent. What does not exist is not in the
    /// answer. A key may be asked for twice.
    pub(crate) async fn batch_get(
        &self,
        keys: Vec<(&str, Key)>,
    ) -> Result<HashMap<Key, Item>, StoreError> {
        self.batch_get_attributes(keys, &[]).await
    }

    /// The same, and of each item only these attributes; all if none is named.
    pub(crate) async fn batch_get_attributes(
        &self,
        keys: Vec<(&str, Key)>,
        attributes: &[&str],
    ) -> Result<HashMap<Key, Item>, StoreError> {
        let mut seen = HashSet::with_capacity(keys.len());
        let mut unique = keys;
        unique.retain(|key| seen.insert(key.clone()));
        let calls = unique
            .chunks(READ)
            .map(|chunk| self.get_chunk(chunk, attributes));
        Ok(try_join_all(calls).await?.into_iter().flatten().collect())
    }

    async fn get_chunk(
        &self,
        keys: &[(&str, Key)],
        attributes: &[&str],
    ) -> Result<Vec<(Key, Item)>, StoreError> {
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
            let (projection, names) = projection(attributes);
            let keys = KeysAndAttributes::builder()
                .set_keys(Some(keys))
                .set_projection_expression(projection)
                .set_expression_attribute_names(names)
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
        let put = |item| {
            let put = PutRequest::builder().set_item(Some(item)).build()?;
            Ok(WriteRequest::builder().put_request(put).build())
        };
        self.batch_write(table, items.into_iter().map(put)).await
    }

    /// Deletes the items with these keys, those that there are. Keys must differ.
    ///
    /// Repeating this is safe because what is gone stays gone.
    pub(crate) async fn batch_delete(&self, table: &str, keys: Vec<Key>) -> Result<(), StoreError> {
        let delete = |key: Key| {
            let key = Some(key.attributes());
            let delete = DeleteRequest::builder().set_key(key).build()?;
            Ok(WriteRequest::builder().delete_request(delete).build())
        };
        self.batch_write(table, keys.into_iter().map(delete)).await
    }

    async fn batch_write(
        &self,
        table: &str,
        requests: impl Iterator<Item = Result<WriteRequest, BuildError>>,
    ) -> Result<(), StoreError> {
        let requests: Vec<_> = requests
            .collect::<Result<_, _>>()
            .map_err(StoreError::item("batch of items"))?;
        let calls = requests
            .chunks(WRITE)
            .map(|chunk| self.write_chunk(table, chunk));
        try_join_all(calls).await.map(|_| ())
    }

    async fn write_chunk(&self, table: &str, requests: &[WriteRequest]) -> Result<(), StoreError> {
        let mut left = HashMap::from([(table.to_owned(), requests.to_vec())]);
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

/// Waits before what was put off is asked for again; not before the first time.
pub(crate) async fn pause_before(repeat: u32) {
    if repeat > 0 {
        tokio::time::sleep(PAUSE * 2u32.pow(repeat)).await;
    }
}

/// What asks for these attributes, under names that can be no words of DynamoDB's, and for the key.
fn projection(attributes: &[&str]) -> (Option<String>, Option<HashMap<String, String>>) {
    if attributes.is_empty() {
        return (None, None);
    }
    let named = ["pk", "sk"].iter().chain(attributes).enumerate();
    let names: HashMap<_, _> = named
        .map(|(place, name)| (format!("#a{place}"), (*name).to_owned()))
        .collect();
    let projection = names.keys().cloned().collect::<Vec<_>>().join(", ");
    (Some(projection), Some(names))
}

pub(crate) fn key_of(item: &Item) -> Option<Key> {
    let text = |name: &str| item.get(name)?.as_s().ok().cloned();
    Some(Key {
        pk: text("pk")?,
        sk: text("sk")?,
    })
}
