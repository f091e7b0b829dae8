//! Notices as a webhook's owner reads them.

use aws_sdk_dynamodb::types::AttributeValue;
use domain::dispatch_id::Partition;
use domain::id::{UserId, WebhookId};
use domain::notice::Notice;

use super::{NOTICE, expiry};
use crate::Store;
use crate::error::StoreError;
use crate::table::attribute;
use crate::table::batch::Item;
use crate::table::key::{self, Key, TOLD};

impl Store {
    /// Lays notices where their owners can read them: those that are of a webhook.
    ///
    /// Repeating this is safe because it writes the same again.
    pub async fn lay_out(&self, notices: &[&Notice]) -> Result<(), StoreError> {
        let items = notices
            .iter()
            .filter_map(|notice| written(notice).transpose());
        let items = items.collect::<Result<_, _>>()?;
        self.batch_put(&self.tables.dispatches, items).await
    }

    /// The last notices of a webhook, the newest first, at most so many.
    pub async fn notices(
        &self,
        user: &UserId,
        webhook: &WebhookId,
        most: usize,
    ) -> Result<Vec<Notice>, StoreError> {
        let partition = key::dispatches(user, &Partition::Webhook(webhook.clone()));
        let mut found = self
            .query_prefix(&self.tables.dispatches, &partition, TOLD)
            .scan_index_forward(false)
            .limit(i32::try_from(most).unwrap_or(i32::MAX))
            .into_paginator()
            .items()
            .send();
        let mut notices = Vec::new();
        while notices.len() < most
            && let Some(item) = found.next().await
        {
            notices.push(read(&item.map_err(StoreError::call("list notices"))?)?);
        }
        Ok(notices)
    }
}

/// The item of a notice; `None` if it is of no webhook.
fn written(notice: &Notice) -> Result<Option<Item>, StoreError> {
    let Some(webhook) = &notice.webhook_id else {
        return Ok(None);
    };
    let json = notice.to_json().map_err(StoreError::item("notice"))?;
    let mut item = Key::told(&notice.user_id, webhook, notice).attributes();
    item.insert(NOTICE.to_owned(), AttributeValue::S(json));
    item.insert("ttl".to_owned(), expiry(notice.created_at));
    Ok(Some(item))
}

/// The notice of an item.
pub(super) fn read(item: &Item) -> Result<Notice, StoreError> {
    Notice::from_json(attribute::text(item, NOTICE)?).map_err(StoreError::item("notice"))
}
