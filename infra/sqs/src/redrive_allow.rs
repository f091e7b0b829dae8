//! Which queues may have a queue as their dead letter queue.

use serde::{Deserialize, Serialize};

use super::address;
use super::error::Error;

/// How many queues a policy names at most.
const MOST_SOURCES: usize = 10;

/// A queue's `RedriveAllowPolicy`. A queue without one takes the messages of every queue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "redrivePermission", rename_all = "camelCase")]
pub enum RedriveAllow {
    /// Any queue of the account and region.
    AllowAll,
    /// No queue.
    DenyAll,
    /// These queues, by their ARNs. They need not exist yet.
    #[serde(rename_all = "camelCase")]
    ByQueue {
        /// At least one, and at most ten.
        source_queue_arns: Vec<String>,
    },
}

impl RedriveAllow {
    /// Whether the queue of that name may give its messages to the queue that has this policy.
    pub(super) fn allows(&self, source: &str) -> bool {
        match self {
            Self::AllowAll => true,
            Self::DenyAll => false,
            Self::ByQueue { source_queue_arns } => {
                source_queue_arns.contains(&address::arn(source))
            }
        }
    }

    /// The policy as SQS spells it.
    pub(super) fn to_policy(&self) -> String {
        serde_json::json!(self).to_string()
    }

    pub(super) fn from_policy(policy: &str) -> Result<Self, Error> {
        let invalid = |reason| Error::invalid_parameter("RedriveAllowPolicy", policy, reason);
        let value: serde_json::Value = serde_json::from_str(policy)
            .map_err(|_| invalid("Redrive allow policy is not a valid JSON map."))?;
        let names_sources = value.get("sourceQueueArns").is_some();
        let read = serde_json::from_value(value)
            .map_err(|_| invalid("Redrive permission is not valid, or lacks its source queues."))?;
        match &read {
            Self::ByQueue { source_queue_arns } => {
                if !(1..=MOST_SOURCES).contains(&source_queue_arns.len()) {
                    return Err(invalid("There must be 1 to 10 source queues."));
                }
                let is_queue = |arn: &String| address::name_in_arn(arn).is_some();
                if !source_queue_arns.iter().all(is_queue) {
                    return Err(invalid("A source queue is not the ARN of a queue."));
                }
            }
            Self::AllowAll | Self::DenyAll if names_sources => {
                return Err(invalid("Only the permission byQueue takes source queues."));
            }
            Self::AllowAll | Self::DenyAll => {}
        }
        Ok(read)
    }
}
