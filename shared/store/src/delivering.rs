//! What the deliverer reads before an attempt and writes after it.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use domain::delivery_message::DeliveryMessage;
use domain::dispatch::{Call, Dispatch, Next};
use domain::event::{Event, SubjectId};
use domain::webhook::Webhook;
use futures::future::join_all;

use crate::batch::Item;
use crate::conditional::is_done;
use crate::dispatch_item::{self, ACTIVE, FAILED, SUCCEEDED, write_call};
use crate::error::StoreError;
use crate::key::Key;
use crate::{Store, webhook_item};

/// What one delivery message leads to. What has expired, or never was, is `None`.
#[derive(Clone, Debug)]
pub struct Load {
    /// The webhook as it is now; a deleted one says so itself, until its record expires.
    pub webhook: Option<Webhook>,
    /// The event; that of a trial delivery is made anew.
    pub event: Option<Event>,
    /// The dispatch.
    pub dispatch: Option<Dispatch>,
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

impl Store {
    /// Reads what these messages lead to, strongly consistent, in one call. Each message has its own result, in the same order: an item that
    /// cannot be read holds up no other message.
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
                join_all(
                    messages
                        .iter()
                        .map(|message| self.load_one(message, &found)),
                )
                .await
            }
            Err(error) => vec![Err(error); messages.len()],
        }
    }

    async fn load_one(
        &self,
        message: &DeliveryMessage,
        found: &HashMap<Key, Item>,
    ) -> Result<Load, StoreError> {
        let keys = Keys::of(message);
        let event = match (&message.subject, found.get(&keys.event)) {
            (SubjectId::Test, _) => Some(
                Event::test(&message.user, message.event.created_at)
                    .map_err(StoreError::item("test event"))?,
            ),
            (_, Some(head)) => self.event_of(head).await?,
            (_, None) => None,
        };
        Ok(Load {
            webhook: found
                .get(&keys.webhook)
                .cloned()
                .map(webhook_item::read)
                .transpose()?,
            event,
            dispatch: found
                .get(&keys.dispatch)
                .cloned()
                .map(dispatch_item::read)
                .transpose()?,
        })
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
