//! Exhausted dispatches, from the items that they leave to the notice that counts them.
//!
//! A notice takes what it counts away in the transaction that writes it down. So each is counted by
//! one notice, which says the same whenever it is sent, whatever comes late.

use std::collections::{BTreeMap, HashMap};

use aws_sdk_dynamodb::types::{AttributeValue, Delete, TransactWriteItem, Update};
use domain::delivery_message::DeliveryMessage;
use domain::dispatch_id::DispatchId;
use domain::due::Minute;
use domain::id::{UserId, WebhookId};
use domain::notice::{Exhausted, MOST_DISPATCHES, Notice};
use domain::timestamp::Timestamp;
use domain::trace_context::TraceContext;

use super::expiry;
use crate::Store;
use crate::error::StoreError;
use crate::table::attribute;
use crate::table::batch::{Item, key_of};
use crate::table::key::{self, EXHAUSTED, Key};
use crate::table::transaction::Transaction;

/// The most items of a shard that are counted in one go: a sweep has little memory, and a partition
/// takes 500 changes a second within transactions.
const MOST: usize = 2000;
/// The most items that are counted in one transaction: it has room for 100 changes.
const AT_ONCE: usize = 99;

/// The attributes of an item. Where there are too many for one transaction, the first of them comes
/// to stand for others, too.
const USER: &str = "user";
const WEBHOOK: &str = "webhook";
const DISPATCHES: &str = "dispatches";
const ATTEMPT: &str = "attempt";
const COUNT: &str = "count";
const TRACEPARENT: &str = "traceparent";
const AT: &str = "at";

/// What one notice tells of.
type OfMinute = (Minute, UserId, WebhookId);

/// An item, and what it stands for.
struct Noted {
    key: Key,
    exhausted: Exhausted,
}

impl Store {
    /// What has it told that a dispatch was exhausted, as a part of the transaction that records
    /// its last attempt.
    pub(crate) fn put_exhausted(
        &self,
        message: &DeliveryMessage,
        trace: Option<&TraceContext>,
        at: Timestamp,
    ) -> Result<TransactWriteItem, StoreError> {
        let key = Key::exhausted(Minute::of(at), message);
        let mut item = key.attributes();
        let parts = [
            (USER, Some(string(message.user.as_str()))),
            (WEBHOOK, Some(string(message.webhook.as_str()))),
            (
                DISPATCHES,
                Some(list(std::slice::from_ref(&message.dispatch))),
            ),
            (ATTEMPT, Some(number(message.attempt))),
            (COUNT, Some(number(1))),
            (TRACEPARENT, trace.map(|trace| string(&trace.to_string()))),
            (AT, Some(number(at.as_millis()))),
            ("ttl", Some(expiry(at))),
        ];
        for (name, value) in parts {
            item.extend(value.map(|value| (name.to_owned(), value)));
        }
        self.put_in(&self.tables.dispatches, item)
    }

    /// Writes down the notices of a shard about dispatches that were exhausted before this minute:
    /// one for each webhook and minute, as long as these are no more than 2,000; the next time goes
    /// on with the others. Returns what was in the way; it holds up nothing else.
    ///
    /// Repeating this is safe, also by another sweep at the same time, because what is counted is
    /// gone.
    pub async fn count_exhausted(
        &self,
        shard: u8,
        before: Minute,
    ) -> Result<Vec<StoreError>, StoreError> {
        let mut found = self
            .query(&self.tables.dispatches, &key::exhausted_dispatches(shard))
            .key_condition_expression("pk = :pk AND sk BETWEEN :first AND :end")
            .expression_attribute_values(":first", string(EXHAUSTED))
            .expression_attribute_values(":end", string(&key::exhausted_from(before)))
            .into_paginator()
            .items()
            .send();
        let mut groups: BTreeMap<OfMinute, Vec<Noted>> = BTreeMap::new();
        let mut failures = Vec::new();
        for _ in 0..MOST {
            let Some(item) = found.next().await else {
                break;
            };
            let item = item.map_err(StoreError::call("read exhausted dispatches"))?;
            match read(&item) {
                Ok((of, noted)) => groups.entry(of).or_default().push(noted),
                Err(error) => failures.push(error),
            }
        }
        for (of, noted) in groups {
            failures.extend(self.count_together(&of, noted).await.err());
        }
        Ok(failures)
    }

    /// Counts these in one notice. What another sweep counts meanwhile is left to it.
    async fn count_together(&self, of: &OfMinute, mut noted: Vec<Noted>) -> Result<(), StoreError> {
        loop {
            let rest = noted.split_off(AT_ONCE.min(noted.len()));
            let Some((first, others)) = noted.split_first() else {
                return Ok(());
            };
            let all = sum(&noted);
            let mut changes = vec![if rest.is_empty() {
                self.take_away(first)?
            } else {
                self.stand_for(first, &all)?
            }];
            for other in others {
                changes.push(self.take_away(other)?);
            }
            if rest.is_empty() {
                let (minute, user, webhook) = of;
                let notice = Notice::exhausted((user, webhook), *minute, &all);
                changes.push(self.put_notice(&notice)?);
            }
            let operation = "count exhausted dispatches";
            if self.transact(operation, changes).await? == Transaction::Refused || rest.is_empty() {
                return Ok(());
            }
            let key = first.key.clone();
            noted = vec![Noted {
                key,
                exhausted: all,
            }];
            noted.extend(rest);
        }
    }

    /// The end of an item that stands for what was read, and no more.
    fn take_away(&self, noted: &Noted) -> Result<TransactWriteItem, StoreError> {
        let delete = Delete::builder()
            .table_name(&self.tables.dispatches)
            .set_key(Some(noted.key.attributes()))
            .condition_expression("#count = :read")
            .expression_attribute_names("#count", COUNT)
            .expression_attribute_values(":read", number(noted.exhausted.count))
            .build()
            .map_err(StoreError::item("exhausted dispatch"))?;
        Ok(TransactWriteItem::builder().delete(delete).build())
    }

    /// Has such an item stand for all of these.
    fn stand_for(&self, noted: &Noted, all: &Exhausted) -> Result<TransactWriteItem, StoreError> {
        let values = [
            (":read", number(noted.exhausted.count)),
            (":all", number(all.count)),
            (":dispatches", list(&all.dispatches)),
        ];
        let values = values.map(|(name, value)| (name.to_owned(), value));
        let update = Update::builder()
            .table_name(&self.tables.dispatches)
            .set_key(Some(noted.key.attributes()))
            .update_expression("SET #count = :all, #dispatches = :dispatches")
            .condition_expression("#count = :read")
            .expression_attribute_names("#count", COUNT)
            .expression_attribute_names("#dispatches", DISPATCHES)
            .set_expression_attribute_values(Some(HashMap::from(values)))
            .build()
            .map_err(StoreError::item("exhausted dispatches"))?;
        Ok(TransactWriteItem::builder().update(update).build())
    }
}

/// All of them together: what the first says, with the count of all.
fn sum(noted: &[Noted]) -> Exhausted {
    let all = noted.iter().map(|noted| &noted.exhausted);
    let dispatches = all.clone().flat_map(|some| &some.dispatches);
    let first = noted.first().map(|noted| &noted.exhausted);
    Exhausted {
        dispatches: dispatches.take(MOST_DISPATCHES).cloned().collect(),
        attempt: first.map_or(0, |first| first.attempt),
        count: all.map(|some| some.count).sum(),
        trace: first.and_then(|first| first.trace.clone()),
    }
}

/// Which dispatches were exhausted, and when.
fn read(item: &Item) -> Result<(OfMinute, Noted), StoreError> {
    let error = StoreError::item("exhausted dispatch");
    let text = |name| attribute::text(item, name);
    let user = UserId::parse(text(USER)?).map_err(&error)?;
    let webhook = WebhookId::parse(text(WEBHOOK)?).map_err(error)?;
    let at = Timestamp::from_millis(attribute::number(item, AT)?);
    let at = at.ok_or_else(|| StoreError::item("exhausted dispatch")("it is of no time"))?;
    let dispatches = item.get(DISPATCHES).and_then(|list| list.as_l().ok());
    let dispatches = dispatches.into_iter().flatten();
    let dispatches = dispatches.filter_map(|id| DispatchId::parse(id.as_s().ok()?).ok());
    let trace = item.get(TRACEPARENT).and_then(|trace| trace.as_s().ok());
    let exhausted = Exhausted {
        dispatches: dispatches.collect(),
        attempt: attribute::number(item, ATTEMPT)?,
        count: attribute::number(item, COUNT)?,
        trace: trace.and_then(|trace| TraceContext::parse(trace)),
    };
    let key =
        key_of(item).ok_or_else(|| StoreError::item("exhausted dispatch")("it has no key"))?;
    Ok(((Minute::of(at), user, webhook), Noted { key, exhausted }))
}

fn string(text: &str) -> AttributeValue {
    AttributeValue::S(text.to_owned())
}

fn number(number: impl ToString) -> AttributeValue {
    AttributeValue::N(number.to_string())
}

fn list(dispatches: &[DispatchId]) -> AttributeValue {
    let ids = dispatches.iter().map(|id| string(id.as_str()));
    AttributeValue::L(ids.collect())
}
