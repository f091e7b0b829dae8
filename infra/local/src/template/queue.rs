//! `AWS::SQS::Queue`.

use std::collections::BTreeMap;

use anyhow::Result;
use serde_json::Value;

use super::properties::Properties;
use super::scope::Scope;
use super::value::text_of;

/// The properties that SQS knows as attributes of the same name.
const ATTRIBUTES: &[&str] = &[
    "DelaySeconds",
    "KmsMasterKeyId",
    "MaximumMessageSize",
    "MessageRetentionPeriod",
    "ReceiveMessageWaitTimeSeconds",
    "RedriveAllowPolicy",
    "RedrivePolicy",
    "SqsManagedSseEnabled",
    "VisibilityTimeout",
];

/// A queue to create.
#[derive(Debug)]
pub struct Queue {
    /// Its name in SQS.
    pub name: String,
    /// Its attributes, as SQS names and writes them. What is missing is SQS's default.
    pub attributes: BTreeMap<String, String>,
}

impl Queue {
    pub(super) fn read(scope: &Scope<'_>, id: &str, resource: &Value) -> Result<Self> {
        let properties = Properties::of(scope, resource)?;
        let mut attributes = BTreeMap::new();
        for name in ATTRIBUTES {
            let Some(value) = properties.value(name)? else {
                continue;
            };
            let text = match &value {
                Value::Object(policy) => serde_json::to_string(policy)?,
                other => text_of(other)?,
            };
            attributes.insert((*name).to_owned(), text);
        }
        Ok(Queue {
            name: scope.physical_name(id)?,
            attributes,
        })
    }
}

/// The queue's name in its ARN.
pub(super) fn name_in(arn: &str) -> String {
    arn.rsplit(':').next().unwrap_or(arn).to_owned()
}
