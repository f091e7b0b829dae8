//! What webhooks have done: how many dispatches, and which was the last.
//!
//! Standing webhooks have counters beside their dispatches, which move in the call that claims them
//! ([`crate::dispatches::counts`]). An ad hoc webhook needs none: its run's match document knows
//! whether it has fired. Test deliveries are noted, but do not count.

use std::collections::HashMap;

use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use aws_sdk_dynamodb::types::AttributeValue;
use domain::dispatch::Dispatch;
use domain::dispatch_id::DispatchId;
use domain::id::{UserId, WebhookId};
use domain::webhook::{Lifetime, Webhook};
use futures::future::join_all;

use super::match_document::{self, fired_name};
use crate::dispatches::counts::{Correction, Counts};
use crate::error::StoreError;
use crate::table::attribute;
use crate::table::batch::Item;
use crate::table::collision::{is_collision, past_collisions};
use crate::table::key::Key;
use crate::{RUN_DOCUMENTS, Store};

/// What a webhook has done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Activity {
    /// How many dispatches were made of it, test deliveries not counted.
    pub total_dispatches: u64,
    /// The dispatch that was made last, as it is on record now.
    pub last: Option<Dispatch>,
}

/// The same, before the last dispatch is read.
struct Counters {
    total: u64,
    last: Option<DispatchId>,
}

impl Store {
    /// What these webhooks, all of one user, have done.
    pub async fn activity(
        &self,
        webhooks: &[Webhook],
    ) -> Result<HashMap<WebhookId, Activity>, StoreError> {
        let asked = webhooks.iter().flat_map(|webhook| self.sources(webhook));
        let found = self.batch_get(asked.collect()).await?;
        let mut counters = HashMap::with_capacity(webhooks.len());
        for webhook in webhooks {
            counters.insert(webhook.id.clone(), counters_of(webhook, &found)?);
        }
        let Some(Webhook { user, .. }) = webhooks.first() else {
            return Ok(HashMap::new());
        };
        let last = counters.values().filter_map(|known| known.last.clone());
        let mut dispatches = self.dispatches_by_id(user, last).await?;
        let activity = |(id, known): (WebhookId, Counters)| {
            let last = known.last.and_then(|last| dispatches.remove(&last));
            let activity = Activity {
                total_dispatches: known.total,
                last,
            };
            (id, activity)
        };
        Ok(counters.into_iter().map(activity).collect())
    }

    /// Puts the counters right after claims: of webhooks that had none, and where a dispatch was
    /// there already.
    ///
    /// Repeating this would count twice. A worker that dies before it, or an answer that is lost,
    /// leaves a number that is a little wrong, so nothing else is decided by it.
    pub async fn correct(&self, counts: &Counts) -> Result<(), StoreError> {
        let corrections = counts.corrections().map(async |correction| {
            let Correction {
                user,
                webhook,
                last,
                by,
            } = correction?;
            let update = self
                .note_last(user, webhook, last)
                .update_expression("SET last_dispatch = :last ADD dispatches :by")
                .expression_attribute_values(":by", AttributeValue::N(by.to_string()));
            write(update).await
        });
        let results = join_all(corrections).await;
        results.into_iter().collect()
    }

    /// Notes a test delivery.
    ///
    /// Repeating this is safe because it notes the same, but for a number that only says how long a
    /// list is.
    pub async fn note_test(&self, dispatch: &Dispatch) -> Result<(), StoreError> {
        let update = self.note_last(&dispatch.user, &dispatch.webhook, &dispatch.id);
        let update = match dispatch.lifetime {
            Lifetime::Standing => update
                .update_expression("SET last_dispatch = :last ADD trials :one")
                .expression_attribute_values(":one", AttributeValue::N("1".to_owned())),
            // All test deliveries of an ad hoc webhook are listed by name: its dispatches have no
            // partition of their own.
            Lifetime::AdHoc(_) => {
                let until = dispatch.event.created_at.after(RUN_DOCUMENTS).as_seconds();
                update
                    .update_expression("SET last_dispatch = :last, #ttl = :ttl ADD tests :test")
                    .expression_attribute_names("#ttl", "ttl")
                    .expression_attribute_values(":ttl", AttributeValue::N(until.to_string()))
                    .expression_attribute_values(
                        ":test",
                        AttributeValue::Ss(vec![dispatch.id.to_string()]),
                    )
            }
        };
        write(update).await
    }

    /// The dispatches of an ad hoc webhook: the one that it has fired, and test deliveries.
    pub(crate) async fn dispatch_ids_of_ad_hoc(
        &self,
        webhook: &Webhook,
    ) -> Result<Vec<DispatchId>, StoreError> {
        let found = self.batch_get(self.sources(webhook)).await?;
        let mut ids: Vec<DispatchId> = fired_by(webhook, &found)?.into_iter().collect();
        let counters = found.get(&Key::counters(&webhook.user, &webhook.id));
        let tests = counters.and_then(|counters| counters.get("tests")?.as_ss().ok());
        for id in tests.into_iter().flatten() {
            ids.push(DispatchId::parse(id).map_err(StoreError::item("counters"))?);
        }
        Ok(ids)
    }

    /// How many dispatches, test deliveries too, were counted of each of these webhooks of a user.
    pub(crate) async fn counted(
        &self,
        user: &UserId,
        webhooks: impl Iterator<Item = &WebhookId>,
    ) -> Result<HashMap<WebhookId, usize>, StoreError> {
        let table = self.tables.dispatches.as_str();
        let keys: Vec<_> = webhooks.map(|id| (id, Key::counters(user, id))).collect();
        let asked = keys.iter().map(|(_, key)| (table, key.clone()));
        let found = self.batch_get(asked.collect()).await?;
        let counted = |(id, key): &(&WebhookId, Key)| {
            let counters = found.get(key)?;
            Some(((*id).clone(), counted_in(counters)))
        };
        Ok(keys.iter().filter_map(counted).collect())
    }

    fn sources(&self, webhook: &Webhook) -> Vec<(&str, Key)> {
        let counters = Key::counters(&webhook.user, &webhook.id);
        let mut sources = vec![(self.tables.dispatches.as_str(), counters)];
        if webhook.lifetime.is_ad_hoc() {
            let document = match_document::key_of(webhook);
            sources.push((self.tables.webhooks.as_str(), document));
        }
        sources
    }

    /// A change of a webhook's counters; it may refer to its last dispatch as `:last`.
    fn note_last(
        &self,
        user: &UserId,
        webhook: &WebhookId,
        last: &DispatchId,
    ) -> UpdateItemFluentBuilder {
        let counters = Key::counters(user, webhook);
        self.client
            .update_item()
            .table_name(&self.tables.dispatches)
            .set_key(Some(counters.attributes()))
            .expression_attribute_values(":last", AttributeValue::S(last.to_string()))
    }
}

/// Makes a change, also while the webhook is being deleted.
async fn write(update: UpdateItemFluentBuilder) -> Result<(), StoreError> {
    past_collisions(is_collision, || update.clone().send())
        .await
        .map(|_| ())
        .map_err(StoreError::call("count dispatches"))
}

/// How many dispatches, test deliveries too, these counters have counted.
pub(crate) fn counted_in(counters: &Item) -> usize {
    let count = |name| attribute::number(counters, name).unwrap_or(0_usize);
    count("dispatches") + count("trials")
}

fn counters_of(webhook: &Webhook, found: &HashMap<Key, Item>) -> Result<Counters, StoreError> {
    let fired = fired_by(webhook, found)?;
    let mut counters = Counters {
        total: u64::from(fired.is_some()),
        last: fired,
    };
    let Some(item) = found.get(&Key::counters(&webhook.user, &webhook.id)) else {
        return Ok(counters);
    };
    if item.contains_key("dispatches") {
        counters.total = attribute::number(item, "dispatches")?;
    }
    let noted = DispatchId::parse(attribute::text(item, "last_dispatch")?)
        .map_err(StoreError::item("counters"))?;
    // An ad hoc webhook that fires after its test is not noted again.
    counters.last = counters
        .last
        .into_iter()
        .chain([noted])
        .max_by_key(DispatchId::created_at);
    Ok(counters)
}

/// The dispatch that an ad hoc webhook has fired.
fn fired_by(
    webhook: &Webhook,
    found: &HashMap<Key, Item>,
) -> Result<Option<DispatchId>, StoreError> {
    let document = found.get(&match_document::key_of(webhook));
    let fired = document.and_then(|document| document.get(&fired_name(&webhook.id))?.as_s().ok());
    fired
        .map(|id| DispatchId::parse(id).map_err(StoreError::item("match document")))
        .transpose()
}
