//! What is to be told and was not sent yet, as the sweeper takes it.

use domain::notice::Notice;

use super::told::read;
use crate::Store;
use crate::error::StoreError;
use crate::table::batch::Item;
use crate::table::key::{self, Key, NOTICE};

/// The most notices of a shard that are read at a time.
const MOST: i32 = 1000;

impl Store {
    /// The oldest of a shard's notices that were not sent yet, 1,000 at most. One that cannot be
    /// read holds up no other.
    pub async fn pending_notices(
        &self,
        shard: u8,
    ) -> Result<Vec<Result<Notice, StoreError>>, StoreError> {
        let found = self
            .query_prefix(&self.tables.dispatches, &key::notices(shard), NOTICE)
            .limit(MOST)
            .send()
            .await
            .map_err(StoreError::call("read notices"))?;
        let items: Vec<Item> = found.items.unwrap_or_default();
        Ok(items.iter().map(read).collect())
    }

    /// Notes that these notices were sent.
    ///
    /// Repeating this is safe because what is gone stays gone.
    pub async fn note_sent(&self, sent: &[&Notice]) -> Result<(), StoreError> {
        let keys = sent.iter().map(|notice| Key::notice(notice));
        self.batch_delete(&self.tables.dispatches, keys.collect())
            .await
    }
}
