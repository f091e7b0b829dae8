//! Notices ([`domain::notice`]), from the change that they tell of to the queue.
//!
//! The change writes its notice down in the same transaction ([`Store::put_notice`]), where it
//! waits among all that were not sent yet. The sweeper reads those ([`pending`]), lays each where
//! its owner can read it ([`told`]), sends it, and takes it away. So nobody who delivers waits for
//! the notice queue, and what cannot be sent now is sent later.
//!
//! Exhausted dispatches are told of together, all of a webhook's and a minute's: each leaves an
//! item of its own, so that those who write them do not meet.

pub(crate) mod pending;
pub(crate) mod told;

use aws_sdk_dynamodb::types::{AttributeValue, TransactWriteItem};
use domain::delivery_message::DeliveryMessage;
use domain::due::Minute;
use domain::notice::{KEPT, Notice};
use domain::timestamp::Timestamp;
use domain::trace_context::TraceContext;

use crate::Store;
use crate::error::StoreError;
use crate::table::key::Key;

/// The attributes of what is to be told.
const NOTICE: &str = "notice";
const USER: &str = "user";
const WEBHOOK: &str = "webhook";
const DISPATCH: &str = "dispatch";
const TRACEPARENT: &str = "traceparent";
const AT: &str = "at";

impl Store {
    /// What has a notice sent, as a part of the transaction that makes its change.
    pub(crate) fn put_notice(&self, notice: &Notice) -> Result<TransactWriteItem, StoreError> {
        let json = notice.to_json().map_err(StoreError::item("notice"))?;
        let mut item = Key::notice(&notice.id).attributes();
        item.insert(NOTICE.to_owned(), AttributeValue::S(json));
        item.insert("ttl".to_owned(), expiry(notice.created_at));
        self.put_in(&self.tables.dispatches, item)
    }

    /// What has it told that a dispatch was exhausted, as a part of the transaction that records
    /// its last attempt.
    pub(crate) fn put_exhausted(
        &self,
        message: &DeliveryMessage,
        trace: Option<&TraceContext>,
        at: Timestamp,
    ) -> Result<TransactWriteItem, StoreError> {
        let DeliveryMessage {
            user,
            webhook,
            dispatch,
            ..
        } = message;
        let mut item = Key::exhausted(Minute::of(at), message).attributes();
        let parts = [
            (USER, Some(user.to_string())),
            (WEBHOOK, Some(webhook.to_string())),
            (DISPATCH, Some(dispatch.to_string())),
            (TRACEPARENT, trace.map(ToString::to_string)),
        ];
        for (name, text) in parts {
            if let Some(text) = text {
                item.insert(name.to_owned(), AttributeValue::S(text));
            }
        }
        let millis = AttributeValue::N(at.as_millis().to_string());
        item.insert(AT.to_owned(), millis);
        item.insert("ttl".to_owned(), expiry(at));
        self.put_in(&self.tables.dispatches, item)
    }
}

/// When a notice is of no use any more, sent or not, in seconds of the epoch.
fn expiry(at: Timestamp) -> AttributeValue {
    AttributeValue::N(at.after(KEPT).as_seconds().to_string())
}
