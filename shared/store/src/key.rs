//! Every key string, and nothing else. The table of keys is in the crate's documentation.
//!
//! The user stands in every partition key but that of a token: a wrong id can never reach another user's items. Ids are letters and
//! digits, so `#` always separates.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use domain::condition::Condition;
use domain::delivery_message::DeliveryMessage;
use domain::dispatch_id::{DispatchId, Partition};
use domain::event::{EventKey, SubjectId};
use domain::id::{RunId, UserId, WebhookId};
use domain::matching::MatchKey;
use domain::webhook::Lifetime;

/// A primary key.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Key {
    pub(crate) pk: String,
    pub(crate) sk: String,
}

/// The sort keys of standing webhooks begin so.
pub(crate) const WEBHOOK: &str = "W#";
/// The sort keys of kept events begin so.
pub(crate) const EVENT: &str = "E#";
/// The sort keys of dispatches begin so.
pub(crate) const DISPATCH: &str = "D#";

impl Key {
    pub(crate) fn standing(user: &UserId, webhook: &WebhookId) -> Self {
        Self {
            pk: self::user(user),
            sk: format!("{WEBHOOK}{webhook}"),
        }
    }

    pub(crate) fn ad_hoc(user: &UserId, run: &str, webhook: &WebhookId) -> Self {
        Self {
            pk: format!("U#{user}#R#{run}"),
            sk: format!("{WEBHOOK}{webhook}"),
        }
    }

    /// Where a message's webhook is defined.
    pub(crate) fn webhook_of(message: &DeliveryMessage) -> Self {
        match message.lifetime {
            Lifetime::Standing => Self::standing(&message.user, &message.webhook),
            Lifetime::AdHoc => {
                Self::ad_hoc(&message.user, message.subject.as_str(), &message.webhook)
            }
        }
    }

    pub(crate) fn ad_hoc_pointer(user: &UserId, webhook: &WebhookId) -> Self {
        Self {
            pk: self::user(user),
            sk: format!("A#{webhook}"),
        }
    }

    pub(crate) fn idempotency(user: &UserId, key: &str) -> Self {
        Self {
            pk: self::user(user),
            sk: format!("K#{key}"),
        }
    }

    pub(crate) fn match_document(key: &MatchKey) -> Self {
        let user = &key.user;
        let pk = match &key.condition {
            Condition::Actor(actor) => format!("U#{user}#A#{actor}"),
            Condition::Task(task) => format!("U#{user}#T#{task}"),
            Condition::Run(run) => run_documents(user, run),
        };
        Self {
            pk,
            sk: "M".to_owned(),
        }
    }

    pub(crate) fn token(sha256_hex: &str) -> Self {
        Self {
            pk: format!("T#{sha256_hex}"),
            sk: "T".to_owned(),
        }
    }

    pub(crate) fn event(user: &UserId, subject: &SubjectId, event: &EventKey) -> Self {
        let sk = format!("{EVENT}{:013}#{}", event.created_at.as_millis(), event.hash);
        Self {
            pk: events(user, subject),
            sk,
        }
    }

    /// The further pieces of an event that does not fit into one item. They lie apart from the events, so that reading the events of a run
    /// does not read them.
    pub(crate) fn event_piece(event: &Key, piece: usize) -> Self {
        Self {
            pk: event.pk.clone(),
            sk: format!("P{}#{piece:03}", event.sk.trim_start_matches('E')),
        }
    }

    pub(crate) fn dispatch(user: &UserId, id: &DispatchId) -> Self {
        let sk = format!(
            "{DISPATCH}{:013}#{}",
            id.created_at().as_millis(),
            id.hash()
        );
        Self {
            pk: dispatches(user, id.partition()),
            sk,
        }
    }

    pub(crate) fn attributes(&self) -> HashMap<String, AttributeValue> {
        HashMap::from([
            ("pk".to_owned(), AttributeValue::S(self.pk.clone())),
            ("sk".to_owned(), AttributeValue::S(self.sk.clone())),
        ])
    }
}

/// A user's own partition.
pub(crate) fn user(user: &UserId) -> String {
    format!("U#{user}")
}

/// The partition of the kept events of a run or build.
pub(crate) fn events(user: &UserId, subject: &SubjectId) -> String {
    match subject {
        SubjectId::Run(run) => format!("U#{user}#R#{run}"),
        SubjectId::Build(build) => format!("U#{user}#B#{build}"),
    }
}

/// A partition of dispatches.
pub(crate) fn dispatches(user: &UserId, partition: &Partition) -> String {
    match partition {
        Partition::Webhook(webhook) => format!("U#{user}#W#{webhook}"),
        Partition::AdHoc(shard) => format!("U#{user}#adhoc#{shard}"),
    }
}

fn run_documents(user: &UserId, run: &RunId) -> String {
    format!("U#{user}#R#{run}")
}
