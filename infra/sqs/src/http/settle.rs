//! What a consumer says of a message that it holds: `DeleteMessage`, `ChangeMessageVisibility`, and
//! their batches.

use serde::{Deserialize, Serialize};

use super::batch::{Batch, BatchAnswer};
use super::{Call, Nothing, seconds};
use crate::error::Error;
use crate::queue::Queue;

/// A message to delete: a request with the queue's URL, or an entry of a batch with an id.
#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct DeleteRequest {
    queue_url: String,
    id: String,
    receipt_handle: String,
}

/// A message to hide for another time: a request with the queue's URL, or an entry of a batch with
/// an id.
#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct VisibilityRequest {
    queue_url: String,
    id: String,
    receipt_handle: String,
    visibility_timeout: Option<i64>,
}

/// An entry for which there is nothing to say but that it succeeded.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Done {
    id: String,
}

pub(super) fn delete(call: &Call, request: &DeleteRequest) -> Result<Nothing, Error> {
    request
        .apply(&call.queue(&request.queue_url)?)
        .map(|()| Nothing {})
}

pub(super) fn delete_batch(
    call: &Call,
    batch: Batch<DeleteRequest>,
) -> Result<BatchAnswer<Done>, Error> {
    let queue = call.queue(&batch.queue_url)?;
    batch.check("DeleteMessageBatchRequestEntry", |entry| &entry.id)?;
    Ok(batch
        .entries
        .into_iter()
        .map(|entry| done(entry.apply(&queue), entry.id))
        .collect())
}

pub(super) fn change_visibility(
    call: &Call,
    request: &VisibilityRequest,
) -> Result<Nothing, Error> {
    request
        .apply(&call.queue(&request.queue_url)?)
        .map(|()| Nothing {})
}

pub(super) fn change_visibility_batch(
    call: &Call,
    batch: Batch<VisibilityRequest>,
) -> Result<BatchAnswer<Done>, Error> {
    let queue = call.queue(&batch.queue_url)?;
    batch.check("ChangeMessageVisibilityBatchRequestEntry", |entry| {
        &entry.id
    })?;
    Ok(batch
        .entries
        .into_iter()
        .map(|entry| done(entry.apply(&queue), entry.id))
        .collect())
}

impl DeleteRequest {
    fn apply(&self, queue: &Queue) -> Result<(), Error> {
        queue.delete(&self.receipt_handle)
    }
}

impl VisibilityRequest {
    fn apply(&self, queue: &Queue) -> Result<(), Error> {
        let timeout = self
            .visibility_timeout
            .ok_or_else(|| Error::missing_parameter("VisibilityTimeout"))?;
        queue.change_visibility(&self.receipt_handle, seconds::visibility(timeout)?)
    }
}

fn done(outcome: Result<(), Error>, id: String) -> (String, Result<Done, Error>) {
    (id.clone(), outcome.map(|()| Done { id }))
}
