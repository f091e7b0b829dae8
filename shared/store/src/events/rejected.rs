//! What is told of ad hoc definitions that came to nothing. It is kept beside the event that
//! brought them, for as long.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::{AttributeValue, Put, TransactWriteItem};
use domain::ad_hoc::{Rejected, Rejection};
use domain::event::{Event, EventKey, SubjectId};
use domain::id::UserId;
use domain::notice::Notice;
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
    /// Notes what came to nothing of the definitions that this event has brought, and tells their
    /// owner.
    ///
    /// Repeating this is safe because what is noted already is not told again.
    pub async fn note_rejected(
        &self,
        event: &Event,
        rejected: &Rejected,
        (notice, until): (&Notice, Timestamp),
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
        let item: Item =
            serde_dynamo::to_item(item).map_err(StoreError::item("rejected definitions"))?;
        let mut put = Put::builder()
            .table_name(&self.tables.dispatches)
            .condition_expression("attribute_not_exists(pk) OR #reasons <> :reasons")
            .expression_attribute_names("#reasons", "reasons");
        if let Some(reasons) = item.get("reasons") {
            put = put.expression_attribute_values(":reasons", reasons.clone());
        }
        let put = put.set_item(Some(item)).build();
        let put = put.map_err(StoreError::item("rejected definitions"))?;
        let put = TransactWriteItem::builder().put(put).build();
        let changes = vec![put, self.put_notice(notice)?];
        // If not, it is noted already.
        let _ = self.transact("note rejected definitions", changes).await?;
        Ok(())
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
