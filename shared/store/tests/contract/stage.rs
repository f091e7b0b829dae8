//! Where a test plays: tables of its own, a store that uses them, and a plain client that can spoil what is in them.

use std::collections::{BTreeMap, HashMap};

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::{Credentials, SharedCredentialsProvider};
use aws_sdk_dynamodb::types::AttributeValue;
use aws_smithy_http_client::Builder;
use domain::delivery_message::DeliveryMessage;
use domain::dispatch::{Call, Dispatch, Next};
use domain::event::Event;
use domain::id::{UserId, WebhookId};
use domain::matching::MatchEntry;
use domain::webhook::{Webhook, WebhookState};
use local::options::Options;
use local::platform::Platform;
use store::{Attempt, Claim, Created, Firing, Load, Recorded, Replaced, Store, StoreError, Tables};

use crate::samples::{ALL, AMPLE, alice, at, until};

/// An item, as the plain client sees it.
pub(crate) type Item = HashMap<String, AttributeValue>;

/// One of the two tables, by its logical id in the template.
pub(crate) const WEBHOOKS: &str = "WebhooksTable";
pub(crate) const DISPATCHES: &str = "DispatchesTable";

pub(crate) struct Stage {
    pub(crate) store: Store,
    pub(crate) platform: Platform,
    client: Client,
}

impl Stage {
    /// The tables and queues of the template. No function ever runs: nothing feeds them, and nothing calls them.
    pub(crate) async fn new() -> Self {
        let platform = Platform::start(Options::without_functions()).await.unwrap();
        let config = config(&platform.endpoints().dynamodb);
        Self {
            store: store(&config, &platform.endpoints().tables),
            client: Client::new(&config),
            platform,
        }
    }

    /// The same tables, reached through another endpoint.
    pub(crate) fn store_at(&self, endpoint: &str) -> Store {
        store(&config(endpoint), &self.platform.endpoints().tables)
    }

    /// Defines a webhook, a new one, as the API does.
    pub(crate) async fn define(&self, webhook: &Webhook) {
        assert_eq!(self.create(webhook).await, Created::New);
    }

    /// Tries to define a webhook as the API does.
    pub(crate) async fn create(&self, webhook: &Webhook) -> Created {
        self.store.create_webhook(webhook, AMPLE).await.unwrap()
    }

    /// Registers ad hoc webhooks, all of one run; all of them come to be.
    pub(crate) async fn register(&self, webhooks: &[&Webhook]) {
        assert!(self.refused(webhooks).await.is_empty());
    }

    /// Registers ad hoc webhooks, all of one run, and returns those that come to nothing.
    pub(crate) async fn refused(&self, webhooks: &[&Webhook]) -> Vec<WebhookId> {
        let webhooks: Vec<_> = webhooks.iter().copied().cloned().collect();
        let now = webhooks.iter().map(|webhook| webhook.created_at).max();
        let refused = self.store.register_ad_hoc(&webhooks, now.unwrap()).await;
        refused.unwrap()
    }

    /// Alice's webhook of this id, unless it is deleted.
    pub(crate) async fn found(&self, id: &WebhookId) -> Option<Webhook> {
        let record = self.record(id).await;
        record.filter(|webhook| webhook.state != WebhookState::Removed)
    }

    /// What is on record of Alice's webhook of this id.
    pub(crate) async fn record(&self, id: &WebhookId) -> Option<Webhook> {
        self.store.webhook(&alice(), id).await.unwrap()
    }

    /// What the whole list of a user's webhooks shows, the oldest first.
    pub(crate) async fn listed(&self, user: &UserId) -> Vec<Webhook> {
        let list = self.store.webhook_page(user, None, ALL).await.unwrap();
        assert_eq!(list.total, list.items.len());
        list.items.into_iter().map(|(webhook, _)| webhook).collect()
    }

    /// How often this was called since the beginning.
    pub(crate) fn calls(&self, operation: &str) -> u64 {
        let calls = self.platform.calls().into_iter();
        let calls = calls.filter(|(call, _)| call.operation == operation);
        calls.map(|(_, count)| count).sum()
    }

    /// Puts one version of a webhook in the place of another.
    pub(crate) async fn replace(&self, before: &Webhook, after: &Webhook) -> Replaced {
        let replaced = self.store.replace_webhook(before, after).await;
        replaced.unwrap()
    }

    /// Deletes Alice's webhook of this id; tells whether there was one.
    pub(crate) async fn delete(&self, id: &WebhookId) -> bool {
        match self.found(id).await {
            Some(webhook) => self.delete_version(&webhook).await == Replaced::Done,
            None => false,
        }
    }

    /// Deletes a webhook as it was read.
    pub(crate) async fn delete_version(&self, webhook: &Webhook) -> Replaced {
        let deleted = self.store.delete_webhook(webhook, at(9), until()).await;
        deleted.unwrap()
    }

    /// Keeps events.
    pub(crate) async fn keep(&self, events: &[&Event]) {
        let results = self.store.keep(events, until()).await;
        assert_eq!(results.len(), events.len());
        assert!(results.iter().all(Result::is_ok), "{results:?}");
    }

    /// Claims a dispatch, a new one.
    pub(crate) async fn claim(&self, dispatch: &Dispatch) {
        let claim = self.store.claim(dispatch, until()).await;
        assert_eq!(claim.unwrap(), Claim::Won);
    }

    /// Lets a dispatch fire its ad hoc webhook.
    pub(crate) async fn fire(&self, dispatch: &Dispatch) -> Firing {
        let mut firings = self.store.fire(&[dispatch]).await;
        firings.pop().unwrap().unwrap()
    }

    /// Puts an attempt on record.
    pub(crate) async fn record_attempt(
        &self,
        message: &DeliveryMessage,
        call: &Call,
        next: &Next,
    ) -> Result<Recorded, StoreError> {
        let attempt = Attempt {
            message: message.clone(),
            call: call.clone(),
            next: next.clone(),
            trace: None,
        };
        let mut recorded = self.store.record(&[attempt]).await;
        recorded.pop().unwrap()
    }

    /// What a message leads to.
    pub(crate) async fn load(&self, message: &DeliveryMessage) -> Load {
        let mut loads = self.store.load(std::slice::from_ref(message)).await;
        loads.remove(0).unwrap()
    }

    /// The event that a message leads to.
    pub(crate) async fn event_of(&self, load: &Load) -> Option<Event> {
        let packed = load.event.as_ref()?;
        self.store.unpack(packed).await.unwrap()
    }

    /// What waits for an event, in the order of ids.
    pub(crate) async fn waiting(&self, event: &Event) -> Vec<MatchEntry> {
        let mut entries = self.store.waiting_for(&[event]).await.remove(0).unwrap();
        entries.sort_by(|a, b| a.webhook.cmp(&b.webhook));
        entries
    }

    /// The webhooks that an event triggers, in the order of ids.
    pub(crate) async fn triggered(&self, event: &Event) -> Vec<WebhookId> {
        let mut entries = self.waiting(event).await;
        entries.retain(|entry| entry.is_triggered_by(event));
        entries.into_iter().map(|entry| entry.webhook).collect()
    }

    /// Everything in a partition of a table.
    pub(crate) async fn items(&self, table: &str, pk: &str) -> Vec<Item> {
        let query = self
            .client
            .query()
            .table_name(self.name_of(table))
            .consistent_read(true)
            .key_condition_expression("pk = :pk")
            .expression_attribute_values(":pk", text(pk));
        query
            .into_paginator()
            .items()
            .send()
            .collect::<Result<_, _>>()
            .await
            .unwrap()
    }

    /// Changes one attribute of an item that is there.
    pub(crate) async fn change(
        &self,
        table: &str,
        (pk, sk): (&str, &str),
        attribute: &str,
        value: AttributeValue,
    ) {
        let update = self
            .client
            .update_item()
            .table_name(self.name_of(table))
            .key("pk", text(pk))
            .key("sk", text(sk))
            .update_expression("SET #attribute = :value")
            .condition_expression("attribute_exists(#attribute)")
            .expression_attribute_names("#attribute", attribute)
            .expression_attribute_values(":value", value);
        update.send().await.unwrap();
    }

    /// Removes one attribute of an item, if it is there.
    pub(crate) async fn forget(&self, table: &str, (pk, sk): (&str, &str), attribute: &str) {
        let update = self
            .client
            .update_item()
            .table_name(self.name_of(table))
            .key("pk", text(pk))
            .key("sk", text(sk))
            .update_expression("REMOVE #attribute")
            .condition_expression("attribute_exists(pk)")
            .expression_attribute_names("#attribute", attribute);
        update.send().await.unwrap();
    }

    /// Removes an item that is there.
    pub(crate) async fn remove(&self, table: &str, (pk, sk): (&str, &str)) {
        let delete = self
            .client
            .delete_item()
            .table_name(self.name_of(table))
            .key("pk", text(pk))
            .key("sk", text(sk))
            .condition_expression("attribute_exists(pk)");
        delete.send().await.unwrap();
    }

    fn name_of(&self, table: &str) -> &str {
        &self.platform.endpoints().tables[table]
    }
}

/// A string attribute.
pub(crate) fn text(value: &str) -> AttributeValue {
    AttributeValue::S(value.to_owned())
}

fn store(config: &SdkConfig, tables: &BTreeMap<String, String>) -> Store {
    let tables = Tables {
        webhooks: tables[WEBHOOKS].clone(),
        dispatches: tables[DISPATCHES].clone(),
    };
    Store::new(config, tables)
}

fn config(endpoint: &str) -> SdkConfig {
    let credentials = Credentials::new("test", "test", None, None, "test");
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::from_static("us-east-1"))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .http_client(Builder::new().build_http())
        .endpoint_url(endpoint)
        .build()
}
