//! What IAM checks for a call to SQS: a batch is the same action as one message.

use std::collections::BTreeMap;

use serde_json::Value;

use super::asks::Resources;
use crate::aws::arn;
use crate::iam::Ask;
use crate::template::Queue;

/// The queues whose messages end on each dead-letter queue.
pub(super) fn sources(queues: &BTreeMap<String, Queue>) -> BTreeMap<String, Vec<String>> {
    let mut sources: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for queue in queues.values() {
        let policy = queue.attributes.get("RedrivePolicy");
        let policy: Option<Value> = policy.and_then(|text| serde_json::from_str(text).ok());
        let target = policy
            .as_ref()
            .and_then(|policy| policy["deadLetterTargetArn"].as_str());
        if let Some(target) = target {
            let of_target = sources.entry(target.to_owned()).or_default();
            of_target.push(arn("sqs", &queue.name));
        }
    }
    sources
}

pub(super) fn asks_of(operation: &str, body: &Value, resources: &Resources) -> Vec<Ask> {
    let text = |name: &str| body[name].as_str();
    if operation == "StartMessageMoveTask" {
        return asks_of_move_task(body, resources);
    }
    let action = operation.strip_suffix("Batch").unwrap_or(operation);
    let queue = match (text("QueueUrl"), text("QueueName"), text("SourceArn")) {
        (Some(url), _, _) => arn(
            "sqs",
            url.trim_end_matches('/').rsplit('/').next().unwrap_or(url),
        ),
        (_, Some(name), _) => arn("sqs", name),
        (_, _, Some(source)) => source.to_owned(),
        _ => arn("sqs", "*"),
    };
    vec![Ask::new(format!("sqs:{action}"), queue)]
}

/// Whoever moves messages takes them from one queue and sends them to another, or to where they
/// came from.
fn asks_of_move_task(body: &Value, resources: &Resources) -> Vec<Ask> {
    let source = body["SourceArn"].as_str().unwrap_or("*");
    let from = [
        "GetQueueAttributes",
        "StartMessageMoveTask",
        "ReceiveMessage",
        "DeleteMessage",
    ];
    let from = from.map(|action| Ask::new(format!("sqs:{action}"), source));
    let to = match body["DestinationArn"].as_str() {
        Some(destination) => vec![destination.to_owned()],
        None => resources.sources.get(source).cloned().unwrap_or_default(),
    };
    let to = to
        .into_iter()
        .map(|queue| Ask::new("sqs:SendMessage", queue));
    from.into_iter().chain(to).collect()
}
