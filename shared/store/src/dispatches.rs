//! Reading dispatches, page by page.

use aws_sdk_dynamodb::types::{AttributeValue, Select};
use domain::condition::Condition;
use domain::dispatch::Dispatch;
use domain::dispatch_id::{DispatchId, Partition};
use domain::id::UserId;
use domain::webhook::{Lifetime, Webhook};

use crate::batch::Item;
use crate::error::StoreError;
use crate::key::{self, DISPATCH, Key};
use crate::match_document::{self, fired_name};
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
    pub async fn dispatches(
        &self,
        webhook: &Webhook,
        page: Page,
    ) -> Result<DispatchPage, StoreError> {
        match (webhook.lifetime, &webhook.condition) {
            (Lifetime::AdHoc, Condition::Run(_)) => self.dispatch_of_ad_hoc(webhook, page).await,
            _ => self.dispatches_of_standing(webhook, page).await,
        }
    }

    /// An ad hoc webhook has one dispatch at most, and its run's match document knows which.
    async fn dispatch_of_ad_hoc(
        &self,
        webhook: &Webhook,
        page: Page,
    ) -> Result<DispatchPage, StoreError> {
        let document = match_document::key_of(webhook);
        let found = self
            .batch_get(vec![(&self.tables.webhooks, document.clone())])
            .await?;
        let fired = found
            .get(&document)
            .and_then(|document| document.get(&fired_name(&webhook.id))?.as_s().ok().cloned());
        let dispatch = match fired {
            Some(id) => {
                self.dispatch(
                    &webhook.user,
                    &DispatchId::parse(&id).map_err(StoreError::item("dispatch"))?,
                )
                .await?
            }
            None => None,
        };
        let total = usize::from(dispatch.is_some());
        Ok(DispatchPage {
            total,
            items: dispatch
                .into_iter()
                .skip(page.offset)
                .take(page.limit)
                .collect(),
        })
    }

    async fn dispatches_of_standing(
        &self,
        webhook: &Webhook,
        page: Page,
    ) -> Result<DispatchPage, StoreError> {
        let partition = key::dispatches(&webhook.user, &Partition::Webhook(webhook.id.clone()));
        let (total, items) =
            futures::try_join!(self.count(&partition), self.page(&partition, page))?;
        let items = items
            .into_iter()
            .map(dispatch_item::read)
            .collect::<Result<_, _>>()?;
        Ok(DispatchPage { total, items })
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

    async fn page(&self, partition: &str, page: Page) -> Result<Vec<Item>, StoreError> {
        let last = page.offset.saturating_add(page.limit);
        let query = self
            .query_dispatches(partition)
            .scan_index_forward(!page.newest_first);
        let mut found = query
            .limit(i32::try_from(last).unwrap_or(i32::MAX).max(1))
            .into_paginator()
            .items()
            .send();
        let mut items = Vec::new();
        let mut place = 0;
        while place < last {
            let Some(item) = found.next().await else {
                break;
            };
            let item = item.map_err(StoreError::call("list dispatches"))?;
            if place >= page.offset {
                items.push(item);
            }
            place += 1;
        }
        Ok(items)
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
