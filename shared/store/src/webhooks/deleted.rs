//! What a deleted webhook leaves behind in lists: where its dispatches are in time, so that a list
//! looks for them only where they may be.

use domain::dispatch_id::{DispatchId, Partition};
use domain::timestamp::Timestamp;
use domain::webhook::Webhook;
use futures::future::try_join_all;

use super::entry::{Entry, Kind, Remains};
use crate::Store;
use crate::error::StoreError;
use crate::table::attribute;
use crate::table::key;

impl Store {
    /// The entry of a webhook that is being deleted; `None` if it has no dispatches, so that lists
    /// need not look for them.
    pub(crate) async fn deleted_entry(
        &self,
        webhook: &Webhook,
    ) -> Result<Option<Entry>, StoreError> {
        let (user, id) = (&webhook.user, &webhook.id);
        let (first, last, counted) = futures::try_join!(
            self.outermost(webhook, false),
            self.outermost(webhook, true),
            self.counted(user, std::iter::once(id)),
        )?;
        let (Some(first), Some(last)) = (first, last) else {
            return Ok(None);
        };
        let remains = Remains {
            dispatches: counted.get(id).copied().unwrap_or_default(),
            first,
            last,
        };
        Ok(Some(Entry {
            kind: Kind::Deleted(remains),
            ..Entry::of(webhook)
        }))
    }

    /// The time of a webhook's oldest or newest dispatch.
    async fn outermost(
        &self,
        webhook: &Webhook,
        newest: bool,
    ) -> Result<Option<Timestamp>, StoreError> {
        let partitions = Partition::of_webhook(&webhook.id, webhook.spread.keys());
        let times = try_join_all(partitions.map(async |partition| {
            let partition = key::dispatches(&webhook.user, &partition);
            self.outermost_in(&partition, newest).await
        }));
        let times = times.await?.into_iter().flatten();
        Ok(if newest { times.max() } else { times.min() })
    }

    async fn outermost_in(
        &self,
        partition: &str,
        newest: bool,
    ) -> Result<Option<Timestamp>, StoreError> {
        let answer = self
            .query_dispatches(partition)
            .projection_expression("id")
            .scan_index_forward(!newest)
            .limit(1)
            .send()
            .await
            .map_err(StoreError::call("list dispatches"))?;
        let items = answer.items.unwrap_or_default();
        let id = items.first().map(|item| attribute::text(item, "id"));
        let id = id.transpose()?.map(DispatchId::parse).transpose();
        let id = id.map_err(StoreError::item("dispatch"))?;
        Ok(id.map(|id| id.created_at()))
    }
}
