//! Several partitions of dispatches, read as one list in the order of time. No more is read of each than the list comes to.

use std::cmp::Ordering;

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::query::QueryError;
use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use aws_smithy_async::future::pagination_stream::PaginationStream;
use domain::dispatch::Dispatch;
use futures::future::try_join_all;

use crate::batch::Item;
use crate::dispatch_item;
use crate::dispatches::Page;
use crate::error::StoreError;

/// The least that one query reads: a partition is rarely worth a call for less.
const LEAST: usize = 25;

type Items = PaginationStream<Result<Item, SdkError<QueryError>>>;

/// Partitions that are being read.
pub(crate) struct Partitions {
    heads: Vec<Head>,
    /// The one that gave the last dispatch. It is read on only when another is wanted: that may be a call.
    behind: Option<Items>,
    newest_first: bool,
}

/// A partition, and what it gives next.
struct Head {
    next: Dispatch,
    rest: Items,
}

impl Partitions {
    /// Begins to read what these queries find.
    pub(crate) async fn open(
        queries: Vec<QueryFluentBuilder>,
        page: Page,
    ) -> Result<Self, StoreError> {
        let last = page.offset.saturating_add(page.limit);
        let at_once = last
            .div_ceil(queries.len().max(1))
            .max(LEAST)
            .min(last.max(1));
        let open = |query: QueryFluentBuilder| {
            let items = query
                .scan_index_forward(!page.newest_first)
                .limit(i32::try_from(at_once).unwrap_or(i32::MAX))
                .into_paginator()
                .items()
                .send();
            Head::of(items)
        };
        let heads = try_join_all(queries.into_iter().map(open)).await?;
        Ok(Self {
            heads: heads.into_iter().flatten().collect(),
            behind: None,
            newest_first: page.newest_first,
        })
    }

    /// Passes over so many.
    pub(crate) async fn skip(&mut self, many: usize) -> Result<(), StoreError> {
        for _ in 0..many {
            if self.next().await?.is_none() {
                break;
            }
        }
        Ok(())
    }

    /// The next so many.
    pub(crate) async fn take(&mut self, many: usize) -> Result<Vec<Dispatch>, StoreError> {
        let mut taken = Vec::new();
        while taken.len() < many {
            let Some(next) = self.next().await? else {
                break;
            };
            taken.push(next);
        }
        Ok(taken)
    }

    async fn next(&mut self) -> Result<Option<Dispatch>, StoreError> {
        if let Some(rest) = self.behind.take() {
            self.heads.extend(Head::of(rest).await?);
        }
        let newest_first = self.newest_first;
        let first = self
            .heads
            .iter()
            .enumerate()
            .min_by(|(_, a), (_, b)| order(&a.next, &b.next, newest_first))
            .map(|(place, _)| place);
        let Some(place) = first else {
            return Ok(None);
        };
        let Head { next, rest } = self.heads.swap_remove(place);
        self.behind = Some(rest);
        Ok(Some(next))
    }
}

impl Head {
    async fn of(mut items: Items) -> Result<Option<Self>, StoreError> {
        let Some(item) = items.next().await else {
            return Ok(None);
        };
        let next = dispatch_item::read(item.map_err(StoreError::call("list dispatches"))?)?;
        Ok(Some(Self { next, rest: items }))
    }
}

/// Puts dispatches into the order of a list.
pub(crate) fn sort(dispatches: &mut [Dispatch], newest_first: bool) {
    dispatches.sort_by(|a, b| order(a, b, newest_first));
}

/// By time, then in the order in which a partition has them.
fn order(a: &Dispatch, b: &Dispatch, newest_first: bool) -> Ordering {
    let (one, other) = (&a.id, &b.id);
    let oldest_first =
        (one.created_at(), one.hash(), one).cmp(&(other.created_at(), other.hash(), other));
    if newest_first {
        oldest_first.reverse()
    } else {
        oldest_first
    }
}
