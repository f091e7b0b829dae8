//! Reading dispatches, page by page.
//!
//! A webhook's dispatches lie in one partition, in the order of their events. All of a user's are the partitions of all webhooks, merged:
//! heavier for a rare call, free for every delivery.

use aws_sdk_dynamodb::types::{AttributeValue, Select};
use domain::dispatch::Dispatch;
use domain::dispatch_id::{AD_HOC_SHARDS, DispatchId, Partition};
use domain::id::UserId;
use domain::webhook::{Lifetime, Webhook};
use futures::future::try_join_all;

use crate::error::StoreError;
use crate::key::{self, DISPATCH, Key};
use crate::merge::{Partitions, sort};
use crate::{Store, dispatch_item};

/// Which part of a list is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page {
    /// How many to pass over.
    pub offset: usize,
    /// How many to give at most.
    pub limit: usize,
    /// The newest first, instead of the oldest.
    pub newest_first: bool,
}

/// A part of a list.
#[derive(Clone, Debug)]
pub struct DispatchPage {
    /// How many there are in all.
    pub total: usize,
    /// Those that were asked for.
    pub items: Vec<Dispatch>,
}

impl Store {
    /// A webhook's dispatches whose records have not expired, by the time of their events.
    pub async fn dispatches_of_webhook(
        &self,
        webhook: &Webhook,
        page: Page,
    ) -> Result<DispatchPage, StoreError> {
        if webhook.lifetime == Lifetime::AdHoc {
            let mut all = self.dispatches_of_ad_hoc(webhook).await?;
            sort(&mut all, page.newest_first);
            return Ok(DispatchPage {
                total: all.len(),
                items: all.into_iter().skip(page.offset).take(page.limit).collect(),
            });
        }
        let partition = key::dispatches(&webhook.user, &Partition::Webhook(webhook.id.clone()));
        self.page_of(vec![partition], page).await
    }

    /// All of a user's dispatches whose records have not expired, by the time of their events.
    pub async fn dispatches_of_user(
        &self,
        user: &UserId,
        page: Page,
    ) -> Result<DispatchPage, StoreError> {
        // Those of a deleted webhook stay readable: its record is kept as long as theirs.
        let standing = self.standing_webhooks(user).await?;
        let standing = standing
            .into_iter()
            .map(|webhook| Partition::Webhook(webhook.id));
        let ad_hoc = (0..AD_HOC_SHARDS).map(Partition::AdHoc);
        let partitions = standing.chain(ad_hoc);
        let partitions = partitions.map(|partition| key::dispatches(user, &partition));
        self.page_of(partitions.collect(), page).await
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
        found.remove(&key).map(dispatch_item::read).transpose()
    }

    async fn page_of(
        &self,
        partitions: Vec<String>,
        page: Page,
    ) -> Result<DispatchPage, StoreError> {
        let counts = try_join_all(partitions.iter().map(|partition| self.count(partition)));
        let items = async {
            let open = partitions
                .iter()
                .map(|partition| self.query_dispatches(partition));
            let mut merged = Partitions::open(open.collect(), page).await?;
            merged.skip(page.offset).await?;
            merged.take(page.limit).await
        };
        let (counts, items) = futures::try_join!(counts, items)?;
        Ok(DispatchPage {
            total: counts.into_iter().sum(),
            items,
        })
    }

    async fn count(&self, partition: &str) -> Result<usize, StoreError> {
        let mut pages = self
            .query_dispatches(partition)
            .select(Select::Count)
            .into_paginator()
            .send();
        let mut total = 0;
        while let Some(page) = pages.next().await {
            let count = page.map_err(StoreError::call("count dispatches"))?.count;
            total += usize::try_from(count).unwrap_or(0);
        }
        Ok(total)
    }

    fn query_dispatches(
        &self,
        partition: &str,
    ) -> aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder {
        self.client
            .query()
            .table_name(&self.tables.dispatches)
            .key_condition_expression("pk = :pk AND begins_with(sk, :sk)")
            .expression_attribute_values(":pk", AttributeValue::S(partition.to_owned()))
            .expression_attribute_values(":sk", AttributeValue::S(DISPATCH.to_owned()))
            .consistent_read(true)
    }
}
