//! Webhooks as their owners read them.

use domain::dispatch::Dispatch;
use domain::id::{UserId, WebhookId};
use domain::webhook::{Lifetime, Webhook};
use std::collections::HashMap;

use super::activity::counted_in;
use super::item;
use crate::Store;
use crate::error::StoreError;
use crate::table::attribute;
use crate::table::key::{self, Key, WEBHOOK};
use crate::table::query::all_items;

/// What lists need of a webhook: neither its templates, which can be a hundred times as much as the
/// rest, nor `hears_from`.
const WITHOUT_TEMPLATES: &[&str] = &[
    "id",
    "user",
    "condition",
    "ad_hoc",
    "events",
    "action",
    "url",
    "interpolate_strings",
    "ignore_ssl_errors",
    "do_not_retry",
    "sign_with_ed25519",
    "title",
    "description",
    "is_apify_integration",
    "idempotency_key",
    "version",
    "secret_version",
    "previous_secret_until",
    "disabled_because",
    "failing_since",
    "state",
    "spread",
    "ahead",
    "created_at",
    "modified_at",
];

impl Store {
    /// A webhook, standing or ad hoc; a deleted one says so itself, until its record expires.
    pub async fn webhook(
        &self,
        user: &UserId,
        id: &WebhookId,
    ) -> Result<Option<Webhook>, StoreError> {
        let found = self.webhook_and_count(user, id).await?;
        Ok(found.map(|(webhook, _)| webhook))
    }

    /// The same, and how many dispatches were counted of it, test deliveries too. Those of an ad
    /// hoc one are not counted.
    pub async fn webhook_and_count(
        &self,
        user: &UserId,
        id: &WebhookId,
    ) -> Result<Option<(Webhook, usize)>, StoreError> {
        let table = self.tables.webhooks.as_str();
        let standing = Key::definition(user, &Lifetime::Standing, id);
        let pointer = Key::ad_hoc_pointer(user, id);
        let counters = Key::counters(user, id);
        let asked = vec![
            (table, standing.clone()),
            (table, pointer.clone()),
            (self.tables.dispatches.as_str(), counters.clone()),
        ];
        let mut found = self.batch_get(asked).await?;
        let counted = found.get(&counters).map_or(0, counted_in);
        let mut item = found.remove(&standing);
        if let Some(pointer) = found.remove(&pointer) {
            let key = Key {
                pk: attribute::text(&pointer, "target")?.to_owned(),
                sk: standing.sk,
            };
            item = self
                .batch_get(vec![(table, key.clone())])
                .await?
                .remove(&key);
        }
        let webhook = item.map(item::read).transpose()?;
        Ok(webhook.map(|webhook| (webhook, counted)))
    }

    /// The webhooks of these dispatches as they are now, without their templates, deleted ones too.
    /// Those whose record has expired are missing.
    pub async fn webhooks_of(
        &self,
        dispatches: &[Dispatch],
    ) -> Result<HashMap<WebhookId, Webhook>, StoreError> {
        let key = |dispatch: &Dispatch| {
            let key = Key::definition(&dispatch.user, &dispatch.lifetime, &dispatch.webhook);
            (self.tables.webhooks.as_str(), key)
        };
        let keys = dispatches.iter().map(key).collect();
        let found = self.batch_get_attributes(keys, WITHOUT_TEMPLATES).await?;
        let webhooks = found.into_values().map(item::read);
        webhooks
            .map(|webhook| webhook.map(|webhook| (webhook.id.clone(), webhook)))
            .collect()
    }

    /// A user's standing webhooks, deleted ones too.
    pub(crate) async fn standing_webhooks(
        &self,
        user: &UserId,
    ) -> Result<Vec<Webhook>, StoreError> {
        self.defined_in(key::user(user)).await
    }

    /// The webhooks that are defined in a partition, deleted ones too.
    pub(crate) async fn defined_in(&self, partition: String) -> Result<Vec<Webhook>, StoreError> {
        let items = self.query_prefix(&self.tables.webhooks, &partition, WEBHOOK);
        let items = all_items(items, "list webhooks").await?;
        items.into_iter().map(item::read).collect()
    }
}
