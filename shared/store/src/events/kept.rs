//! Keeping events. An event is written before anything else is done about it; from then on only ids
//! travel.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use domain::event::{Event, SubjectId};
use domain::event_message;
use domain::id::UserId;
use domain::timestamp::Timestamp;
use futures::future::join_all;

use super::compression::{CURRENT, compress, decompress};
use super::heads::{AT, KIND};
use crate::Store;
use crate::error::StoreError;
use crate::table::attribute;
use crate::table::batch::Item;
use crate::table::key::{self, EVENT, Key};
use crate::table::query::all_items;

/// Bytes in one item. DynamoDB takes 400 KB; the rest is for the other attributes.
const PIECE: usize = 380 * 1024;
/// Where the further pieces of an event lie, if not where its head's key says.
const PIECES_AT: &str = "pieces_at";

/// What became of an event that is to be kept.
#[must_use]
#[derive(Clone, Debug)]
pub enum Kept {
    /// It is kept.
    AsItCame,
    /// It is the creation of a run or build, which was kept before, in these words: they count.
    Before(Box<Event>),
}

/// An event as it is stored: one item as a rule.
pub(crate) struct KeptEvent {
    pub(crate) key: Key,
    pub(crate) head: Item,
    pieces: Vec<(Key, Item)>,
    is_creation: bool,
}

impl KeptEvent {
    fn write(event: &Event, until: Timestamp) -> Result<Self, StoreError> {
        let key = Key::event(&event.user, &event.subject.id(), &event.key());
        let text = event.to_message().map_err(StoreError::item("event"))?;
        let data = compress(&text).map_err(StoreError::item("event"))?;
        let mut chunks = data.chunks(PIECE);
        let mut head = head_item(&key, event, chunks.next().unwrap_or_default(), until);
        insert_number(&mut head, "further", chunks.len());
        let pieces_at = pieces_at(&key, event, &data);
        if chunks.len() > 0 && pieces_at != key {
            let at = AttributeValue::S(pieces_at.sk.clone());
            head.insert(PIECES_AT.to_owned(), at);
        }
        let piece = |(number, chunk)| {
            let key = Key::event_piece(&pieces_at, number);
            let item = piece_item(&key, chunk, until);
            (key, item)
        };
        let pieces = chunks.enumerate().map(piece).collect();
        Ok(Self {
            key,
            head,
            pieces,
            is_creation: event.kind.is_creation(),
        })
    }
}

impl Store {
    /// Keeps these events until a time, in one call as a rule. Equal events are one. Each has its
    /// own result, in the same order: an event that cannot be written holds up no other.
    ///
    /// Repeating this is safe because keys are derived from the events: the same items are written
    /// again.
    pub async fn keep(&self, events: &[&Event], until: Timestamp) -> Vec<Result<Kept, StoreError>> {
        let written: Vec<Result<KeptEvent, StoreError>> = events
            .iter()
            .map(|event| KeptEvent::write(event, until))
            .collect();
        let mut heads: HashMap<Key, Item> = HashMap::new();
        let mut pieces: HashMap<Key, Item> = HashMap::new();
        for kept in written.iter().flatten() {
            if !kept.is_creation {
                heads.insert(kept.key.clone(), kept.head.clone());
            }
            pieces.extend(kept.pieces.iter().cloned());
        }
        let put = self.put_events(heads, pieces).await;
        let end = |written: Result<KeptEvent, StoreError>| {
            let put = put.clone();
            async move {
                let kept = written?;
                put?;
                if kept.is_creation {
                    self.keep_creation(kept).await
                } else {
                    Ok(Kept::AsItCame)
                }
            }
        };
        join_all(written.into_iter().map(end)).await
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

    /// All kept events of a run or build, its creation first, then the oldest, strongly consistent.
    pub async fn kept_events(
        &self,
        user: &UserId,
        subject: &SubjectId,
    ) -> Result<Vec<Event>, StoreError> {
        self.each_kept(user, subject, |event| event).await
    }

    /// The same, each made smaller before the next is read.
    pub(crate) async fn each_kept(
        &self,
        user: &UserId,
        subject: &SubjectId,
        part: impl Fn(Event) -> Event,
    ) -> Result<Vec<Event>, StoreError> {
        let heads = self.query_events(user, subject);
        let heads = all_items(heads, "read the events of a run").await?;
        let mut events = Vec::with_capacity(heads.len());
        for head in heads {
            // An event whose pieces are gone is about to expire: there is nothing left to deliver.
            events.extend(self.event_of(&head).await?.map(&part));
        }
        Ok(events)
    }

    /// The heads of all kept events of a run or build, strongly consistent.
    pub(crate) fn query_events(&self, user: &UserId, subject: &SubjectId) -> QueryFluentBuilder {
        let events = key::events(user, subject);
        self.query_prefix(&self.tables.dispatches, &events, EVENT)
    }

    /// The event that begins with this item. `None` when a piece of it has expired.
    pub(crate) async fn event_of(&self, head: &Item) -> Result<Option<Event>, StoreError> {
        let mut data = attribute::bytes(head, "data")?.to_vec();
        let further: usize = attribute::number(head, "further")?;
        if further > 0 {
            let at = if head.contains_key(PIECES_AT) {
                PIECES_AT
            } else {
                "sk"
            };
            let key = Key {
                pk: attribute::text(head, "pk")?.to_owned(),
                sk: attribute::text(head, at)?.to_owned(),
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
        let event = event_message::parse_kept(&text).map_err(StoreError::item("kept event"))?;
        Ok(Some(event))
    }
}

/// Of a creation that is told twice in different words, each must have its pieces to itself,
/// although there is one head.
fn pieces_at(key: &Key, event: &Event, data: &[u8]) -> Key {
    if !event.kind.is_creation() {
        return key.clone();
    }
    let mut hasher = DefaultHasher::new();
    data.hash(&mut hasher);
    Key {
        pk: key.pk.clone(),
        sk: format!("{}#{:016x}", key.sk, hasher.finish()),
    }
}

fn head_item(key: &Key, event: &Event, data: &[u8], until: Timestamp) -> Item {
    let mut item = piece_item(key, data, until);
    insert_number(&mut item, "dictionary", CURRENT);
    insert_number(&mut item, KIND, event.kind.bit());
    if event.kind.is_creation() {
        insert_number(&mut item, AT, event.created_at.as_millis());
    }
    item
}

fn insert_number(item: &mut Item, name: &str, number: impl ToString) {
    item.insert(name.to_owned(), AttributeValue::N(number.to_string()));
}

fn piece_item(key: &Key, data: &[u8], until: Timestamp) -> Item {
    let mut item = key.attributes();
    item.insert("data".to_owned(), AttributeValue::B(Blob::new(data)));
    insert_number(&mut item, "ttl", until.as_seconds());
    item
}
