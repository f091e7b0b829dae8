//! Keeping events. An event is written before anything else is done about it; from then on only ids travel.

use std::collections::HashMap;

use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use domain::event::{Event, SubjectId};
use domain::event_message;
use domain::id::UserId;
use domain::timestamp::Timestamp;

use crate::batch::Item;
use crate::compression::{CURRENT, compress, decompress};
use crate::error::StoreError;
use crate::key::{self, EVENT, Key};
use crate::{Store, attribute};

/// Bytes in one item. DynamoDB takes 400 KB; the rest is for the other attributes.
const PIECE: usize = 380 * 1024;

/// An event as it is stored: one item as a rule.
struct KeptEvent {
    key: Key,
    head: Item,
    pieces: Vec<(Key, Item)>,
}

impl KeptEvent {
    fn write(event: &Event, until: Timestamp) -> Result<Self, StoreError> {
        let key = Key::event(&event.user, &event.subject.id(), &event.key());
        let text = event.to_message().map_err(StoreError::item("event"))?;
        let data = compress(&text).map_err(StoreError::item("event"))?;
        let mut chunks = data.chunks(PIECE);
        let head = chunks.next().unwrap_or_default();
        let head = head_item(&key, head, chunks.len(), until);
        let piece = |(number, chunk)| {
            let key = Key::event_piece(&key, number);
            let item = piece_item(&key, chunk, until);
            (key, item)
        };
        let pieces = chunks.enumerate().map(piece).collect();
        Ok(Self { key, head, pieces })
    }
}

impl Store {
    /// Keeps these events until a time, in one call as a rule. Equal events are one. Each has its own result, in the same order: an event
    /// that cannot be written holds up no other.
    ///
    /// Repeating this is safe because keys are derived from the events: the same items are written again.
    pub async fn keep(&self, events: &[&Event], until: Timestamp) -> Vec<Result<(), StoreError>> {
        let written: Vec<Result<KeptEvent, StoreError>> = events
            .iter()
            .map(|event| KeptEvent::write(event, until))
            .collect();
        let mut heads: HashMap<Key, Item> = HashMap::new();
        let mut pieces: HashMap<Key, Item> = HashMap::new();
        for kept in written.iter().flatten() {
            heads.insert(kept.key.clone(), kept.head.clone());
            pieces.extend(kept.pieces.iter().cloned());
        }
        let put = self.put_events(heads, pieces).await;
        written
            .into_iter()
            .map(|written| written.and_then(|_| put.clone()))
            .collect()
    }

    /// The head says that an event is there, so it comes last.
    async fn put_events(
        &self,
        heads: HashMap<Key, Item>,
        pieces: HashMap<Key, Item>,
    ) -> Result<(), StoreError> {
        self.batch_put(&self.tables.dispatches, pieces.into_values().collect())
            .await?;
        self.batch_put(&self.tables.dispatches, heads.into_values().collect())
            .await
    }

    /// All kept events of a run or build, oldest first, strongly consistent.
    pub async fn kept_events(
        &self,
        user: &UserId,
        subject: &SubjectId,
    ) -> Result<Vec<Event>, StoreError> {
        let pages = self
            .client
            .query()
            .table_name(&self.tables.dispatches)
            .key_condition_expression("pk = :pk AND begins_with(sk, :sk)")
            .expression_attribute_values(":pk", AttributeValue::S(key::events(user, subject)))
            .expression_attribute_values(":sk", AttributeValue::S(EVENT.to_owned()))
            .consistent_read(true)
            .into_paginator()
            .items()
            .send();
        let heads: Vec<Item> = pages
            .collect::<Result<_, _>>()
            .await
            .map_err(StoreError::call("read the events of a run"))?;
        let mut events = Vec::with_capacity(heads.len());
        for head in heads {
            // An event whose pieces are gone is about to expire: there is nothing left to deliver.
            events.extend(self.event_of(&head).await?);
        }
        Ok(events)
    }

    /// The event that begins with this item. `None` when a piece of it has expired.
    pub(crate) async fn event_of(&self, head: &Item) -> Result<Option<Event>, StoreError> {
        let mut data = attribute::bytes(head, "data")?.to_vec();
        let further: usize = attribute::number(head, "further")?;
        if further > 0 {
            let key = Key {
                pk: attribute::text(head, "pk")?.to_owned(),
                sk: attribute::text(head, "sk")?.to_owned(),
            };
            let keys: Vec<Key> = (0..further)
                .map(|number| Key::event_piece(&key, number))
                .collect();
            let asked = keys
                .iter()
                .map(|key| (self.tables.dispatches.as_str(), key.clone()));
            let pieces = self.batch_get(asked.collect()).await?;
            for key in &keys {
                let Some(piece) = pieces.get(key) else {
                    return Ok(None);
                };
                data.extend_from_slice(attribute::bytes(piece, "data")?);
            }
        }
        let text = decompress(attribute::number(head, "dictionary")?, &data)
            .map_err(StoreError::item("kept event"))?;
        let arrival = event_message::parse(&text, 0).map_err(StoreError::item("kept event"))?;
        Ok(Some(arrival.event))
    }
}

fn head_item(key: &Key, data: &[u8], further: usize, until: Timestamp) -> Item {
    let mut item = piece_item(key, data, until);
    item.insert(
        "dictionary".to_owned(),
        AttributeValue::N(CURRENT.to_string()),
    );
    item.insert("further".to_owned(), AttributeValue::N(further.to_string()));
    item
}

fn piece_item(key: &Key, data: &[u8], until: Timestamp) -> Item {
    let mut item = key.attributes();
    item.insert("data".to_owned(), AttributeValue::B(Blob::new(data)));
    item.insert(
        "ttl".to_owned(),
        AttributeValue::N(until.as_seconds().to_string()),
    );
    item
}
