//! The heads of kept events: what has happened to a run, without what its events carry. That can be
//! much, and few of them are wanted.

use domain::dispatch::Dispatch;
use domain::event::{Event, EventKey, Subject, SubjectId};
use domain::event_type::EventType;
use domain::id::UserId;
use domain::late::Happened;
use domain::timestamp::Timestamp;

use crate::Store;
use crate::error::StoreError;
use crate::table::attribute;
use crate::table::batch::Item;
use crate::table::key::{EVENT, Key};
use crate::table::query::all_items;

/// What a kept event says of itself outside of its data: its type's bit and, where its key does not
/// have it, its time.
pub(crate) const KIND: &str = "kind";
pub(crate) const AT: &str = "at";

impl Store {
    /// What has happened to a run or build, as far as it is kept; strongly consistent.
    pub async fn happened(
        &self,
        user: &UserId,
        subject: &SubjectId,
    ) -> Result<Vec<Happened>, StoreError> {
        let heads = self
            .query_events(user, subject)
            .projection_expression("pk, sk, #kind, #at")
            .expression_attribute_names("#kind", KIND)
            .expression_attribute_names("#at", AT);
        let heads = all_items(heads, "read what has happened to a run").await?;
        let mut happened = Vec::with_capacity(heads.len());
        for head in heads {
            if head.contains_key(KIND) {
                happened.push(read(&head)?);
            } else {
                // It was kept by a version that did not say so.
                let key = Key {
                    pk: attribute::text(&head, "pk")?.to_owned(),
                    sk: attribute::text(&head, "sk")?.to_owned(),
                };
                let event = self.kept_at(vec![key]).await?.pop();
                happened.extend(event.as_ref().map(Happened::of));
            }
        }
        Ok(happened)
    }

    /// Those of these events of a run or build that are kept whole, in the order of time.
    pub async fn kept_among(
        &self,
        user: &UserId,
        subject: &SubjectId,
        events: &[&Happened],
    ) -> Result<Vec<Event>, StoreError> {
        let key = |event: &&Happened| Key::event(user, subject, &event.key);
        let mut kept = self.kept_at(events.iter().map(key).collect()).await?;
        kept.sort_by_key(|event| event.created_at);
        Ok(kept)
    }

    /// The event that has made a dispatch, while it is kept.
    pub async fn event_of_dispatch(
        &self,
        dispatch: &Dispatch,
    ) -> Result<Option<Event>, StoreError> {
        let key = Key::event(&dispatch.user, &dispatch.subject.id(), &dispatch.event);
        let kept = self.kept_at(vec![key]).await?.pop();
        if kept.is_some() || dispatch.subject != Subject::Test {
            return Ok(kept);
        }
        let test = Event::test(&dispatch.user, dispatch.event.created_at)
            .map_err(StoreError::item("test event"))?;
        Ok(Some(test).filter(|test| test.key() == dispatch.event))
    }

    async fn kept_at(&self, keys: Vec<Key>) -> Result<Vec<Event>, StoreError> {
        let table = self.tables.dispatches.as_str();
        let asked = keys.into_iter().map(|key| (table, key));
        let mut events = Vec::new();
        for head in self.batch_get(asked.collect()).await?.values() {
            events.extend(self.event_of(head).await?);
        }
        Ok(events)
    }
}

fn read(head: &Item) -> Result<Happened, StoreError> {
    let wrong = || StoreError::item("kept event")("a key or type that is none");
    let (at, hash) = attribute::text(head, "sk")?
        .strip_prefix(EVENT)
        .and_then(|rest| rest.split_once('#'))
        .ok_or_else(wrong)?;
    let at = if head.contains_key(AT) {
        attribute::number(head, AT)?
    } else {
        at.parse().map_err(|_| wrong())?
    };
    Ok(Happened {
        kind: EventType::of_bit(attribute::number(head, KIND)?).ok_or_else(wrong)?,
        key: EventKey {
            created_at: Timestamp::from_millis(at).ok_or_else(wrong)?,
            hash: hash.to_owned(),
        },
    })
}
