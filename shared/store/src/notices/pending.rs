//! What is to be told and was not sent yet, as the sweeper takes it.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::types::AttributeValue;
use domain::dispatch_id::DispatchId;
use domain::due::Minute;
use domain::id::{UserId, WebhookId};
use domain::notice::{MOST_DISPATCHES, Notice};
use domain::timestamp::Timestamp;
use domain::trace_context::TraceContext;

use super::told::read;
use super::{DISPATCH, TRACEPARENT, USER, WEBHOOK};
use crate::Store;
use crate::error::StoreError;
use crate::table::attribute;
use crate::table::batch::{Item, key_of};
use crate::table::key::{self, EXHAUSTED, Key, NOTICE};

/// The most notices of a shard that are read at a time.
const MOST: i32 = 1000;
/// How many items are taken away at the same time.
const AT_ONCE: usize = 250;

/// A notice that is to be sent, and the items that say so.
#[derive(Clone, Debug)]
pub struct Pending {
    /// What to send.
    pub notice: Notice,
    keys: Vec<Key>,
}

impl Store {
    /// Some of a shard's notices that were not sent yet. One that cannot be read holds up no other.
    pub async fn pending_notices(
        &self,
        shard: u8,
    ) -> Result<Vec<Result<Pending, StoreError>>, StoreError> {
        let found = self
            .query_prefix(&self.tables.dispatches, &key::notices(shard), NOTICE)
            .limit(MOST)
            .send()
            .await
            .map_err(StoreError::call("read notices"))?;
        let pending = |item: &Item| {
            let notice = read(item)?;
            let keys = vec![Key::notice(&notice.id)];
            Ok(Pending { notice, keys })
        };
        Ok(found
            .items
            .unwrap_or_default()
            .iter()
            .map(pending)
            .collect())
    }

    /// The notices of a shard about dispatches that were exhausted before this minute: one for each
    /// webhook and minute. One that cannot be read holds up no other.
    pub async fn exhausted_before(
        &self,
        shard: u8,
        minute: Minute,
    ) -> Result<Vec<Result<Pending, StoreError>>, StoreError> {
        let mut found = self
            .query(&self.tables.dispatches, &key::notices(shard))
            .key_condition_expression("pk = :pk AND sk BETWEEN :first AND :end")
            .expression_attribute_values(":first", string(EXHAUSTED))
            .expression_attribute_values(":end", string(&key::exhausted_from(minute)))
            .into_paginator()
            .items()
            .send();
        let mut groups: BTreeMap<(Minute, UserId, WebhookId), Exhausted> = BTreeMap::new();
        let mut unreadable = Vec::new();
        while let Some(item) = found.next().await {
            let item = item.map_err(StoreError::call("read exhausted dispatches"))?;
            match exhausted(&item) {
                Ok((group, dispatch, trace)) => {
                    let key = key_of(&item).ok_or_else(keyless)?;
                    groups.entry(group).or_default().add(key, dispatch, trace);
                }
                Err(error) => unreadable.push(Err(error)),
            }
        }
        let pending = groups.into_iter().map(|((minute, user, webhook), all)| {
            let count = all.keys.len();
            let named = (all.dispatches, count);
            let notice = Notice::exhausted((&user, &webhook), minute, named, all.trace);
            Ok(Pending {
                notice,
                keys: all.keys,
            })
        });
        Ok(pending.chain(unreadable).collect())
    }

    /// Notes that these notices were sent.
    ///
    /// Repeating this is safe because what is gone stays gone. Whoever dies in between leaves the
    /// first dispatch of a notice, which its id comes from, until the last.
    pub async fn note_sent(&self, sent: Vec<Pending>) -> Result<(), StoreError> {
        let keys = sent
            .into_iter()
            .flat_map(|sent| sent.keys.into_iter().rev());
        let keys: Vec<Key> = keys.collect();
        for some in keys.chunks(AT_ONCE) {
            self.batch_delete(&self.tables.dispatches, some.to_vec())
                .await?;
        }
        Ok(())
    }
}

/// The dispatches of a webhook that were exhausted in a minute.
#[derive(Default)]
struct Exhausted {
    keys: Vec<Key>,
    /// The first of them.
    dispatches: Vec<DispatchId>,
    trace: Option<TraceContext>,
}

impl Exhausted {
    fn add(&mut self, key: Key, dispatch: DispatchId, trace: Option<TraceContext>) {
        if self.keys.is_empty() {
            self.trace = trace;
        }
        self.keys.push(key);
        if self.dispatches.len() < MOST_DISPATCHES {
            self.dispatches.push(dispatch);
        }
    }
}

/// What one notice tells of.
type OfMinute = (Minute, UserId, WebhookId);

/// Which dispatch was exhausted, and when.
fn exhausted(item: &Item) -> Result<(OfMinute, DispatchId, Option<TraceContext>), StoreError> {
    let error = StoreError::item("exhausted dispatch");
    let text = |name| attribute::text(item, name);
    let user = UserId::parse(text(USER)?).map_err(&error)?;
    let webhook = WebhookId::parse(text(WEBHOOK)?).map_err(&error)?;
    let dispatch =
        DispatchId::parse(text(DISPATCH)?).map_err(StoreError::item("exhausted dispatch"))?;
    let at = Timestamp::from_millis(attribute::number(item, super::AT)?);
    let at = at.ok_or_else(|| StoreError::item("exhausted dispatch")("it is of no time"))?;
    let trace = item.get(TRACEPARENT).and_then(|trace| trace.as_s().ok());
    let trace = trace.and_then(|trace| TraceContext::parse(trace));
    Ok(((Minute::of(at), user, webhook), dispatch, trace))
}

fn keyless() -> StoreError {
    StoreError::item("exhausted dispatch")("it has no key")
}

fn string(text: &str) -> AttributeValue {
    AttributeValue::S(text.to_owned())
}
