//! Names of dispatches. An id is derived from webhook and event, and says by itself where its record lies.

use std::fmt;

use crate::base62;
use crate::digest::short;
use crate::event::{Event, HASH_LENGTH};
use crate::id::{IdError, WEBHOOK_ID_LENGTH, WebhookId};
use crate::timestamp::Timestamp;
use crate::webhook::Lifetime;

/// Over how many partitions a user's ad hoc dispatches are spread.
pub const AD_HOC_SHARDS: u8 = 10;
const TIME_LENGTH: usize = 8;
/// Letters and digits of the longest id, that of a standing webhook's dispatch.
const STANDING_LENGTH: usize = 1 + WEBHOOK_ID_LENGTH + TIME_LENGTH + HASH_LENGTH;
const AD_HOC_LENGTH: usize = 1 + 1 + TIME_LENGTH + HASH_LENGTH;

/// The id of a dispatch: letters and digits. `S`, webhook id, time, hash; or `A`, shard, time, hash. Times are milliseconds in base 62,
/// hashes 71 bits of SHA-256 over webhook and event.
#[derive(
    Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
#[serde(try_from = "String", into = "String")]
pub struct DispatchId {
    text: String,
    partition: Partition,
    created_at: Timestamp,
}

/// Which dispatches lie together.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Partition {
    /// Those of one standing webhook.
    Webhook(WebhookId),
    /// One shard of a user's ad hoc dispatches.
    AdHoc(u8),
}

impl DispatchId {
    /// The one dispatch that this event makes of this webhook.
    pub fn derive(webhook: &WebhookId, lifetime: Lifetime, event: &Event) -> Self {
        let key = event.key();
        let subject = event.subject.id();
        let parts = [
            event.user.as_str(),
            webhook.as_str(),
            subject.as_str(),
            &key.hash,
        ]
        .map(str::as_bytes);
        let hash = short(&parts, HASH_LENGTH);
        let time = base62::encode(
            key.created_at.as_millis().unsigned_abs().into(),
            TIME_LENGTH,
        );
        let (text, partition) = match lifetime {
            Lifetime::Standing => (
                format!("S{webhook}{time}{hash}"),
                Partition::Webhook(webhook.clone()),
            ),
            Lifetime::AdHoc => {
                let shard = shard(webhook);
                (format!("A{shard}{time}{hash}"), Partition::AdHoc(shard))
            }
        };
        Self {
            text,
            partition,
            created_at: key.created_at,
        }
    }

    /// Reads an id; one that names no partition and time is refused.
    pub fn parse(text: &str) -> Result<Self, IdError> {
        let located = text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric())
            .then(|| locate(text))
            .flatten();
        let (partition, created_at) = located.ok_or_else(|| {
            IdError::new(
                "a dispatch",
                "22 or 38 letters and digits that name a partition and a time",
                text,
            )
        })?;
        Ok(Self {
            text: text.to_owned(),
            partition,
            created_at,
        })
    }

    /// The partition in which its record lies.
    pub fn partition(&self) -> &Partition {
        &self.partition
    }

    /// When its event happened.
    pub fn created_at(&self) -> Timestamp {
        self.created_at
    }

    /// What tells it from others of the same partition and time.
    pub fn hash(&self) -> &str {
        self.text
            .get(self.text.len() - HASH_LENGTH..)
            .unwrap_or_default()
    }

    /// The id as it is written everywhere.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

fn locate(text: &str) -> Option<(Partition, Timestamp)> {
    let (partition, rest) = match (text.chars().next()?, text.len()) {
        ('S', STANDING_LENGTH) => {
            let (webhook, rest) = text.get(1..)?.split_at_checked(WEBHOOK_ID_LENGTH)?;
            (Partition::Webhook(WebhookId::parse(webhook).ok()?), rest)
        }
        ('A', AD_HOC_LENGTH) => (
            Partition::AdHoc(text.get(1..2)?.parse().ok()?),
            text.get(2..)?,
        ),
        _ => return None,
    };
    let millis = base62::decode(rest.get(..TIME_LENGTH)?)?;
    Some((
        partition,
        Timestamp::from_millis(i64::try_from(millis).ok()?)?,
    ))
}

/// Spreads ad hoc webhooks evenly: their ids are digests.
fn shard(webhook: &WebhookId) -> u8 {
    let sum = webhook.as_str().bytes().fold(0u32, |sum, byte| {
        sum.wrapping_mul(31).wrapping_add(byte.into())
    });
    (sum % u32::from(AD_HOC_SHARDS)) as u8
}

impl TryFrom<String> for DispatchId {
    type Error = IdError;
    fn try_from(text: String) -> Result<Self, IdError> {
        Self::parse(&text)
    }
}

impl From<DispatchId> for String {
    fn from(id: DispatchId) -> String {
        id.text
    }
}

impl fmt::Display for DispatchId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event_message::parse;
    use proptest::prelude::*;
    use serde_json::json;

    fn event(run: &str, millis: i64) -> Event {
        let created_at = Timestamp::from_millis(millis).unwrap().to_string();
        let message = json!({
            "eventType": "ACTOR.RUN.FAILED", "createdAt": created_at, "userId": "u",
            "eventData": {"actorId": "a", "actorRunId": run}, "resource": {}
        });
        parse(&message.to_string(), 0).unwrap().event
    }

    fn webhook(byte: u8) -> WebhookId {
        WebhookId::from_bytes([byte; 16])
    }

    proptest! {
        #[test]
        fn an_id_locates_itself(byte: u8, millis in 0i64..10_000_000_000_000, ad_hoc: bool) {
            let lifetime = if ad_hoc { Lifetime::AdHoc } else { Lifetime::Standing };
            let id = DispatchId::derive(&webhook(byte), lifetime, &event("r", millis));
            let read = DispatchId::parse(id.as_str()).unwrap();
            prop_assert_eq!(read.created_at().as_millis(), millis);
            prop_assert_eq!(read.hash().len(), HASH_LENGTH);
            match read.partition() {
                Partition::Webhook(own) => prop_assert!(!ad_hoc && *own == webhook(byte)),
                Partition::AdHoc(shard) => prop_assert!(ad_hoc && *shard < AD_HOC_SHARDS),
            }
        }

        #[test]
        fn no_text_makes_it_panic(text in ".*") {
            let _ = DispatchId::parse(&text);
        }
    }

    #[test]
    fn the_same_webhook_and_event_always_make_the_same_dispatch() {
        let id = |byte, run, millis| {
            DispatchId::derive(&webhook(byte), Lifetime::Standing, &event(run, millis))
        };
        assert_eq!(id(1, "r", 5), id(1, "r", 5));
        assert_ne!(id(1, "r", 5), id(2, "r", 5));
        assert_ne!(id(1, "r", 5), id(1, "s", 5));
        assert_ne!(id(1, "r", 5), id(1, "r", 6));
    }

    #[test]
    fn ad_hoc_dispatches_spread_over_all_shards() {
        let shards: std::collections::BTreeSet<u8> =
            (0..=255).map(|byte| shard(&webhook(byte))).collect();
        assert_eq!(shards.len(), usize::from(AD_HOC_SHARDS));
    }
}
