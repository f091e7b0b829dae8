//! What a platform offers, and where: the contents of `target/local/env.json`.

use std::collections::BTreeMap;

use serde::Serialize;

/// Where everything is.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Endpoints {
    /// The API function's URL; the stand-in for the job platform answers here too.
    pub api: String,
    /// DynamoDB.
    pub dynamodb: String,
    /// SQS.
    pub sqs: String,
    /// The queue that takes the platform's events.
    pub event_queue_url: Option<String>,
    /// Table names, by logical id.
    pub tables: BTreeMap<String, String>,
    /// Queue URLs, by logical id.
    pub queues: BTreeMap<String, String>,
    /// Invoke URLs, by the function's short name.
    pub functions: BTreeMap<String, String>,
    /// An API token that works.
    pub token: String,
}
