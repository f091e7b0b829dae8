//! Names of dispatches. An id is derived from webhook and event, and says by itself where its
//! record lies.

use std::fmt;
use std::str::FromStr;

use crate::base62;
use crate::digest::short;
use crate::event::{Event, HASH_LENGTH};
use crate::id::{IdError, WEBHOOK_ID_LENGTH, WebhookId};
use crate::spread::{MEASURED, MOST_KEYS, Spread};
use crate::timestamp::Timestamp;
use crate::webhooks::lifetime::Lifetime;

/// Over how many partitions a user's ad hoc dispatches are spread.
pub const AD_HOC_SHARDS: u8 = 10;
const TIME_LENGTH: usize = 8;
/// Letters and digits of ids: of a standing webhook's dispatch under its first key, and under
/// another.
const STANDING_LENGTH: usize = 1 + WEBHOOK_ID_LENGTH + TIME_LENGTH + HASH_LENGTH;
const SPREAD_LENGTH: usize = 1 + STANDING_LENGTH;
const AD_HOC_LENGTH: usize = 1 + 1 + TIME_LENGTH + HASH_LENGTH;

/// The id of a dispatch: letters and digits. `S`, webhook id, time, hash; `K`, one of the webhook's
/// further keys, webhook id, time, hash; or `A`, shard, time, hash. Times are milliseconds in base
/// 62, hashes 71 bits of SHA-256 over webhook and event.
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
    /// Those of one standing webhook, under its first key.
    Webhook(WebhookId),
    /// Those of one standing webhook, under a further key.
    Spread(WebhookId, u8),
    /// One shard of a user's ad hoc dispatches.
    AdHoc(u8),
}

impl Partition {
    /// All those of a standing webhook that has so many keys.
    pub fn of_webhook(webhook: &WebhookId, keys: u8) -> impl Iterator<Item = Self> {
        (0..keys.max(1)).map(|key| Self::of_key(webhook, key))
    }

    fn of_key(webhook: &WebhookId, key: u8) -> Self {
        match key {
            0 => Self::Webhook(webhook.clone()),
            key => Self::Spread(webhook.clone(), key),
        }
    }
}

impl DispatchId {
    /// The one dispatch that this event makes of this webhook.
    pub fn derive(
        webhook: &WebhookId,
        lifetime: &Lifetime,
        spread: &Spread,
        event: &Event,
    ) -> Self {
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
            Lifetime::Standing => {
                let key = shard(&hash, spread.keys_at(key.created_at));
                let text = match key {
                    0 => format!("S{webhook}{time}{hash}"),
                    key => format!("K{}{webhook}{time}{hash}", base62::encode(key.into(), 1)),
                };
                (text, Partition::of_key(webhook, key))
            }
            Lifetime::AdHoc(_) => {
                let shard = shard(webhook.as_str(), AD_HOC_SHARDS);
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
                "22, 38 or 39 letters and digits that name a partition and a time",
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

    /// Whether its webhook's pace is measured when it is claimed: one of many does.
    pub fn measures(&self) -> bool {
        // Not the figures that its key is chosen by: every key would have its own share.
        (sum(self.hash()) / 1021).is_multiple_of(MEASURED)
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
        ('K', SPREAD_LENGTH) => {
            let key = u8::try_from(base62::decode(text.get(1..2)?)?).ok()?;
            if key == 0 || key >= MOST_KEYS {
                return None;
            }
            let (webhook, rest) = text.get(2..)?.split_at_checked(WEBHOOK_ID_LENGTH)?;
            (
                Partition::Spread(WebhookId::parse(webhook).ok()?, key),
                rest,
            )
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

/// One of so many, evenly: what it is chosen by are digests.
fn shard(digest: &str, shards: u8) -> u8 {
    (sum(digest) % u32::from(shards.max(1))) as u8
}

fn sum(digest: &str) -> u32 {
    digest.bytes().fold(0u32, |sum, byte| {
        sum.wrapping_mul(31).wrapping_add(byte.into())
    })
}

impl FromStr for DispatchId {
    type Err = IdError;
    fn from_str(text: &str) -> Result<Self, IdError> {
        Self::parse(text)
    }
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
    use crate::id::RunId;
    use crate::spread::Step;
    use proptest::prelude::*;
    use serde_json::json;
    use std::collections::{BTreeMap, BTreeSet};

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
        fn an_id_locates_itself(byte: u8, millis in 0i64..10_000_000_000_000, ad_hoc: bool, keys in 1..=MOST_KEYS) {
            let lifetime = if ad_hoc { Lifetime::AdHoc(RunId::parse("r").unwrap()) } else { Lifetime::Standing };
            let spread = Spread::of(vec![Step { from: Timestamp::default(), keys }], None);
            let id = DispatchId::derive(&webhook(byte), &lifetime, &spread, &event("r", millis));
            let read = DispatchId::parse(id.as_str()).unwrap();
            prop_assert_eq!(read.created_at().as_millis(), millis);
            prop_assert_eq!(read.hash().len(), HASH_LENGTH);
            match read.partition() {
                Partition::Webhook(own) => prop_assert!(!ad_hoc && *own == webhook(byte)),
                Partition::Spread(own, key) => {
                    prop_assert!(!ad_hoc && *own == webhook(byte) && (1..keys).contains(key));
                }
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
            let spread = Spread::default();
            DispatchId::derive(
                &webhook(byte),
                &Lifetime::Standing,
                &spread,
                &event(run, millis),
            )
        };
        assert_eq!(id(1, "r", 5), id(1, "r", 5));
        assert_ne!(id(1, "r", 5), id(2, "r", 5));
        assert_ne!(id(1, "r", 5), id(1, "s", 5));
        assert_ne!(id(1, "r", 5), id(1, "r", 6));
    }

    #[test]
    fn ad_hoc_dispatches_spread_over_all_shards() {
        let shard = |byte| shard(webhook(byte).as_str(), AD_HOC_SHARDS);
        let shards: BTreeSet<u8> = (0..=255).map(shard).collect();
        assert_eq!(shards.len(), usize::from(AD_HOC_SHARDS));
    }

    #[test]
    fn the_dispatches_of_a_webhook_with_many_keys_lie_evenly_under_all_of_them() {
        let spread = Spread::of(
            vec![Step {
                from: Timestamp::default(),
                keys: MOST_KEYS,
            }],
            None,
        );
        let (mut counts, mut measured) = (BTreeMap::new(), 0);
        let all = 200 * i64::from(MOST_KEYS);
        for millis in 0..all {
            let event = event("r", millis);
            let id = DispatchId::derive(&webhook(1), &Lifetime::Standing, &spread, &event);
            *counts.entry(id.partition().clone()).or_insert(0) += 1;
            measured += i64::from(id.measures());
        }
        assert_eq!(counts.len(), usize::from(MOST_KEYS));
        let most = counts.values().max().copied().unwrap();
        assert!(most < 300, "{most} under one of them, and 200 on average");
        let expected = all / i64::from(MEASURED);
        assert!(
            (expected / 3..expected * 3).contains(&measured),
            "{measured}"
        );
    }
}
