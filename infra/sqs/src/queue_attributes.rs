//! The settings of a queue, typed for us and under SQS's names for its clients.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value, json};

use super::address;
use super::error::{Error, ErrorCode};
use super::limits;
use super::redrive_allow::RedriveAllow;

/// Settings that are kept and given back, but change nothing on one machine.
const UNENFORCED: [&str; 4] = [
    "KmsDataKeyReusePeriodSeconds",
    "KmsMasterKeyId",
    "Policy",
    "SqsManagedSseEnabled",
];

/// The settings of a queue; those of SQS by default.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueueAttributes {
    /// How long a received message stays hidden.
    pub visibility_timeout: Duration,
    /// How long a new message stays hidden.
    pub delay: Duration,
    /// How long a message is kept.
    pub retention: Duration,
    /// The largest message, in bytes.
    pub maximum_message_size: usize,
    /// How long a receive waits that does not say.
    pub receive_wait: Duration,
    /// Where messages go that cannot be handled.
    pub redrive: Option<Redrive>,
    /// Whose messages come here that cannot be handled. `None` is everyone's.
    pub redrive_allow: Option<RedriveAllow>,
    /// Settings that change nothing on one machine (policies, encryption), under SQS's names.
    pub unenforced: BTreeMap<String, String>,
}

/// When a queue gives a message up, and to whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redrive {
    /// The name of the dead letter queue.
    pub dead_letter_queue: String,
    /// How often a message is received before it goes there.
    pub max_receive_count: u32,
}

impl Default for QueueAttributes {
    fn default() -> Self {
        Self {
            visibility_timeout: Duration::from_secs(30),
            delay: Duration::ZERO,
            retention: Duration::from_secs(4 * 24 * 60 * 60),
            maximum_message_size: limits::MAX_MESSAGE_BYTES,
            receive_wait: Duration::ZERO,
            redrive: None,
            redrive_allow: None,
            unenforced: BTreeMap::from([("SqsManagedSseEnabled".to_owned(), "true".to_owned())]),
        }
    }
}

impl QueueAttributes {
    /// Changes the setting that SQS, and CloudFormation, calls `name`. An empty value takes a
    /// policy or a key away.
    pub fn set(&mut self, name: &str, value: &str) -> Result<(), Error> {
        match name {
            "VisibilityTimeout" => {
                self.visibility_timeout =
                    seconds(name, value, 0..=limits::MAX_VISIBILITY.as_secs())?
            }
            "DelaySeconds" => self.delay = seconds(name, value, 0..=limits::MAX_DELAY.as_secs())?,
            "MessageRetentionPeriod" => {
                self.retention = seconds(name, value, limits::RETENTION_SECONDS)?
            }
            "ReceiveMessageWaitTimeSeconds" => {
                self.receive_wait = seconds(name, value, 0..=limits::MAX_WAIT.as_secs())?
            }
            "MaximumMessageSize" => {
                let size = number(name, value, limits::MESSAGE_SIZE_BYTES)?;
                self.maximum_message_size =
                    usize::try_from(size).unwrap_or(limits::MAX_MESSAGE_BYTES);
            }
            "RedrivePolicy" if value.is_empty() => self.redrive = None,
            "RedrivePolicy" => self.redrive = Some(Redrive::from_policy(value)?),
            "RedriveAllowPolicy" if value.is_empty() => self.redrive_allow = None,
            "RedriveAllowPolicy" => {
                self.redrive_allow = Some(RedriveAllow::from_policy(value)?);
            }
            _ if !UNENFORCED.contains(&name) => {
                return Err(Error::new(
                    ErrorCode::InvalidAttributeName,
                    format!("Unknown Attribute {name}."),
                ));
            }
            _ if value.is_empty() => drop(self.unenforced.remove(name)),
            _ => drop(self.unenforced.insert(name.to_owned(), value.to_owned())),
        }
        Ok(())
    }

    /// Whether a queue may be without the setting that SQS calls `name`.
    pub(super) fn is_optional(name: &str) -> bool {
        name.starts_with("Redrive") || UNENFORCED.contains(&name)
    }

    /// The settings under SQS's names, in its spelling.
    pub(super) fn to_wire(&self) -> BTreeMap<String, String> {
        let mut wire = self.unenforced.clone();
        let numbers = [
            ("VisibilityTimeout", self.visibility_timeout.as_secs()),
            ("DelaySeconds", self.delay.as_secs()),
            ("MessageRetentionPeriod", self.retention.as_secs()),
            ("ReceiveMessageWaitTimeSeconds", self.receive_wait.as_secs()),
            ("MaximumMessageSize", self.maximum_message_size as u64),
        ];
        wire.extend(numbers.map(|(name, value)| (name.to_owned(), value.to_string())));
        let redrive = self.redrive.as_ref().map(Redrive::to_policy);
        wire.extend(redrive.map(|policy| ("RedrivePolicy".to_owned(), policy)));
        let allow = self.redrive_allow.as_ref().map(RedriveAllow::to_policy);
        wire.extend(allow.map(|policy| ("RedriveAllowPolicy".to_owned(), policy)));
        wire
    }

    /// The settings that [`to_wire`](Self::to_wire) wrote.
    pub(super) fn from_wire(wire: &BTreeMap<String, String>) -> Result<Self, Error> {
        let mut attributes = Self::default();
        attributes.unenforced.clear();
        for (name, value) in wire {
            attributes.set(name, value)?;
        }
        Ok(attributes)
    }

    /// Refuses values that SQS refuses.
    pub(super) fn check(&self) -> Result<(), Error> {
        Self::from_wire(&self.to_wire()).map(drop)
    }

    /// Refuses settings that are not those of the queue which has the name already.
    pub(super) fn check_same(&self, wanted: &Self) -> Result<(), Error> {
        let (mine, wanted) = (self.to_wire(), wanted.to_wire());
        let Some(name) = mine
            .keys()
            .chain(wanted.keys())
            .find(|&name| mine.get(name) != wanted.get(name))
        else {
            return Ok(());
        };
        let message = format!(
            "A queue already exists with the same name and a different value for attribute {name}"
        );
        Err(Error::new(ErrorCode::QueueNameExists, message))
    }
}

impl Redrive {
    /// The policy as SQS spells it.
    pub(super) fn to_policy(&self) -> String {
        let Self {
            dead_letter_queue,
            max_receive_count,
        } = self;
        let target = address::arn(dead_letter_queue);
        json!({ "deadLetterTargetArn": target, "maxReceiveCount": max_receive_count }).to_string()
    }

    fn from_policy(policy: &str) -> Result<Self, Error> {
        let invalid = |reason: &str| Error::invalid_parameter("RedrivePolicy", policy, reason);
        let wire: WirePolicy = serde_json::from_str(policy)
            .map_err(|_| invalid("Redrive policy is not a valid JSON map."))?;
        let missing = |name| {
            invalid(&format!(
                "Redrive policy does not contain mandatory attribute: {name}."
            ))
        };
        let target = wire
            .dead_letter_target_arn
            .ok_or_else(|| missing("deadLetterTargetArn"))?;
        let count = wire
            .max_receive_count
            .ok_or_else(|| missing("maxReceiveCount"))?;
        let dead_letter_queue = address::name_in_arn(&target)
            .ok_or_else(|| invalid("Dead letter target does not exist."))?
            .to_owned();
        let max_receive_count = receive_count(&count).ok_or_else(|| {
            invalid(&format!(
                "Invalid value for maxReceiveCount: {count}, \
                 valid values are from 1 to 1000 both inclusive."
            ))
        })?;
        Ok(Self {
            dead_letter_queue,
            max_receive_count,
        })
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WirePolicy {
    dead_letter_target_arn: Option<String>,
    max_receive_count: Option<Value>,
}

/// SQS takes the count as a number and as a text.
fn receive_count(value: &Value) -> Option<u32> {
    let count = value.as_u64().or_else(|| value.as_str()?.parse().ok())?;
    u32::try_from(count)
        .ok()
        .filter(|_| limits::RECEIVE_COUNT.contains(&count))
}

fn seconds(name: &str, value: &str, allowed: RangeInclusive<u64>) -> Result<Duration, Error> {
    number(name, value, allowed).map(Duration::from_secs)
}

fn number(name: &str, value: &str, allowed: RangeInclusive<u64>) -> Result<u64, Error> {
    let number = value.parse().ok().filter(|number| allowed.contains(number));
    number.ok_or_else(|| {
        Error::new(
            ErrorCode::InvalidAttributeValue,
            format!("Invalid value for the parameter {name}."),
        )
    })
}
