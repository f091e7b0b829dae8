//! Notices ([`domain::notice`]), from the change that they tell of to the queue.
//!
//! The change writes its notice down in the same transaction ([`Store::put_notice`]), where it
//! waits among all that were not sent yet. The sweeper reads those ([`pending`]), lays each where
//! its owner can read it ([`told`]), sends it, and takes it away. So nobody who delivers waits for
//! the notice queue, and what cannot be sent now is sent later.
//!
//! Exhausted dispatches are told of together, all of a webhook's and a minute's: each leaves an
//! item of its own, so that those who write them do not meet. When the minute is over, the sweeper
//! [counts](exhausted) them.

pub(crate) mod exhausted;
pub(crate) mod pending;
pub(crate) mod told;

use aws_sdk_dynamodb::types::{AttributeValue, TransactWriteItem};
use domain::notice::{KEPT, Notice};
use domain::timestamp::Timestamp;

use crate::Store;
use crate::error::StoreError;
use crate::table::key::Key;

/// The attribute that has a notice as JSON.
const NOTICE: &str = "notice";

impl Store {
    /// What has a notice sent, as a part of the transaction that makes its change.
    pub(crate) fn put_notice(&self, notice: &Notice) -> Result<TransactWriteItem, StoreError> {
        let json = notice.to_json().map_err(StoreError::item("notice"))?;
        let mut item = Key::notice(notice).attributes();
        item.insert(NOTICE.to_owned(), AttributeValue::S(json));
        item.insert("ttl".to_owned(), expiry(notice.created_at));
        self.put_in(&self.tables.dispatches, item)
    }
}

/// When a notice is of no use any more, sent or not, in seconds of the epoch.
fn expiry(at: Timestamp) -> AttributeValue {
    AttributeValue::N(at.after(KEPT).as_seconds().to_string())
}
