//! What the deliverer reads before an attempt.

use std::collections::HashMap;
use std::sync::Arc;

use domain::delivery_message::DeliveryMessage;
use domain::dispatch::Dispatch;
use domain::endpoint::Endpoint;
use domain::event::{Event, SubjectId};
use domain::id::UserId;
use domain::webhook::Webhook;

use crate::error::StoreError;
use crate::events::compression;
use crate::health::allowance::Healths;
use crate::table::attribute;
use crate::table::batch::Item;
use crate::table::key::Key;
use crate::{Store, dispatches, webhooks};

/// What one delivery message leads to. What has expired, or never was, is `None`.
#[derive(Clone, Debug)]
pub struct Load {
    /// The webhook as it is now; a deleted one says so itself, until its record expires.
    pub webhook: Option<Arc<Webhook>>,
    /// The event, as it is kept: messages of one event share it.
    pub event: Option<Arc<PackedEvent>>,
    /// The dispatch.
    pub dispatch: Option<Dispatch>,
}

/// What messages lead to, and what is known of endpoints and users.
#[derive(Debug)]
pub struct Loaded {
    /// What each message leads to, in their order.
    pub loads: Vec<Result<Load, StoreError>>,
    /// What is known of endpoints and users.
    pub healths: Result<Healths, StoreError>,
}

/// An event that takes little memory until [`Store::unpack`].
#[derive(Clone, Debug)]
pub struct PackedEvent(Packed);

#[derive(Clone, Debug)]
enum Packed {
    /// The item that the event begins with.
    Kept(Item),
    /// That of a test delivery without a resource is not kept, but made anew.
    Test(Event),
}

/// The keys of the items that a message refers to.
struct ItemKeys {
    webhook: Key,
    event: Key,
    dispatch: Key,
}

impl ItemKeys {
    fn of(message: &DeliveryMessage) -> Self {
        Self {
            webhook: Key::definition(&message.user, &message.lifetime, &message.webhook),
            event: Key::event(&message.user, &message.subject, &message.event),
            dispatch: Key::dispatch(&message.user, &message.dispatch),
        }
    }
}

/// The items that were read, each made into what it stands for once.
struct Found {
    items: HashMap<Key, Item>,
    webhooks: HashMap<Key, Result<Arc<Webhook>, StoreError>>,
    events: HashMap<Key, Arc<PackedEvent>>,
}

impl Found {
    fn of(items: HashMap<Key, Item>) -> Self {
        Self {
            items,
            webhooks: HashMap::new(),
            events: HashMap::new(),
        }
    }

    fn load(&mut self, message: &DeliveryMessage) -> Result<Load, StoreError> {
        let keys = ItemKeys::of(message);
        let dispatch = self.items.get(&keys.dispatch).cloned();
        Ok(Load {
            webhook: self.webhook(keys.webhook)?,
            event: self.event(message, keys.event)?,
            dispatch: dispatch.map(dispatches::item::read).transpose()?,
        })
    }

    fn webhook(&mut self, key: Key) -> Result<Option<Arc<Webhook>>, StoreError> {
        if let Some(item) = self.items.remove(&key) {
            let webhook = webhooks::item::read(item).map(Arc::new);
            self.webhooks.insert(key.clone(), webhook);
        }
        self.webhooks.get(&key).cloned().transpose()
    }

    fn event(
        &mut self,
        message: &DeliveryMessage,
        key: Key,
    ) -> Result<Option<Arc<PackedEvent>>, StoreError> {
        let is_kept = self.items.contains_key(&key) || self.events.contains_key(&key);
        if message.subject == SubjectId::Test && !is_kept {
            let event = Event::test(&message.user, message.event.created_at)
                .map_err(StoreError::item("test event"))?;
            // That of a test with a resource has expired.
            let is_it = event.key() == message.event;
            return Ok(is_it.then(|| Arc::new(PackedEvent(Packed::Test(event)))));
        }
        if let Some(head) = self.items.remove(&key) {
            let event = Arc::new(PackedEvent(Packed::Kept(head)));
            self.events.insert(key.clone(), event);
        }
        Ok(self.events.get(&key).cloned())
    }
}

impl PackedEvent {
    /// How many bytes it takes unpacked, beside those that it takes packed.
    pub fn length(&self) -> usize {
        match &self.0 {
            Packed::Kept(head) => attribute::bytes(head, "data").map_or(0, compression::length),
            Packed::Test(event) => event.resource.get().len(),
        }
    }
}

impl Store {
    /// Reads what these messages lead to, strongly consistent, in one call for each 33 of them.
    /// Each message has its own result, in the same order: an item that cannot be read holds up no
    /// other message.
    pub async fn load(&self, messages: &[DeliveryMessage]) -> Vec<Result<Load, StoreError>> {
        self.load_with(messages, &[], &[]).await.loads
    }

    /// The same, and in the same call what is known of these endpoints and users.
    pub async fn load_with(
        &self,
        messages: &[DeliveryMessage],
        endpoints: &[Endpoint],
        users: &[UserId],
    ) -> Loaded {
        let (webhooks, dispatches) = (
            self.tables.webhooks.as_str(),
            self.tables.dispatches.as_str(),
        );
        let asked = messages.iter().flat_map(|message| {
            let keys = ItemKeys::of(message);
            [
                (webhooks, keys.webhook),
                (dispatches, keys.event),
                (dispatches, keys.dispatch),
            ]
        });
        let more = Healths::keys(endpoints, users).map(|key| (dispatches, key));
        match self.batch_get(asked.chain(more).collect()).await {
            Ok(found) => {
                let healths = Healths::in_items(&found, endpoints, users);
                let mut found = Found::of(found);
                Loaded {
                    loads: messages.iter().map(|message| found.load(message)).collect(),
                    healths,
                }
            }
            Err(error) => Loaded {
                loads: vec![Err(error.clone()); messages.len()],
                healths: Err(error),
            },
        }
    }

    /// The event itself. `None` when a part of it has expired.
    pub async fn unpack(&self, event: &PackedEvent) -> Result<Option<Event>, StoreError> {
        match &event.0 {
            Packed::Kept(head) => self.event_of(head).await,
            Packed::Test(event) => Ok(Some(event.clone())),
        }
    }
}
