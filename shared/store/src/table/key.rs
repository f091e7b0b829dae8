//! Every key string, and nothing else. The table of keys is in the crate's documentation.
//!
//! The user stands in every partition key but those of tokens, parked retries and marks of jobs, which no user asks for by name: a wrong id
//! can never reach another user's items. Ids are letters and digits, so `#` always separates.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use domain::api_token::TokenId;
use domain::condition::Condition;
use domain::delivery_message::DeliveryMessage;
use domain::dispatch_id::{DispatchId, Partition};
use domain::due::Minute;
use domain::endpoint::Endpoint;
use domain::event::{EventKey, SubjectId, creation_hash};
use domain::id::{JobId, RunId, UserId, WebhookId};
use domain::matching::MatchKey;
use domain::notice::{self, Notice};
use domain::rate::Counted;
use domain::timestamp::Timestamp;
use domain::webhook::Lifetime;

/// A primary key.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Key {
    pub(crate) pk: String,
    pub(crate) sk: String,
}

/// The sort keys of standing webhooks begin so.
pub(crate) const WEBHOOK: &str = "W#";
/// The sort keys of a user's tokens begin so.
pub(crate) const TOKEN: &str = "T#";
/// The sort keys of kept events begin so.
pub(crate) const EVENT: &str = "E#";
/// The sort keys of what is told of definitions that came to nothing begin so.
pub(crate) const REJECTED: &str = "X#";
/// The sort keys of dispatches begin so.
pub(crate) const DISPATCH: &str = "D#";
/// The sort key of what says that a user's list entries are complete. It is less than those of all
/// entries.
pub(crate) const COMPLETE: &str = "!";
/// The sort keys of list entries begin so: of standing webhooks, of deleted ones, and of ad hoc
/// ones. They are in this order.
pub(crate) const STANDING: &str = "B#";
pub(crate) const DELETED: &str = "D#";
pub(crate) const AD_HOC: &str = "O#";
/// The sort keys of notices that were not sent yet begin so.
pub(crate) const NOTICE: &str = "N#";
/// And those of exhausted dispatches that no notice tells of yet.
pub(crate) const EXHAUSTED: &str = "X#";
/// The sort keys of the notices that a webhook's owner can read begin so.
pub(crate) const TOLD: &str = "V#";
/// The partition that says which jobs run.
pub(crate) const JOB_MARKS: &str = "J";

impl Key {
    /// Where a webhook is defined.
    pub(crate) fn definition(user: &UserId, lifetime: &Lifetime, webhook: &WebhookId) -> Self {
        let pk = match lifetime {
            Lifetime::Standing => self::user(user),
            Lifetime::AdHoc(run) => run_documents(user, run),
        };
        Self {
            pk,
            sk: format!("{WEBHOOK}{webhook}"),
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

    /// A webhook's entry of this kind in lists.
    pub(crate) fn entry(user: &UserId, kind: &str, at: Timestamp, webhook: &WebhookId) -> Self {
        Self {
            pk: entries(user),
            sk: format!("{kind}{:013}#{webhook}", at.as_millis()),
        }
    }

    pub(crate) fn entries_complete(user: &UserId) -> Self {
        Self {
            pk: entries(user),
            sk: COMPLETE.to_owned(),
        }
    }

    /// Where it stands how often a user has asked for something within a minute.
    pub(crate) fn rate(user: &UserId, what: Counted, minute: Minute) -> Self {
        Self {
            pk: format!("U#{user}#Y"),
            sk: format!("{}#{}", what.name(), minute.number()),
        }
    }

    pub(crate) fn token(id: &TokenId) -> Self {
        Self {
            pk: format!("{TOKEN}{id}"),
            sk: "T".to_owned(),
        }
    }

    pub(crate) fn token_of_user(user: &UserId, id: &TokenId) -> Self {
        Self {
            pk: self::user(user),
            sk: format!("{TOKEN}{id}"),
        }
    }

    /// The creation of a run or build has the same key whenever it is said to have happened, so
    /// that there is one. It comes first.
    pub(crate) fn event(user: &UserId, subject: &SubjectId, event: &EventKey) -> Self {
        let at = if event.hash == creation_hash(user, subject) {
            0
        } else {
            event.created_at.as_millis()
        };
        Self {
            pk: events(user, subject),
            sk: format!("{EVENT}{at:013}#{}", event.hash),
        }
    }

    /// What is told of the definitions that came with this event and came to nothing. It lies apart
    /// from the events.
    pub(crate) fn rejected(event: &Key) -> Self {
        Self {
            pk: event.pk.clone(),
            sk: event.sk.replacen(EVENT, REJECTED, 1),
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

    /// What is known of a webhook's dispatches without counting them.
    pub(crate) fn counters(user: &UserId, webhook: &WebhookId) -> Self {
        Self {
            pk: dispatches(user, &Partition::Webhook(webhook.clone())),
            sk: "N".to_owned(),
        }
    }

    /// Where a retry is parked.
    pub(crate) fn due(minute: Minute, shard: u8, message: &DeliveryMessage) -> Self {
        Self {
            pk: due_shard(minute, shard),
            sk: format!("{}#{}", message.dispatch, message.attempt),
        }
    }

    /// Where it stands how an endpoint behaves.
    pub(crate) fn health(endpoint: &Endpoint) -> Self {
        Self {
            pk: format!("U#{}#H#{}", endpoint.user, endpoint.host),
            sk: "H".to_owned(),
        }
    }

    /// What a user may still ask of the fast lane. No host has an empty name.
    pub(crate) fn allowance(user: &UserId) -> Self {
        Self {
            pk: format!("U#{user}#H#"),
            sk: "A".to_owned(),
        }
    }

    /// A redelivery job of a webhook.
    pub(crate) fn job(user: &UserId, webhook: &WebhookId, job: &JobId) -> Self {
        Self {
            pk: dispatches(user, &Partition::Webhook(webhook.clone())),
            sk: format!("J#{job}"),
        }
    }

    /// Where it stands that a job of a webhook runs.
    pub(crate) fn job_mark(user: &UserId, webhook: &WebhookId) -> Self {
        Self {
            pk: JOB_MARKS.to_owned(),
            sk: format!("{user}#{webhook}"),
        }
    }

    /// A notice that was not sent yet.
    pub(crate) fn notice(notice: &Notice) -> Self {
        let (at, id) = (notice.created_at.as_millis(), notice.id.as_str());
        Self {
            pk: notices(notice::shard(id)),
            // Those that have waited longest come first.
            sk: format!("{NOTICE}{at:013}#{id}"),
        }
    }

    /// A dispatch that was exhausted in a minute, until a notice tells of all of its webhook's.
    pub(crate) fn exhausted(minute: Minute, message: &DeliveryMessage) -> Self {
        let DeliveryMessage {
            user,
            webhook,
            dispatch,
            attempt,
            ..
        } = message;
        let from = exhausted_from(minute);
        Self {
            pk: exhausted_dispatches(notice::shard(webhook.as_str())),
            // One that is redelivered can be exhausted again.
            sk: format!("{from}#{user}#{webhook}#{dispatch}#{attempt}"),
        }
    }

    /// A notice that a webhook's owner can read.
    pub(crate) fn told(user: &UserId, webhook: &WebhookId, notice: &Notice) -> Self {
        let (at, id) = (notice.created_at.as_millis(), notice.id.as_str());
        Self {
            pk: dispatches(user, &Partition::Webhook(webhook.clone())),
            sk: format!("{TOLD}{at:013}#{id}"),
        }
    }

    /// Where it stands which minutes were swept.
    pub(crate) fn cursor() -> Self {
        Self {
            pk: "Q".to_owned(),
            sk: "C".to_owned(),
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

/// The partition of a user's list entries.
pub(crate) fn entries(user: &UserId) -> String {
    format!("U#{user}#L")
}

/// The partition of the kept events of a run or build.
pub(crate) fn events(user: &UserId, subject: &SubjectId) -> String {
    match subject {
        SubjectId::Run(run) => format!("U#{user}#R#{run}"),
        SubjectId::Build(build) => format!("U#{user}#B#{build}"),
        // Tests with a resource.
        SubjectId::Test => format!("U#{user}#test"),
    }
}

/// A partition of dispatches.
pub(crate) fn dispatches(user: &UserId, partition: &Partition) -> String {
    match partition {
        Partition::Webhook(webhook) => format!("U#{user}#W#{webhook}"),
        Partition::Spread(webhook, key) => format!("U#{user}#W#{webhook}#{key}"),
        Partition::AdHoc(shard) => format!("U#{user}#adhoc#{shard}"),
    }
}

/// One shard of the retries that fall due in a minute.
pub(crate) fn due_shard(minute: Minute, shard: u8) -> String {
    format!("Q#{}#{shard}", minute.number())
}

/// The sort keys of the dispatches of events from this moment on are greater than this, all earlier ones less.
pub(crate) fn dispatches_from(at: Timestamp) -> String {
    format!("{DISPATCH}{:013}", at.as_millis())
}

/// The sort keys of all dispatches are less than this.
pub(crate) fn behind_dispatches() -> String {
    "D$".to_owned()
}

/// A partition of what is to be told.
pub(crate) fn notices(shard: u8) -> String {
    format!("N#{shard}")
}

/// A partition of exhausted dispatches: apart from notices, because there may be very many.
pub(crate) fn exhausted_dispatches(shard: u8) -> String {
    format!("X#{shard}")
}

/// The sort keys of dispatches that were exhausted in this minute or later are greater than this.
pub(crate) fn exhausted_from(minute: Minute) -> String {
    format!("{EXHAUSTED}{:010}", minute.number())
}

/// The partition of what belongs to a run.
pub(crate) fn run_documents(user: &UserId, run: &RunId) -> String {
    format!("U#{user}#R#{run}")
}
