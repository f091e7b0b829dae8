//! Several partitions of dispatches, read as one list in the order of time. Only ids are merged,
//! and no more is read of each partition than the list comes to.

use std::cmp::Ordering;
use std::collections::{HashMap, VecDeque};

use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use aws_sdk_dynamodb::types::Select;
use domain::condition::Condition;
use domain::dispatch_id::{AD_HOC_SHARDS, DispatchId, Partition};
use domain::id::{UserId, WebhookId};
use futures::future::try_join_all;

use super::page::{Page, at_least};
use crate::Store;
use crate::error::StoreError;
use crate::table::attribute;
use crate::table::batch::Item;
use crate::webhooks::entry::{Entry, Kind, Remains};

/// The least that one query reads: a partition is rarely worth a call for less.
const LEAST: usize = 25;

/// A partition of dispatches.
pub(crate) struct Source {
    query: QueryFluentBuilder,
    size: Size,
}

/// What is known of how many dispatches are in a partition.
enum Size {
    /// The counter of a webhook knows.
    Counted(WebhookId),
    /// Those that are left of a deleted webhook.
    Deleted(Remains),
    /// Nothing.
    Uncounted,
}

impl Store {
    /// The partitions of all of a user's dispatches, or of those of the webhooks with this
    /// condition, which must be an actor or a task: ad hoc webhooks have neither.
    pub(crate) async fn sources_of_user(
        &self,
        user: &UserId,
        condition: Option<&Condition>,
        query: impl Fn(&Partition) -> QueryFluentBuilder,
    ) -> Result<Vec<Source>, StoreError> {
        let (entries, shards) = match condition {
            None => (self.entries_with_deleted(user).await?, AD_HOC_SHARDS),
            Some(condition) => (self.entries_with_condition(user, condition).await?, 0),
        };
        let standing = entries.iter().flat_map(|entry| entry.sources(&query));
        let ad_hoc = (0..shards).map(|shard| Source::uncounted(query(&Partition::AdHoc(shard))));
        Ok(standing.chain(ad_hoc).collect())
    }
}

/// Partitions that are being read.
pub(crate) struct Merged {
    open: Vec<Reader>,
    /// Those of which it is known that nothing in them comes before what is read now; the last is
    /// the next to be opened.
    closed: Vec<(Remains, Reader)>,
    /// The one that gave the last dispatch. It is read on only when another is wanted: that may be
    /// a call.
    behind: Option<usize>,
    newest_first: bool,
}

/// A partition, and how far it has been read.
struct Reader {
    source: Source,
    at_once: i32,
    ids: VecDeque<DispatchId>,
    seen: usize,
    rest: Rest,
}

enum Rest {
    Unread(Option<Item>),
    Ended,
}

impl Source {
    /// That of a webhook, or one of its several.
    pub(crate) fn counted(query: QueryFluentBuilder, webhook: WebhookId) -> Self {
        let size = Size::Counted(webhook);
        Self { query, size }
    }

    /// That of a webhook that is deleted.
    pub(crate) fn deleted(query: QueryFluentBuilder, remains: Remains) -> Self {
        let size = Size::Deleted(remains);
        Self { query, size }
    }

    /// One that nobody has counted.
    pub(crate) fn uncounted(query: QueryFluentBuilder) -> Self {
        let size = Size::Uncounted;
        Self { query, size }
    }
}

impl Entry {
    /// The partitions of this webhook, each of which `query` reads.
    pub(crate) fn sources(
        &self,
        query: impl Fn(&Partition) -> QueryFluentBuilder,
    ) -> impl Iterator<Item = Source> {
        let partitions = Partition::of_webhook(&self.id, self.keys);
        partitions.map(move |partition| {
            let query = query(&partition);
            match self.kind {
                // All of them were counted together: they are under the first key, so to say.
                Kind::Deleted(remains) if !matches!(partition, Partition::Webhook(_)) => {
                    let dispatches = 0;
                    Source::deleted(
                        query,
                        Remains {
                            dispatches,
                            ..remains
                        },
                    )
                }
                Kind::Deleted(remains) => Source::deleted(query, remains),
                Kind::Standing | Kind::AdHoc(_) => Source::counted(query, self.id.clone()),
            }
        })
    }
}

impl Merged {
    /// Begins to read these partitions.
    pub(crate) async fn open(sources: Vec<Source>, page: Page) -> Result<Self, StoreError> {
        let last = page.end();
        let at_once = last
            .div_ceil(sources.len().max(1))
            .max(LEAST)
            .min(last.max(1));
        let at_once = i32::try_from(at_once).unwrap_or(i32::MAX);
        let (mut open, mut closed) = (Vec::new(), Vec::new());
        for source in sources {
            let deleted = match source.size {
                Size::Deleted(remains) => Some(remains),
                Size::Counted(_) | Size::Uncounted => None,
            };
            let reader = Reader::of(source, at_once, page.newest_first);
            match deleted {
                Some(remains) => closed.push((remains, reader)),
                None => open.push(reader),
            }
        }
        closed.sort_by(|(a, _), (b, _)| {
            if page.newest_first {
                a.last.cmp(&b.last)
            } else {
                b.first.cmp(&a.first)
            }
        });
        try_join_all(open.iter_mut().map(Reader::read_on)).await?;
        Ok(Self {
            open,
            closed,
            behind: None,
            newest_first: page.newest_first,
        })
    }

    /// The ids of a page.
    pub(crate) async fn page(&mut self, page: Page) -> Result<Vec<DispatchId>, StoreError> {
        let mut ids = Vec::new();
        for place in 0..page.end() {
            match self.next().await? {
                Some(id) if place >= page.offset => ids.push(id),
                Some(_) => {}
                None => break,
            }
        }
        Ok(ids)
    }

    /// How many there are in all.
    pub(crate) async fn total(&self, store: &Store, user: &UserId) -> Result<usize, StoreError> {
        let unread = self.open.iter().filter(|reader| reader.is_unread());
        let webhooks = unread.filter_map(|reader| match &reader.source.size {
            Size::Counted(webhook) => Some(webhook),
            Size::Deleted(_) | Size::Uncounted => None,
        });
        self.total_of(&store.counted(user, webhooks).await?).await
    }

    /// The same, where it is known how many were counted of each webhook.
    pub(crate) async fn total_of(
        &self,
        counted: &HashMap<WebhookId, usize>,
    ) -> Result<usize, StoreError> {
        // What was counted of a webhook lies under all of its keys.
        let mut of_webhooks: HashMap<&WebhookId, (usize, bool)> = HashMap::new();
        let mut others = Vec::new();
        for reader in &self.open {
            match &reader.source.size {
                Size::Counted(webhook) => {
                    let (seen, is_unread) = of_webhooks.entry(webhook).or_default();
                    *seen += reader.seen;
                    *is_unread |= reader.is_unread();
                }
                Size::Deleted(_) | Size::Uncounted => others.push(reader.total()),
            }
        }
        let of_webhooks = of_webhooks.into_iter();
        let of_webhooks = of_webhooks.map(|(webhook, (seen, is_unread))| match is_unread {
            true => at_least(counted.get(webhook).copied().unwrap_or_default(), seen),
            false => seen,
        });
        let others: usize = try_join_all(others).await?.into_iter().sum();
        let open = of_webhooks.sum::<usize>() + others;
        let closed: usize = self
            .closed
            .iter()
            .map(|(remains, _)| remains.dispatches)
            .sum();
        Ok(open + closed)
    }

    async fn next(&mut self) -> Result<Option<DispatchId>, StoreError> {
        if let Some(behind) = self
            .behind
            .take()
            .and_then(|place| self.open.get_mut(place))
            && behind.ids.is_empty()
        {
            behind.read_on().await?;
        }
        // One after the other: each that is opened may make the others unnecessary.
        while self.must_open() {
            let Some((_, mut reader)) = self.closed.pop() else {
                break;
            };
            reader.read_on().await?;
            self.open.push(reader);
        }
        let Some(place) = self.first() else {
            return Ok(None);
        };
        self.behind = Some(place);
        let reader = self.open.get_mut(place);
        Ok(reader.and_then(|reader| reader.ids.pop_front()))
    }

    /// Whether something in the next closed partition may come before all that is open.
    fn must_open(&self) -> bool {
        let Some((remains, _)) = self.closed.last() else {
            return false;
        };
        let first = self
            .first()
            .and_then(|place| self.open.get(place)?.ids.front());
        first.is_none_or(|first| {
            if self.newest_first {
                remains.last >= first.created_at()
            } else {
                remains.first <= first.created_at()
            }
        })
    }

    /// Where the next dispatch is.
    fn first(&self) -> Option<usize> {
        let heads = self.open.iter().enumerate();
        let heads = heads.filter_map(|(place, reader)| Some((place, reader.ids.front()?)));
        let newest_first = self.newest_first;
        heads
            .min_by(|(_, a), (_, b)| order(a, b, newest_first))
            .map(|(place, _)| place)
    }
}

impl Reader {
    fn of(source: Source, at_once: i32, newest_first: bool) -> Self {
        let query = source
            .query
            .projection_expression("id")
            .scan_index_forward(!newest_first);
        Self {
            source: Source { query, ..source },
            at_once,
            ids: VecDeque::new(),
            seen: 0,
            rest: Rest::Unread(None),
        }
    }

    fn is_unread(&self) -> bool {
        matches!(self.rest, Rest::Unread(_))
    }

    async fn read_on(&mut self) -> Result<(), StoreError> {
        let Rest::Unread(start) = std::mem::replace(&mut self.rest, Rest::Ended) else {
            return Ok(());
        };
        let query = self.source.query.clone().limit(self.at_once);
        let answer = query.set_exclusive_start_key(start).send().await;
        let answer = answer.map_err(StoreError::call("list dispatches"))?;
        if let Some(key) = answer.last_evaluated_key {
            self.rest = Rest::Unread(Some(key));
        }
        for item in answer.items.unwrap_or_default() {
            let id = DispatchId::parse(attribute::text(&item, "id")?);
            self.ids
                .push_back(id.map_err(StoreError::item("dispatch"))?);
            self.seen += 1;
        }
        Ok(())
    }

    /// How many dispatches there are, but for what was counted of a webhook; of those that nobody
    /// has counted, as many as one more call sees.
    async fn total(&self) -> Result<usize, StoreError> {
        let Rest::Unread(start) = &self.rest else {
            return Ok(self.seen);
        };
        Ok(match &self.source.size {
            Size::Counted(_) => self.seen,
            Size::Deleted(remains) => at_least(remains.dispatches, self.seen),
            Size::Uncounted => {
                let query = self.source.query.clone().set_projection_expression(None);
                let query = query
                    .select(Select::Count)
                    .set_exclusive_start_key(start.clone());
                let answer = query.send().await;
                let answer = answer.map_err(StoreError::call("count dispatches"))?;
                self.seen + usize::try_from(answer.count).unwrap_or(0)
            }
        })
    }
}

/// By time, then in the order in which a partition has them.
fn order(one: &DispatchId, other: &DispatchId, newest_first: bool) -> Ordering {
    let oldest_first =
        (one.created_at(), one.hash(), one).cmp(&(other.created_at(), other.hash(), other));
    if newest_first {
        oldest_first.reverse()
    } else {
        oldest_first
    }
}
