//! What is told of ad hoc definitions that came to nothing. It is kept beside the event that
//! brought them, for as long.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use domain::ad_hoc::{Rejected, Rejection};
use domain::event::{Event, EventKey, SubjectId};
use domain::id::UserId;
use domain::timestamp::Timestamp;
use serde::{Deserialize, Serialize};

use crate::Store;
use crate::error::StoreError;
use crate::table::attribute;
use crate::table::batch::Item;
use crate::table::key::{self, Key, REJECTED};

/// The most events of a run of which this is read.
const MOST: i32 = 100;

#[derive(Serialize, Deserialize)]
struct RejectedItem {
    pk: String,
    sk: String,
    count: usize,
    reasons: Vec<ReasonItem>,
    ttl: i64,
}

/// Short names, because there may be many.
#[derive(Serialize, Deserialize)]
struct ReasonItem {
    #[serde(rename = "p", default, skip_serializing_if = "Option::is_none")]
    position: Option<usize>,
    #[serde(rename = "r")]
    reason: String,
}

impl Store {
    /// Notes what came to nothing of the definitions that this event has brought.
    ///
    /// Repeating this is safe because it notes the same.
    pub async fn note_rejected(
        &self,
        event: &Event,
        rejected: &Rejected,
        until: Timestamp,
    ) -> Result<(), StoreError> {
        let Key { pk, sk } =
            Key::rejected(&Key::event(&event.user, &event.subject.id(), &event.key()));
        let reason = |known: &Rejection| ReasonItem {
            position: known.position,
            reason: known.reason.clone(),
        };
        let item = RejectedItem {
            pk,
            sk,
            count: rejected.count,
            reasons: rejected.reasons.iter().map(reason).collect(),
            ttl: until.as_seconds(),
        };
        let item = serde_dynamo::to_item(item).map_err(StoreError::item("rejected definitions"))?;
        self.batch_put(&self.tables.dispatches, vec![item]).await
    }

    /// What came to nothing of the definitions that the events of a run have brought, by the sort
    /// keys of the events.
    pub(crate) async fn rejected_of(
        &self,
        user: &UserId,
        subject: &SubjectId,
    ) -> Result<HashMap<String, Rejected>, StoreError> {
        let found = self
            .client
            .query()
            .table_name(&self.tables.dispatches)
            .key_condition_expression("pk = :pk AND begins_with(sk, :sk)")
            .expression_attribute_values(":pk", AttributeValue::S(key::events(user, subject)))
            .expression_attribute_values(":sk", AttributeValue::S(REJECTED.to_owned()))
            .consistent_read(true)
            .limit(MOST)
            .send()
            .await
            .map_err(StoreError::call("read rejected definitions"))?;
        found
            .items
            .unwrap_or_default()
            .into_iter()
            .map(read)
            .collect()
    }
}

fn read(item: Item) -> Result<(String, Rejected), StoreError> {
    let event = attribute::text(&item, "sk")?.to_owned();
    let item: RejectedItem =
        serde_dynamo::from_item(item).map_err(StoreError::item("rejected definitions"))?;
    let reason = |known: ReasonItem| Rejection {
        position: known.position,
        reason: known.reason,
    };
    let rejected = Rejected {
        count: item.count,
        reasons: item.reasons.into_iter().map(reason).collect(),
    };
    Ok((event, rejected))
}

/// What is told beside this event.
pub(crate) fn sort_key_of(user: &UserId, subject: &SubjectId, event: &EventKey) -> String {
    Key::rejected(&Key::event(user, subject, event)).sk
}
