//! What IAM checks for a call: one action or several, each on a resource.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{dynamodb, sqs};
use crate::aws::arn;
use crate::gateway::calls::{Call, Service};
use crate::iam::Ask;
use crate::template::Template;

/// What the template declares of the things that calls name.
pub(super) struct Resources {
    /// The attribute that is the partition key, by the table's name.
    pub(super) partition_keys: BTreeMap<String, String>,
    /// The queues that name a dead-letter queue, by the ARN of that.
    pub(super) sources: BTreeMap<String, Vec<String>>,
    /// ARNs of secrets, by name.
    pub(super) secrets: BTreeMap<String, String>,
}

impl Resources {
    pub(super) fn of(template: &Template) -> Self {
        let tables = template.tables.values();
        let secrets = template.secrets.values();
        Resources {
            partition_keys: tables
                .filter_map(|table| Some((table.name.clone(), table.partition_key()?.to_owned())))
                .collect(),
            sources: sqs::sources(&template.queues),
            secrets: secrets
                .map(|secret| (secret.name.clone(), secret.arn.clone()))
                .collect(),
        }
    }

    /// What has to be allowed for this call; nothing where the service itself will refuse it.
    pub(super) fn asks_of(&self, call: &Call, body: &Value) -> Vec<Ask> {
        match (call.service, call.operation.as_str()) {
            (_, "") => Vec::new(),
            (Service::DynamoDb, operation) => dynamodb::asks_of(operation, body, self),
            (Service::Sqs, operation) => sqs::asks_of(operation, body, self),
            (Service::SecretsManager, operation) => {
                let secret = body["SecretId"].as_str().unwrap_or("*");
                let resource = match secret.starts_with("arn:") {
                    true => secret.to_owned(),
                    false => match self.secrets.get(secret) {
                        Some(arn) => arn.clone(),
                        None => arn("secretsmanager", &format!("secret:{secret}")),
                    },
                };
                vec![Ask::new(format!("secretsmanager:{operation}"), resource)]
            }
        }
    }
}

/// Whether what is called can have a policy of its own, which counts for callers who are no
/// functions.
pub(super) fn may_have_a_policy(call: &Call) -> bool {
    call.service == Service::Sqs
}
