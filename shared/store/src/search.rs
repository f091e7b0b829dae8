//! Dispatches that are something in particular: the list is read from one end, or from where the last page ended, and what is not wanted is
//! passed over. So many are looked at and no more, however many there are: a page may be short, and says where to go on.

use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use aws_sdk_dynamodb::types::AttributeValue;
use domain::dispatch::Dispatch;
use domain::dispatch_filter::DispatchFilter;
use domain::dispatch_id::{AD_HOC_SHARDS, DispatchId, Partition};
use domain::id::{RunId, UserId};
use domain::timestamp::Timestamp;
use domain::webhook::{Lifetime, Webhook};

use crate::batch::Item;
use crate::dispatches::{LARGEST_PAGE, Page, length};
use crate::error::StoreError;
use crate::key::{self, Key};
use crate::merge::Merged;
use crate::{Store, dispatch_item};

/// How many dispatches are looked at for one page.
pub const MOST_LOOKED_AT: usize = 1000;
/// How many are read at once.
const AT_ONCE: usize = 50;

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
        if webhook.lifetime == Lifetime::AdHoc {
            let whole = Page {
                offset: 0,
                limit: usize::MAX,
                newest_first: false,
            };
            let all = self.dispatches_of_webhook(webhook, 0, whole).await?;
            return Ok(Sieve::new(search, page).all(all.items));
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
                sieve.take(dispatch_item::read(item)?);
            }
            start = answer.last_evaluated_key;
            if start.is_none() || sieve.is_full() {
                return Ok(sieve.found(start.is_some()));
            }
        }
    }

    /// All of a user's dispatches, by the time of their events.
    pub async fn search_user(
        &self,
        user: &UserId,
        search: &Search,
        page: Page,
    ) -> Result<FoundDispatches, StoreError> {
        if let Some(run) = &search.filter.run {
            let all = self.dispatches_of_run(user, run).await?;
            return Ok(Sieve::new(search, page).all(all));
        }
        let entries = self.entries_with_deleted(user).await?;
        let query =
            |partition: &Partition| self.query_between(user, partition, search, page.newest_first);
        let standing = entries
            .iter()
            .map(|entry| entry.source(query(&Partition::Webhook(entry.id.clone()))));
        let ad_hoc = (0..AD_HOC_SHARDS)
            .map(|shard| crate::merge::Source::uncounted(query(&Partition::AdHoc(shard))));
        let mut sieve = Sieve::new(search, page);
        let first = Page {
            offset: 0,
            limit: sieve.at_once(),
            newest_first: page.newest_first,
        };
        let mut merged = Merged::open(standing.chain(ad_hoc).collect(), first).await?;
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

/// What is left of the dispatches that were looked at.
struct Sieve<'s> {
    search: &'s Search,
    page: Page,
    passed: usize,
    looked_at: usize,
    bytes: usize,
    last: Option<DispatchId>,
    items: Vec<Dispatch>,
}

impl<'s> Sieve<'s> {
    fn new(search: &'s Search, page: Page) -> Self {
        Self {
            search,
            page,
            passed: 0,
            looked_at: 0,
            bytes: 0,
            last: None,
            items: Vec::new(),
        }
    }

    /// How many are to be read next.
    fn at_once(&self) -> usize {
        let left = MOST_LOOKED_AT.saturating_sub(self.looked_at);
        let wanted = match self.search.filter.is_empty() {
            true => self
                .page
                .end()
                .saturating_sub(self.looked_at)
                .saturating_add(1),
            false => AT_ONCE,
        };
        wanted.min(AT_ONCE).min(left).max(1)
    }

    fn is_full(&self) -> bool {
        self.items.len() >= self.page.limit
            || self.looked_at >= MOST_LOOKED_AT
            || self.bytes > LARGEST_PAGE
    }

    /// Something that is there no more.
    fn pass(&mut self, id: &DispatchId) {
        if !self.is_full() {
            self.looked_at += 1;
            self.last = Some(id.clone());
        }
    }

    fn take(&mut self, dispatch: Dispatch) {
        if self.is_full() || self.search.after.as_ref() == Some(&dispatch.id) {
            return;
        }
        self.looked_at += 1;
        self.last = Some(dispatch.id.clone());
        if !self.search.filter.lets_pass(&dispatch) {
            return;
        }
        if self.passed < self.page.offset {
            self.passed += 1;
            return;
        }
        self.bytes += length(&dispatch);
        self.items.push(dispatch);
    }

    /// What was found; `has_more` tells whether something was not read.
    fn found(self, has_more: bool) -> FoundDispatches {
        let is_full = self.is_full();
        FoundDispatches {
            more_after: self.last.filter(|_| has_more || is_full),
            items: self.items,
        }
    }

    /// What is found in a whole list, the oldest first.
    fn all(mut self, mut all: Vec<Dispatch>) -> FoundDispatches {
        if self.page.newest_first {
            all.reverse();
        }
        let search = self.search;
        let is_behind = |id: &DispatchId| match &search.after {
            Some(after) if self.page.newest_first => place(id) < place(after),
            Some(after) => place(id) > place(after),
            None => true,
        };
        all.retain(|dispatch| {
            let at = dispatch.id.created_at();
            search.since.is_none_or(|since| at >= since)
                && search.until.is_none_or(|until| at < until)
                && is_behind(&dispatch.id)
        });
        let last = all.last().map(|dispatch| dispatch.id.clone());
        for dispatch in all {
            self.take(dispatch);
        }
        let has_more = self.last != last;
        let found = self.found(has_more);
        FoundDispatches {
            more_after: found.more_after.filter(|_| has_more),
            ..found
        }
    }
}

/// Where a dispatch stands in a list.
fn place(id: &DispatchId) -> (Timestamp, &str, &DispatchId) {
    (id.created_at(), id.hash(), id)
}
