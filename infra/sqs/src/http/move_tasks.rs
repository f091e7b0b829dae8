//! `StartMessageMoveTask` and `ListMessageMoveTasks`.

use serde::{Deserialize, Serialize};

use super::Call;
use crate::address;
use crate::error::Error;
use crate::move_task::{MoveOrder, MoveTask};

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct StartRequest {
    source_arn: String,
    destination_arn: Option<String>,
    max_number_of_messages_per_second: Option<u32>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct ListRequest {
    source_arn: String,
    max_results: Option<usize>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct StartAnswer {
    task_handle: String,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ListAnswer {
    results: Vec<WireTask>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct WireTask {
    status: &'static str,
    source_arn: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    destination_arn: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_number_of_messages_per_second: Option<u32>,
    approximate_number_of_messages_to_move: usize,
    approximate_number_of_messages_moved: usize,
    started_timestamp: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    failure_reason: Option<&'static str>,
}

pub(super) fn start(call: &Call, request: &StartRequest) -> Result<StartAnswer, Error> {
    let order = MoveOrder {
        source_arn: &request.source_arn,
        destination_arn: request.destination_arn.as_deref(),
        per_second: request.max_number_of_messages_per_second,
    };
    let task_handle = call
        .sqs
        .account
        .with_state(|state, now| state.move_messages(&order, now))?;
    Ok(StartAnswer { task_handle })
}

pub(super) fn list(call: &Call, request: &ListRequest) -> Result<ListAnswer, Error> {
    call.sqs.account.with_state(|state, _| {
        let tasks = state.moves_of(&request.source_arn)?;
        Ok(ListAnswer {
            results: tasks
                .take(request.max_results.unwrap_or(1))
                .map(WireTask::from)
                .collect(),
        })
    })
}

impl From<&MoveTask> for WireTask {
    fn from(task: &MoveTask) -> Self {
        Self {
            status: if task.failure.is_some() {
                "FAILED"
            } else {
                "COMPLETED"
            },
            source_arn: address::arn(&task.source),
            destination_arn: task.destination.as_deref().map(address::arn),
            max_number_of_messages_per_second: task.per_second,
            approximate_number_of_messages_to_move: task.to_move,
            approximate_number_of_messages_moved: task.moved,
            started_timestamp: task.started.unix_millis(),
            failure_reason: task.failure,
        }
    }
}
