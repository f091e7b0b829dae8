//! How AWS refuses a call: the error that a client finds in the answer.

use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::gateway::calls::{Call, Service};

/// Why a call is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// There are too many.
    Throttled,
    /// Something is wrong inside of AWS.
    Failed,
    /// A transaction is in the way.
    InConflict,
}

impl Refusal {
    /// The answer to this call, which had this body.
    pub(crate) fn answer(self, call: &Call, body: &[u8]) -> Response {
        let (status, code) = match (self, call.service) {
            (Refusal::Throttled, Service::Sqs) => (403, "RequestThrottled"),
            (Refusal::Throttled, Service::SecretsManager) => (400, "ThrottlingException"),
            // What is throttled is one of its items, and no SDK repeats such a transaction.
            (Refusal::Throttled | Refusal::InConflict, _)
                if call.operation == "TransactWriteItems" =>
            {
                (400, "TransactionCanceledException")
            }
            (Refusal::Throttled, _) => (400, "ProvisionedThroughputExceededException"),
            (Refusal::Failed, Service::Sqs) => (500, "InternalFailure"),
            (Refusal::Failed, Service::SecretsManager) => (500, "InternalServiceError"),
            (Refusal::Failed, _) => (500, "InternalServerError"),
            (Refusal::InConflict, _) => (400, "TransactionConflictException"),
        };
        let namespace = match call.service {
            Service::Sqs => "com.amazonaws.sqs",
            Service::SecretsManager => "com.amazonaws.secretsmanager",
            Service::DynamoDb => "com.amazonaws.dynamodb.v20120810",
        };
        let mut error = json!({
            "__type": format!("{namespace}#{code}"), "message": "a fault was asked for here",
        });
        if code == "TransactionCanceledException" {
            let code = match self {
                Refusal::Throttled => "ProvisionedThroughputExceeded",
                Refusal::Failed | Refusal::InConflict => "TransactionConflict",
            };
            error["CancellationReasons"] = reasons(code, body);
        }
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let headers = [(CONTENT_TYPE, "application/x-amz-json-1.0")];
        (status, headers, error.to_string()).into_response()
    }
}

/// The first item of the transaction is what was in the way.
fn reasons(code: &str, transaction: &[u8]) -> Value {
    let transaction: Value = serde_json::from_slice(transaction).unwrap_or_default();
    let items = transaction["TransactItems"].as_array().map_or(1, Vec::len);
    let reason = |place| match place {
        0 => json!({ "Code": code, "Message": "a fault was asked for here" }),
        _ => json!({ "Code": "None" }),
    };
    (0..items).map(reason).collect()
}
