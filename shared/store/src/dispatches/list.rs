//! Reading dispatches, page by page.
//!
//! A webhook's dispatches lie in one partition, in the order of their events; those of a busy one
//! in several, merged. All of a user's are the partitions of all webhooks, merged: heavier for a
//! rare call, free for every delivery.

use std::collections::HashMap;

use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use domain::condition::Condition;
use domain::dispatch::Dispatch;
use domain::dispatch_id::{DispatchId, Partition};
use domain::id::UserId;
use domain::webhook::Webhook;

use super::item;
use super::merge::{Merged, Source};
use super::page::{LARGEST_PAGE, Page, at_least, length};
use crate::Store;
use crate::error::StoreError;
use crate::table::batch::Item;
use crate::table::key::{self, DISPATCH, Key};

/// How far behind the last dispatch that was counted a page may begin and still be read: counts can
/// be too low, but not by much.
const UNCOUNTED: usize = 1000;
/// How many records of a merged list are wanted at once, once it is known which.
const AT_ONCE: usize = 50;
/// How many records one call reads before it is known how long they are, and how many bytes of them
/// afterwards.
const FIRST: usize = 10;
const READ_AT_ONCE: usize = 1_000_000;

/// A part of a list.
#[derive(Clone, Debug, Default)]
pub struct DispatchPage {
    /// How many there are in all: exactly, where the page comes to the end of the list; else as
    /// many as were counted, those whose records have expired too, and more than the page and what
    /// is before it.
    pub total: usize,
    /// Those that were asked for; fewer, if they are more than one answer carries.
    pub items: Vec<Dispatch>,
}

impl Store {
    /// A webhook's dispatches whose records have not expired, by the time of their events. So many
    /// were counted.
    pub async fn dispatches_of_webhook(
        &self,
        webhook: &Webhook,
        counted: usize,
        page: Page,
    ) -> Result<DispatchPage, StoreError> {
        if webhook.lifetime.is_ad_hoc() {
            return self.dispatches_of_ad_hoc(webhook, page).await;
        }
        if page.limit == 0 || page.offset > counted.saturating_add(UNCOUNTED) {
            return Ok(DispatchPage {
                total: counted,
                items: Vec::new(),
            });
        }
        if webhook.spread.keys() > 1 {
            return self.dispatches_of_spread(webhook, counted, page).await;
        }
        let partition = key::dispatches(&webhook.user, &Partition::Webhook(webhook.id.clone()));
        let query = self
            .query_dispatches(&partition)
            .scan_index_forward(!page.newest_first);
        read_through(query, counted, page).await
    }

    /// The same of a webhook with several keys: merged.
    async fn dispatches_of_spread(
        &self,
        webhook: &Webhook,
        counted: usize,
        page: Page,
    ) -> Result<DispatchPage, StoreError> {
        let user = &webhook.user;
        let partitions = Partition::of_webhook(&webhook.id, webhook.spread.keys());
        let sources = partitions.map(|partition| {
            let query = self.query_dispatches(&key::dispatches(user, &partition));
            Source::counted(query, webhook.id.clone())
        });
        let mut merged = Merged::open(sources.collect(), page).await?;
        let ids = merged.page(page).await?;
        let counted = HashMap::from([(webhook.id.clone(), counted)]);
        Ok(DispatchPage {
            total: merged.total_of(&counted).await?,
            items: self.records_of(user, &ids).await?,
        })
    }

    /// All of a user's dispatches whose records have not expired, by the time of their events; or
    /// only those of the webhooks with this condition, which must be an actor or a task.
    pub async fn dispatches_of_user(
        &self,
        user: &UserId,
        condition: Option<&Condition>,
        page: Page,
    ) -> Result<DispatchPage, StoreError> {
        // Those of a deleted webhook stay readable: its record is kept as long as theirs.
        let query =
            |partition: &Partition| self.query_dispatches(&key::dispatches(user, partition));
        let sources = self.sources_of_user(user, condition, query).await?;
        let mut merged = Merged::open(sources, page).await?;
        let ids = merged.page(page).await?;
        let total = merged.total(self, user).await?;
        Ok(DispatchPage {
            total,
            items: self.records_of(user, &ids).await?,
        })
    }

    /// A dispatch whose record has not expired.
    pub async fn dispatch(
        &self,
        user: &UserId,
        id: &DispatchId,
    ) -> Result<Option<Dispatch>, StoreError> {
        let key = Key::dispatch(user, id);
        let mut found = self
            .batch_get(vec![(&self.tables.dispatches, key.clone())])
            .await?;
        found.remove(&key).map(item::read).transpose()
    }

    /// The records of these dispatches in their order, as many as one answer carries.
    async fn records_of(
        &self,
        user: &UserId,
        ids: &[DispatchId],
    ) -> Result<Vec<Dispatch>, StoreError> {
        let (mut records, mut bytes) = (Vec::new(), 0);
        for part in ids.chunks(AT_ONCE) {
            let mut found = self.dispatches_by_id(user, part.iter().cloned()).await?;
            let found: Vec<_> = part.iter().filter_map(|id| found.remove(id)).collect();
            bytes += found.iter().map(length).sum::<usize>();
            records.extend(found);
            if bytes > LARGEST_PAGE {
                break;
            }
        }
        Ok(records)
    }

    /// Those of these dispatches whose record has not expired. Records can be two hundred times as
    /// long as most are, and on their way six times as long again: how many are read at once
    /// depends on those before.
    pub(crate) async fn dispatches_by_id(
        &self,
        user: &UserId,
        ids: impl Iterator<Item = DispatchId>,
    ) -> Result<HashMap<DispatchId, Dispatch>, StoreError> {
        let table = self.tables.dispatches.as_str();
        let keys: Vec<_> = ids.map(|id| (table, Key::dispatch(user, &id))).collect();
        let (mut rest, mut at_once) = (keys.as_slice(), FIRST);
        let (mut read, mut bytes) = (HashMap::new(), 0);
        while !rest.is_empty() {
            let (part, behind) = rest.split_at(at_once.min(rest.len()));
            rest = behind;
            for item in self.batch_get(part.to_vec()).await?.into_values() {
                let dispatch = item::read(item)?;
                bytes += length(&dispatch);
                read.insert(dispatch.id.clone(), dispatch);
            }
            let average = bytes / read.len().max(1) + 1;
            at_once = (READ_AT_ONCE / average).clamp(FIRST, 100);
        }
        Ok(read)
    }

    /// An ad hoc webhook's dispatches are known by name: the one that it has fired, and test
    /// deliveries.
    async fn dispatches_of_ad_hoc(
        &self,
        webhook: &Webhook,
        page: Page,
    ) -> Result<DispatchPage, StoreError> {
        let mut ids = self.dispatch_ids_of_ad_hoc(webhook).await?;
        ids.sort_by(|a, b| (a.created_at(), a.hash()).cmp(&(b.created_at(), b.hash())));
        if page.newest_first {
            ids.reverse();
        }
        // Records of the oldest may have expired. Of a list that can be read at once, those do not
        // count.
        if ids.len() <= 2 * AT_ONCE {
            let records = self.records_of(&webhook.user, &ids).await?;
            let total = records.len();
            let items = records.into_iter().skip(page.offset).take(page.limit);
            let items = items.collect();
            return Ok(DispatchPage { total, items });
        }
        let end = page.end().min(ids.len());
        let asked = ids.get(page.offset..end).unwrap_or_default();
        Ok(DispatchPage {
            total: ids.len(),
            items: self.records_of(&webhook.user, asked).await?,
        })
    }

    pub(crate) fn query_dispatches(&self, partition: &str) -> QueryFluentBuilder {
        self.query_prefix(&self.tables.dispatches, partition, DISPATCH)
    }
}

/// A page of what a query finds, and nothing that lies behind it.
async fn read_through(
    query: QueryFluentBuilder,
    counted: usize,
    page: Page,
) -> Result<DispatchPage, StoreError> {
    let (mut seen, mut bytes, mut items, mut start) = (0, 0, Vec::new(), None);
    loop {
        let answer = query
            .clone()
            .set_exclusive_start_key(start)
            .limit(i32::try_from(page.end() - seen).unwrap_or(i32::MAX))
            .send()
            .await
            .map_err(StoreError::call("list dispatches"))?;
        let found: Vec<Item> = answer.items.unwrap_or_default();
        let passed = page.offset.saturating_sub(seen).min(found.len());
        seen += found.len();
        for item in found.into_iter().skip(passed) {
            let dispatch = item::read(item)?;
            bytes += length(&dispatch);
            items.push(dispatch);
        }
        start = answer.last_evaluated_key;
        if start.is_none() {
            return Ok(DispatchPage { total: seen, items });
        }
        if seen >= page.end() || bytes > LARGEST_PAGE {
            let total = at_least(counted, seen);
            return Ok(DispatchPage { total, items });
        }
    }
}
