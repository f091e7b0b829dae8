//! Batches: up to ten entries with an id each, of which some may fail and the others not.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::error::{Error, ErrorCode};
use crate::limits;

/// A batch of entries for one queue.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Batch<Entry> {
    #[serde(default)]
    pub(super) queue_url: String,
    #[serde(default = "Vec::new")]
    pub(super) entries: Vec<Entry>,
}

/// The answer to a batch. It is collected from what became of each entry.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct BatchAnswer<Success> {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    successful: Vec<Success>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    failed: Vec<Failure>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Failure {
    id: String,
    sender_fault: bool,
    code: &'static str,
    message: String,
}

impl<Success> FromIterator<(String, Result<Success, Error>)> for BatchAnswer<Success> {
    fn from_iter<Outcomes: IntoIterator<Item = (String, Result<Success, Error>)>>(
        outcomes: Outcomes,
    ) -> Self {
        let mut answer = Self {
            successful: Vec::new(),
            failed: Vec::new(),
        };
        for (id, outcome) in outcomes {
            match outcome {
                Ok(success) => answer.successful.push(success),
                Err(error) => answer.failed.push(Failure {
                    id,
                    sender_fault: true,
                    code: error.code().query_code(),
                    message: error.to_string(),
                }),
            }
        }
        answer
    }
}

impl<Entry> Batch<Entry> {
    /// Refuses the batch as a whole: for too many entries or none, or for their ids. `kind` is what
    /// SQS calls an entry.
    pub(super) fn check(&self, kind: &str, id: impl Fn(&Entry) -> &str) -> Result<(), Error> {
        let count = self.entries.len();
        if count == 0 {
            let message = format!("There should be at least one {kind} in the request.");
            return Err(Error::new(ErrorCode::EmptyBatchRequest, message));
        }
        if count > limits::MAX_BATCH {
            let message =
                format!("Maximum number of entries per request are 10. You have sent {count}.");
            return Err(Error::new(ErrorCode::TooManyEntriesInBatchRequest, message));
        }
        let mut seen = BTreeSet::new();
        for id in self.entries.iter().map(id) {
            check_id(id)?;
            if !seen.insert(id) {
                return Err(Error::new(
                    ErrorCode::BatchEntryIdsNotDistinct,
                    format!("Id {id} repeated."),
                ));
            }
        }
        Ok(())
    }
}

fn check_id(id: &str) -> Result<(), Error> {
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    if (1..=80).contains(&id.len()) && id.bytes().all(is_allowed) {
        return Ok(());
    }
    let message = "A batch entry id can only contain alphanumeric characters, hyphens and \
                   underscores. It can be at most 80 letters long.";
    Err(Error::new(ErrorCode::InvalidBatchEntryId, message))
}
