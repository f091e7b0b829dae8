//! Defining a webhook through the API, standing or ad hoc.
//!
//! A webhook, its line in a match document and its idempotency key come to be in one transaction:
//! what the API shows is what is matched.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::{AttributeValue, TransactWriteItem};
use domain::condition::Condition;
use domain::webhook::{Lifetime, Webhook, WebhookState};

use super::entry;
use super::item;
use super::match_document::{self, entry_name, entry_of};
use super::register::pointer_item;
use crate::error::StoreError;
use crate::table::transaction::Transaction;
use crate::{RUN_DOCUMENTS, Store};

/// The most webhooks that a run's match document lists, those included that were deleted or have
/// fired: it must fit into an item, and every event of the run reads it.
const LISTED: usize = 1000;

/// What became of a new webhook.
#[must_use]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Created {
    /// It is in force.
    New,
    /// This one was made with the same idempotency key before; nothing was changed.
    Existing(Box<Webhook>),
    /// There are as many webhooks as allowed.
    TooMany,
}

/// How many webhooks there may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Standing ones of one user.
    pub standing_per_user: usize,
    /// Ad hoc ones of one run that can still fire.
    pub ad_hoc_per_run: usize,
}

impl Store {
    /// Defines a webhook, unless there are too many already, or its owner has used its idempotency
    /// key before.
    pub async fn create_webhook(
        &self,
        webhook: &Webhook,
        limits: Limits,
    ) -> Result<Created, StoreError> {
        if let Some(existing) = self.webhook_of_key(webhook).await? {
            return Ok(Created::Existing(Box::new(existing)));
        }
        if self.is_one_too_many(webhook, limits).await? {
            return Ok(Created::TooMany);
        }
        let changes = self.changes_to_create(webhook)?;
        match self.transact("define a webhook", changes).await? {
            Transaction::Done => Ok(Created::New),
            // Only the idempotency key can have been taken meanwhile: the webhook's id is new.
            Transaction::Refused => match self.webhook_of_key(webhook).await? {
                Some(existing) => Ok(Created::Existing(Box::new(existing))),
                None => Err(StoreError::item("idempotency key")(
                    "it is taken by no webhook",
                )),
            },
        }
    }

    /// The webhook that was made with the same key.
    async fn webhook_of_key(&self, webhook: &Webhook) -> Result<Option<Webhook>, StoreError> {
        let Some(key) = &webhook.idempotency_key else {
            return Ok(None);
        };
        let Some(id) = self.holder_of_key(webhook, key).await? else {
            return Ok(None);
        };
        let holder = self.webhook(&webhook.user, &id).await?;
        Ok(holder.filter(|holder| holder.state != WebhookState::Removed))
    }

    async fn is_one_too_many(&self, webhook: &Webhook, limits: Limits) -> Result<bool, StoreError> {
        Ok(match webhook.lifetime {
            Lifetime::Standing => {
                self.standing_count(&webhook.user).await? >= limits.standing_per_user
            }
            Lifetime::AdHoc(_) => {
                let listed = self.entries_beside(webhook).await?;
                let live = listed.iter().filter(|entry| entry.is_live_ad_hoc()).count();
                live >= limits.ad_hoc_per_run || listed.len() >= LISTED
            }
        })
    }

    fn changes_to_create(&self, webhook: &Webhook) -> Result<Vec<TransactWriteItem>, StoreError> {
        let mut changes = vec![
            self.put_new(item::write(webhook)?)?,
            self.enter(webhook)?,
            self.put(entry::item_of(webhook)?)?,
        ];
        if let Some(key) = &webhook.idempotency_key {
            changes.push(self.take_key(webhook, key)?);
        }
        if webhook.lifetime.is_ad_hoc() {
            changes.push(self.put_new(pointer_item(webhook))?);
        }
        Ok(changes)
    }

    /// Puts a webhook's line into its match document, or a changed line in the place of the old
    /// one.
    pub(crate) fn enter(&self, webhook: &Webhook) -> Result<TransactWriteItem, StoreError> {
        let mut names = HashMap::from([("#entry".to_owned(), entry_name(&webhook.id))]);
        let mut values = HashMap::from([(":entry".to_owned(), entry_of(webhook)?)]);
        let mut expression = "SET #entry = :entry".to_owned();
        if matches!(webhook.condition, Condition::Run(_)) {
            let until = webhook.modified_at.after(RUN_DOCUMENTS).as_seconds();
            names.insert("#ttl".to_owned(), "ttl".to_owned());
            values.insert(":ttl".to_owned(), AttributeValue::N(until.to_string()));
            expression.push_str(", #ttl = :ttl");
        }
        self.update(match_document::key_of(webhook), expression, names, values)
    }
}
