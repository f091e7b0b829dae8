//! Dispatches that are something in particular: the list is read from one end, or from where the
//! last page ended, and what is not wanted is passed over. So many are looked at and no more,
//! however many there are: a page may be short, and says where to go on.

mod sieve;

use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use aws_sdk_dynamodb::types::AttributeValue;
use domain::condition::Condition;
use domain::dispatch::Dispatch;
use domain::dispatch_filter::DispatchFilter;
use domain::dispatch_id::{DispatchId, Partition};
use domain::id::{RunId, UserId};
use domain::timestamp::Timestamp;
use domain::webhook::Webhook;

use super::item;
use super::merge::{Merged, Source};
use super::page::Page;
use crate::Store;
use crate::error::StoreError;
use crate::table::batch::Item;
use crate::table::key::{self, Key};
use sieve::{Sieve, place};

/// How many dispatches are looked at for one page.
pub const MOST_LOOKED_AT: usize = 1000;

/// What is looked for.
#[derive(Clone, Debug, Default)]
pub struct Search {
    /// What they must be.
    pub filter: DispatchFilter,
    /// Not of earlier events.
    pub since: Option<Timestamp>,
    /// Only of earlier events.
    pub until: Option<Timestamp>,
    /// Those behind this one, in the order of the list.
    pub after: Option<DispatchId>,
}

/// A part of a list.
#[derive(Clone, Debug, Default)]
pub struct FoundDispatches {
    /// What was found.
    pub items: Vec<Dispatch>,
    /// Behind which there may be more.
    pub more_after: Option<DispatchId>,
}

impl Store {
    /// A webhook's dispatches, by the time of their events.
    pub async fn search_webhook(
        &self,
        webhook: &Webhook,
        search: &Search,
        page: Page,
    ) -> Result<FoundDispatches, StoreError> {
        if let Some(run) = &search.filter.run {
            let mut all = self.dispatches_of_run(&webhook.user, run).await?;
            all.retain(|dispatch| dispatch.webhook == webhook.id);
            return Ok(Sieve::new(search, page).all(all));
        }
        if webhook.lifetime.is_ad_hoc() {
            let whole = Page {
                offset: 0,
                limit: usize::MAX,
                newest_first: false,
            };
            let all = self.dispatches_of_webhook(webhook, 0, whole).await?;
            return Ok(Sieve::new(search, page).all(all.items));
        }
        if webhook.spread.keys() > 1 {
            let partitions = Partition::of_webhook(&webhook.id, webhook.spread.keys());
            let sources = partitions.map(|partition| {
                let query =
                    self.query_between(&webhook.user, &partition, search, page.newest_first);
                Source::counted(query, webhook.id.clone())
            });
            return self
                .sift(&webhook.user, sources.collect(), search, page)
                .await;
        }
        let partition = Partition::Webhook(webhook.id.clone());
        let query = self.query_between(&webhook.user, &partition, search, page.newest_first);
        let mut sieve = Sieve::new(search, page);
        let mut start = None;
        loop {
            let at_once = i32::try_from(sieve.at_once()).unwrap_or(i32::MAX);
            let query = query.clone().limit(at_once).set_exclusive_start_key(start);
            let answer = query.send().await;
            let answer = answer.map_err(StoreError::call("search dispatches"))?;
            let items: Vec<Item> = answer.items.unwrap_or_default();
            for item in items {
                sieve.take(item::read(item)?);
            }
            start = answer.last_evaluated_key;
            if start.is_none() || sieve.is_full() {
                return Ok(sieve.found(start.is_some()));
            }
        }
    }

    /// All of a user's dispatches, by the time of their events; or only those of the webhooks with
    /// this condition, which must be an actor or a task.
    pub async fn search_user(
        &self,
        user: &UserId,
        condition: Option<&Condition>,
        search: &Search,
        page: Page,
    ) -> Result<FoundDispatches, StoreError> {
        if let Some(run) = &search.filter.run {
            let mut all = self.dispatches_of_run(user, run).await?;
            if let Some(condition) = condition {
                let entries = self.entries_with_condition(user, condition).await?;
                let is_of = |dispatch: &Dispatch| {
                    let mut entries = entries.iter();
                    entries.any(|entry| entry.id == dispatch.webhook)
                };
                all.retain(is_of);
            }
            return Ok(Sieve::new(search, page).all(all));
        }
        let query =
            |partition: &Partition| self.query_between(user, partition, search, page.newest_first);
        let sources = self.sources_of_user(user, condition, query).await?;
        self.sift(user, sources, search, page).await
    }

    /// What several partitions, merged, have of what is looked for.
    async fn sift(
        &self,
        user: &UserId,
        sources: Vec<Source>,
        search: &Search,
        page: Page,
    ) -> Result<FoundDispatches, StoreError> {
        let mut sieve = Sieve::new(search, page);
        let first = Page {
            offset: 0,
            limit: sieve.at_once(),
            newest_first: page.newest_first,
        };
        let mut merged = Merged::open(sources, first).await?;
        loop {
            let asked = sieve.at_once();
            let part = Page {
                limit: asked,
                ..first
            };
            let ids = merged.page(part).await?;
            let mut found = self.dispatches_by_id(user, ids.iter().cloned()).await?;
            for id in &ids {
                match found.remove(id) {
                    Some(dispatch) => sieve.take(dispatch),
                    None => sieve.pass(id),
                }
            }
            let has_more = ids.len() == asked;
            if !has_more || sieve.is_full() {
                return Ok(sieve.found(has_more));
            }
        }
    }

    /// The dispatches that the events of a run have made, the oldest first.
    async fn dispatches_of_run(
        &self,
        user: &UserId,
        run: &RunId,
    ) -> Result<Vec<Dispatch>, StoreError> {
        let history = self.run_history(user, run).await?;
        let mut all: Vec<Dispatch> = history.dispatches.into_values().collect();
        all.sort_by(|one, other| place(&one.id).cmp(&place(&other.id)));
        Ok(all)
    }

    fn query_between(
        &self,
        user: &UserId,
        partition: &Partition,
        search: &Search,
        newest_first: bool,
    ) -> QueryFluentBuilder {
        let after = search.after.as_ref().map(|id| Key::dispatch(user, id).sk);
        let (mut from, mut to) = (
            search.since.map(key::dispatches_from),
            search.until.map(key::dispatches_from),
        );
        // The one that is known itself is dropped: there is no range without its end.
        match newest_first {
            true => to = [to, after].into_iter().flatten().min(),
            false => from = from.max(after),
        }
        let (from, to) = (
            from.unwrap_or_else(|| key::DISPATCH.to_owned()),
            to.unwrap_or_else(key::behind_dispatches),
        );
        self.client
            .query()
            .table_name(&self.tables.dispatches)
            .key_condition_expression("pk = :pk AND sk BETWEEN :from AND :to")
            .expression_attribute_values(":pk", AttributeValue::S(key::dispatches(user, partition)))
            .expression_attribute_values(":from", AttributeValue::S(from.min(to.clone())))
            .expression_attribute_values(":to", AttributeValue::S(to))
            .scan_index_forward(!newest_first)
            .consistent_read(true)
    }
}
