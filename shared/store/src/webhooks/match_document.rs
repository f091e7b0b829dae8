//! Match documents: one item for each condition of a user, with one attribute `w_<webhook>` for
//! each webhook that waits there, and `f_<webhook>` for the dispatch that an ad hoc webhook has
//! fired. Attributes, not a nested map, so that one `SET` creates or changes an entry without
//! reading the document.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use domain::condition::Condition;
use domain::dispatch_id::DispatchId;
use domain::event::Event;
use domain::id::WebhookId;
use domain::matching::{MatchEntry, MatchKey};
use domain::timestamp::Timestamp;
use domain::webhook::{Lifetime, Webhook, WebhookState};
use serde::{Deserialize, Serialize};

use super::spread;
use crate::Store;
use crate::error::StoreError;
use crate::table::attribute;
use crate::table::batch::Item;
use crate::table::key::Key;

impl Store {
    /// The webhooks that wait for each of these events, strongly consistent, in one call. Each
    /// event has its own result, in the same order: a document that cannot be read holds up no
    /// other user's events.
    pub async fn waiting_for(&self, events: &[&Event]) -> Vec<Result<Vec<MatchEntry>, StoreError>> {
        let asked = events
            .iter()
            .flat_map(|event| event.match_keys())
            .map(|key| (self.tables.webhooks.as_str(), Key::match_document(&key)));
        let found = match self.batch_get(asked.collect()).await {
            Ok(found) => found,
            Err(error) => return vec![Err(error); events.len()],
        };
        let entries = |event: &&Event| {
            let documents = event.match_keys().into_iter().filter_map(|key| {
                let document = found.get(&Key::match_document(&key))?;
                Some(read(document, &key.condition))
            });
            Ok(documents
                .collect::<Result<Vec<_>, _>>()?
                .into_iter()
                .flatten()
                .collect())
        };
        events.iter().map(entries).collect()
    }
}

impl Store {
    /// Whether an ad hoc webhook has fired, strongly consistent.
    pub async fn has_fired(&self, webhook: &Webhook) -> Result<bool, StoreError> {
        let listed = self.entries_beside(webhook).await?;
        let mut own = listed.iter().filter(|entry| entry.webhook == webhook.id);
        Ok(own.any(|entry| entry.fired_by.is_some()))
    }

    /// What the document lists that would list this webhook, strongly consistent.
    pub(crate) async fn entries_beside(
        &self,
        webhook: &Webhook,
    ) -> Result<Vec<MatchEntry>, StoreError> {
        let key = key_of(webhook);
        let found = self
            .batch_get(vec![(&self.tables.webhooks, key.clone())])
            .await?;
        match found.get(&key) {
            Some(document) => read(document, &webhook.condition),
            None => Ok(Vec::new()),
        }
    }
}

/// Name of a webhook's entry.
pub(crate) fn entry_name(webhook: &WebhookId) -> String {
    format!("w_{webhook}")
}

/// Name of the attribute that says which dispatch an ad hoc webhook has fired.
pub(crate) fn fired_name(webhook: &WebhookId) -> String {
    format!("f_{webhook}")
}

/// Which document lists this webhook.
pub(crate) fn key_of(webhook: &Webhook) -> Key {
    Key::match_document(&MatchKey {
        user: webhook.user.clone(),
        condition: webhook.condition.clone(),
    })
}

/// A webhook's entry.
pub(crate) fn entry_of(webhook: &Webhook) -> Result<AttributeValue, StoreError> {
    let entry = EntryItem {
        events: webhook.definition.event_types.mask(),
        version: webhook.version,
        enabled: webhook.state == WebhookState::Enabled,
        ad_hoc: webhook.lifetime.is_ad_hoc(),
        hears_from: webhook.hears_from.map(Timestamp::as_millis),
        is_removed: webhook.state == WebhookState::Removed,
        spread: spread::write(&webhook.spread),
    };
    serde_dynamo::to_item(entry)
        .map(AttributeValue::M)
        .map_err(StoreError::item("match entry"))
}

/// One entry, as it is stored; short names, because a document has many.
#[derive(Serialize, Deserialize)]
struct EntryItem {
    #[serde(rename = "m")]
    events: u16,
    #[serde(rename = "v")]
    version: u32,
    #[serde(rename = "e")]
    enabled: bool,
    #[serde(rename = "a")]
    ad_hoc: bool,
    #[serde(rename = "s", default, skip_serializing_if = "Option::is_none")]
    hears_from: Option<i64>,
    #[serde(rename = "x", default, skip_serializing_if = "std::ops::Not::not")]
    is_removed: bool,
    #[serde(rename = "k", default, skip_serializing_if = "Vec::is_empty")]
    spread: Vec<(i64, u8)>,
}

/// What the document of a condition lists.
fn read(document: &Item, condition: &Condition) -> Result<Vec<MatchEntry>, StoreError> {
    let entries = document
        .iter()
        .filter_map(|(name, value)| Some((name.strip_prefix("w_")?, value)));
    entries
        .map(|(webhook, value)| entry((document, condition), webhook, value))
        .collect()
}

fn entry(
    (document, condition): (&Item, &Condition),
    webhook: &str,
    value: &AttributeValue,
) -> Result<MatchEntry, StoreError> {
    let webhook = WebhookId::parse(webhook).map_err(StoreError::item("match entry"))?;
    let item: HashMap<_, _> = attribute::map(value).cloned().unwrap_or_default();
    let item: EntryItem = serde_dynamo::from_item(item).map_err(StoreError::item("match entry"))?;
    let fired_by = document
        .get(&fired_name(&webhook))
        .and_then(|value| value.as_s().ok());
    let fired_by = fired_by
        .map(|id| DispatchId::parse(id))
        .transpose()
        .map_err(StoreError::item("match entry"))?;
    Ok(MatchEntry {
        webhook,
        events: item.events,
        enabled: item.enabled,
        lifetime: Lifetime::of(item.ad_hoc, condition.run()).ok_or_else(|| {
            StoreError::item("match entry")("it is ad hoc, and its condition is no run")
        })?,
        fired_by,
        hears_from: item.hears_from.and_then(Timestamp::from_millis),
        is_removed: item.is_removed,
        spread: spread::read(&item.spread, None),
    })
}
