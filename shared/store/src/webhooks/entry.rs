//! Entries of lists: a small item for each of a user's webhooks, in the order of time, so that a
//! list reads no definition that it does not show.
//!
//! Three kinds lie one behind the other: standing webhooks, deleted ones that have left dispatches
//! behind, and ad hoc ones. An entry leads to a definition and decides nothing: whoever reads one
//! looks whether the webhook is still what it says.

use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use aws_sdk_dynamodb::types::{AttributeValue, TransactWriteItem};
use domain::condition::Condition;
use domain::id::{RunId, UserId, WebhookId};
use domain::timestamp::Timestamp;
use domain::webhook::{Lifetime, Webhook, WebhookState};
use serde::{Deserialize, Serialize};

use super::item;
use crate::error::StoreError;
use crate::table::batch::Item;
use crate::table::key::{self, Key};
use crate::table::query::all_items;
use crate::table::transaction::delete;
use crate::{RUN_DOCUMENTS, Store};

/// How many of a user's ad hoc webhooks lists look at: the newest. Those that have fired are taken
/// out when a list comes upon them.
const AD_HOC: i32 = 1000;

/// A webhook in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) id: WebhookId,
    pub(crate) condition: Condition,
    pub(crate) created_at: Timestamp,
    /// How many keys its dispatches are spread over.
    pub(crate) keys: u8,
    pub(crate) kind: Kind,
}

/// What kind of webhook an entry stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Standing,
    /// A standing one that was deleted, with what it has left behind.
    Deleted(Remains),
    AdHoc(RunId),
}

/// The dispatches of a deleted webhook. No later one comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Remains {
    pub(crate) dispatches: usize,
    pub(crate) first: Timestamp,
    pub(crate) last: Timestamp,
}

#[derive(Serialize, Deserialize)]
struct EntryItem {
    pk: String,
    sk: String,
    webhook: WebhookId,
    condition: Condition,
    created_at: Timestamp,
    #[serde(default = "one", skip_serializing_if = "is_one")]
    keys: u8,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    remains: Option<Remains>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ttl: Option<i64>,
}

/// The keys of a webhook whose entry says nothing of them.
fn one() -> u8 {
    1
}

fn is_one(keys: &u8) -> bool {
    *keys == 1
}

impl Entry {
    /// The entry of a webhook that is in force.
    pub(crate) fn of(webhook: &Webhook) -> Self {
        Self {
            id: webhook.id.clone(),
            condition: webhook.condition.clone(),
            created_at: webhook.created_at,
            keys: webhook.spread.keys(),
            kind: match &webhook.lifetime {
                Lifetime::Standing => Kind::Standing,
                Lifetime::AdHoc(run) => Kind::AdHoc(run.clone()),
            },
        }
    }

    pub(crate) fn key(&self, user: &UserId) -> Key {
        let kind = match self.kind {
            Kind::Standing => key::STANDING,
            Kind::Deleted(_) => key::DELETED,
            Kind::AdHoc(_) => key::AD_HOC,
        };
        Key::entry(user, kind, self.created_at, &self.id)
    }

    /// Where the webhook is defined.
    pub(crate) fn definition(&self, user: &UserId) -> Key {
        let lifetime = match &self.kind {
            Kind::Standing | Kind::Deleted(_) => Lifetime::Standing,
            Kind::AdHoc(run) => Lifetime::AdHoc(run.clone()),
        };
        Key::definition(user, &lifetime, &self.id)
    }

    pub(crate) fn item(&self, user: &UserId, ttl: Option<i64>) -> Result<Item, StoreError> {
        let Key { pk, sk } = self.key(user);
        let remains = match self.kind {
            Kind::Deleted(remains) => Some(remains),
            Kind::Standing | Kind::AdHoc(_) => None,
        };
        let item = EntryItem {
            pk,
            sk,
            webhook: self.id.clone(),
            condition: self.condition.clone(),
            created_at: self.created_at,
            keys: self.keys,
            remains,
            ttl,
        };
        serde_dynamo::to_item(item).map_err(StoreError::item("list entry"))
    }
}

/// The entry of a webhook that is in force, as it is stored.
pub(crate) fn item_of(webhook: &Webhook) -> Result<Item, StoreError> {
    Entry::of(webhook).item(&webhook.user, item::expiry(webhook))
}

impl Store {
    /// A user's standing webhooks, the oldest first.
    pub(crate) async fn standing_entries(&self, user: &UserId) -> Result<Vec<Entry>, StoreError> {
        self.entries_up_to(user, key::STANDING).await
    }

    /// The same, and the deleted ones that have left dispatches behind.
    pub(crate) async fn entries_with_deleted(
        &self,
        user: &UserId,
    ) -> Result<Vec<Entry>, StoreError> {
        self.entries_up_to(user, key::DELETED).await
    }

    /// Of these, the webhooks with this condition.
    pub(crate) async fn entries_with_condition(
        &self,
        user: &UserId,
        condition: &Condition,
    ) -> Result<Vec<Entry>, StoreError> {
        let mut entries = self.entries_with_deleted(user).await?;
        entries.retain(|entry| entry.condition == *condition);
        Ok(entries)
    }

    /// A user's ad hoc webhooks, the newest first, and no more than lists look at. Some may have
    /// fired since.
    pub(crate) async fn ad_hoc_entries(&self, user: &UserId) -> Result<Vec<Entry>, StoreError> {
        let answer = self
            .query_entries(user, key::AD_HOC, key::AD_HOC)
            .scan_index_forward(false)
            .limit(AD_HOC)
            .send()
            .await
            .map_err(StoreError::call("list webhooks"))?;
        let items = answer.items.unwrap_or_default().into_iter();
        items.map(read).collect()
    }

    /// Takes an entry out, if it is there.
    pub(crate) fn drop_entry(
        &self,
        user: &UserId,
        entry: &Entry,
    ) -> Result<TransactWriteItem, StoreError> {
        delete(&self.tables.webhooks, &entry.key(user))
    }

    async fn entries_up_to(&self, user: &UserId, last: &str) -> Result<Vec<Entry>, StoreError> {
        let items = self.query_entries(user, key::COMPLETE, last);
        let items = all_items(items, "list webhooks").await?;
        let complete = Key::entries_complete(user).attributes();
        if items
            .first()
            .is_some_and(|item| item["sk"] == complete["sk"])
        {
            return items.into_iter().skip(1).map(read).collect();
        }
        // Boxed, because it is long and rare.
        Box::pin(self.complete(user)).await
    }

    /// Enters the standing webhooks of a user whose entries were never completed, which is so once
    /// for each user: some may have been defined before there were entries.
    ///
    /// Repeating this is safe because it writes the same entries again.
    async fn complete(&self, user: &UserId) -> Result<Vec<Entry>, StoreError> {
        let mut entries = Vec::new();
        for webhook in self.standing_webhooks(user).await? {
            if webhook.state != WebhookState::Removed {
                entries.push(Entry::of(&webhook));
            } else if let Some(deleted) = self.deleted_entry(&webhook).await? {
                entries.push(deleted);
            }
        }
        entries.sort_by(|a, b| (a.created_at, &a.id).cmp(&(b.created_at, &b.id)));
        let mut items = Vec::with_capacity(entries.len() + 1);
        for entry in &entries {
            // What is deleted is forgotten when the last of its dispatches may have been.
            let ttl = match entry.kind {
                Kind::Deleted(remains) => Some(remains.last.after(RUN_DOCUMENTS).as_seconds()),
                Kind::Standing | Kind::AdHoc(_) => None,
            };
            items.push(entry.item(user, ttl)?);
        }
        items.push(Key::entries_complete(user).attributes());
        self.batch_put(&self.tables.webhooks, items).await?;
        Ok(entries)
    }

    fn query_entries(&self, user: &UserId, first: &str, last: &str) -> QueryFluentBuilder {
        self.query(&self.tables.webhooks, &key::entries(user))
            .key_condition_expression("pk = :pk AND sk BETWEEN :first AND :last")
            .expression_attribute_values(":first", AttributeValue::S(first.to_owned()))
            .expression_attribute_values(":last", AttributeValue::S(format!("{last}~")))
    }
}

fn read(item: Item) -> Result<Entry, StoreError> {
    let item: EntryItem = serde_dynamo::from_item(item).map_err(StoreError::item("list entry"))?;
    let lifetime = Lifetime::of(item.sk.starts_with(key::AD_HOC), item.condition.run())
        .ok_or_else(|| {
            StoreError::item("list entry")("it is ad hoc, and its condition is no run")
        })?;
    let kind = match (item.remains, lifetime) {
        (Some(remains), _) => Kind::Deleted(remains),
        (None, Lifetime::AdHoc(run)) => Kind::AdHoc(run),
        (None, Lifetime::Standing) => Kind::Standing,
    };
    Ok(Entry {
        id: item.webhook,
        condition: item.condition,
        created_at: item.created_at,
        keys: item.keys,
        kind,
    })
}
