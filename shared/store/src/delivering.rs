//! What the deliverer reads before an attempt and writes after it.

use std::collections::HashMap;
use std::sync::Arc;

use aws_sdk_dynamodb::types::AttributeValue;
use domain::delivery_message::DeliveryMessage;
use domain::dispatch::{Call, Dispatch, Next};
use domain::event::{Event, SubjectId};
use domain::webhook::Webhook;

use crate::batch::Item;
use crate::conditional::is_done;
use crate::dispatch_item::{self, ACTIVE, FAILED, SUCCEEDED, write_call};
use crate::error::StoreError;
use crate::key::Key;
use crate::{Store, attribute, compression, webhook_item};

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

/// An event that takes little memory until [`Store::unpack`].
#[derive(Clone, Debug)]
pub struct PackedEvent(Packed);

#[derive(Clone, Debug)]
enum Packed {
    /// The item that the event begins with.
    Kept(Item),
    /// That of a trial delivery is not kept, but made anew.
    Test(Event),
}

/// Whether an attempt was recorded.
#[must_use]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recorded {
    /// It was.
    Written,
    /// That attempt is already on record, or the dispatch has ended: the outcome that was there first stands.
    AlreadyThere,
}

/// Where what a message leads to lies.
struct Keys {
    webhook: Key,
    event: Key,
    dispatch: Key,
}

impl Keys {
    fn of(message: &DeliveryMessage) -> Self {
        Self {
            webhook: Key::definition(&message.user, &message.home, &message.webhook),
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
        let keys = Keys::of(message);
        let dispatch = self.items.get(&keys.dispatch).cloned();
        Ok(Load {
            webhook: self.webhook(keys.webhook)?,
            event: self.event(message, keys.event)?,
            dispatch: dispatch.map(dispatch_item::read).transpose()?,
        })
    }

    fn webhook(&mut self, key: Key) -> Result<Option<Arc<Webhook>>, StoreError> {
        if let Some(item) = self.items.remove(&key) {
            let webhook = webhook_item::read(item).map(Arc::new);
            self.webhooks.insert(key.clone(), webhook);
        }
        self.webhooks.get(&key).cloned().transpose()
    }

    fn event(
        &mut self,
        message: &DeliveryMessage,
        key: Key,
    ) -> Result<Option<Arc<PackedEvent>>, StoreError> {
        if message.subject == SubjectId::Test {
            let event = Event::test(&message.user, message.event.created_at)
                .map_err(StoreError::item("test event"))?;
            return Ok(Some(Arc::new(PackedEvent(Packed::Test(event)))));
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
        let asked = messages.iter().flat_map(|message| {
            let keys = Keys::of(message);
            let (webhooks, dispatches) = (
                self.tables.webhooks.as_str(),
                self.tables.dispatches.as_str(),
            );
            [
                (webhooks, keys.webhook),
                (dispatches, keys.event),
                (dispatches, keys.dispatch),
            ]
        });
        match self.batch_get(asked.collect()).await {
            Ok(found) => {
                let mut found = Found::of(found);
                messages.iter().map(|message| found.load(message)).collect()
            }
            Err(error) => vec![Err(error); messages.len()],
        }
    }

    /// The event itself. `None` when a part of it has expired.
    pub async fn unpack(&self, event: &PackedEvent) -> Result<Option<Event>, StoreError> {
        match &event.0 {
            Packed::Kept(head) => self.event_of(head).await,
            Packed::Test(event) => Ok(Some(event.clone())),
        }
    }

    /// Appends the call of this message's attempt to its dispatch and moves the dispatch on, in one write.
    ///
    /// Repeating this is safe because the write happens only if exactly the attempts before this one are on record.
    pub async fn record(
        &self,
        message: &DeliveryMessage,
        call: &Call,
        next: &Next,
    ) -> Result<Recorded, StoreError> {
        let mut update = self
            .client
            .update_item()
            .table_name(&self.tables.dispatches)
            .set_key(Some(
                Key::dispatch(&message.user, &message.dispatch).attributes(),
            ))
            .expression_attribute_names("#status", "status")
            .expression_attribute_values(
                ":before",
                AttributeValue::N((message.attempt - 1).to_string()),
            )
            .expression_attribute_values(":attempt", AttributeValue::N(message.attempt.to_string()))
            .expression_attribute_values(":active", AttributeValue::S(ACTIVE.to_owned()))
            .expression_attribute_values(":none", AttributeValue::L(Vec::new()))
            .expression_attribute_values(
                ":call",
                AttributeValue::L(vec![AttributeValue::M(write_call(call)?)]),
            );
        let set = "SET attempts = :attempt, calls = list_append(if_not_exists(calls, :none), :call), #status = :status";
        let mut condition = "attempts = :before AND #status = :active".to_owned();
        let (status, expression) = match next {
            // What was accepted is accepted, also if another worker has given it up meanwhile.
            Next::Succeeded => {
                condition = "attempts = :before AND #status IN (:active, :failed)".to_owned();
                update = update
                    .expression_attribute_values(":failed", AttributeValue::S(FAILED.to_owned()));
                (SUCCEEDED, format!("{set} REMOVE next_at, reason"))
            }
            Next::Failed { reason } => {
                update = update
                    .expression_attribute_values(":reason", AttributeValue::S(reason.clone()));
                (FAILED, format!("{set}, reason = :reason REMOVE next_at"))
            }
            Next::Retry { at } => {
                update =
                    update.expression_attribute_values(":next", AttributeValue::S(at.to_string()));
                (ACTIVE, format!("{set}, next_at = :next"))
            }
        };
        let update = update
            .condition_expression(condition)
            .update_expression(expression)
            .expression_attribute_values(":status", AttributeValue::S(status.to_owned()));
        Ok(if is_done(update, "record an attempt").await? {
            Recorded::Written
        } else {
            Recorded::AlreadyThere
        })
    }
}
