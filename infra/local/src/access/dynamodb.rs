//! What IAM checks for a call to DynamoDB: a batch for each table by an action of its own, a
//! transaction by the actions of its parts, PartiQL by actions of its own.

use serde_json::Value;

use super::asks::Resources;
use super::keys::{name_of, text_of};
use super::{keys, partiql};
use crate::aws::arn;
use crate::iam::Ask;

/// The condition key that holds the partition keys of a call.
const LEADING_KEYS: &str = "dynamodb:LeadingKeys";

pub(super) fn asks_of(operation: &str, body: &Value, resources: &Resources) -> Vec<Ask> {
    match operation {
        "BatchGetItem" => of_tables(body, |table, keys| {
            let keys = keys["Keys"].as_array().into_iter().flatten();
            asking(operation, table, keys, resources)
        }),
        "BatchWriteItem" => of_tables(body, |table, writes| {
            let writes = writes.as_array().into_iter().flatten();
            let keys = writes.map(|write| match write.get("PutRequest") {
                Some(put) => &put["Item"],
                None => &write["DeleteRequest"]["Key"],
            });
            asking(operation, table, keys, resources)
        }),
        "TransactGetItems" | "TransactWriteItems" => parts(body, resources),
        "ExecuteStatement" => partiql::asks_of(body, resources),
        "BatchExecuteStatement" => partiql::asks_of_all(&body["Statements"], resources),
        "ExecuteTransaction" => partiql::asks_of_all(&body["TransactStatements"], resources),
        _ => vec![one(operation, body, resources)],
    }
}

/// A call or part of a transaction that names one table.
fn one(operation: &str, body: &Value, resources: &Resources) -> Ask {
    let Some(table) = body["TableName"].as_str() else {
        return Ask::new(format!("dynamodb:{operation}"), arn("dynamodb", "table/*"));
    };
    let keys: Vec<String> = match operation {
        "Query" => key_of_query(body, table, resources).into_iter().collect(),
        "PutItem" => key_of(&body["Item"], table, resources)
            .into_iter()
            .collect(),
        _ => key_of(&body["Key"], table, resources).into_iter().collect(),
    };
    let resource = match body["IndexName"].as_str() {
        Some(index) => format!("{}/index/{index}", arn_of(table)),
        None => arn_of(table),
    };
    Ask::new(format!("dynamodb:{operation}"), resource).with(LEADING_KEYS, keys)
}

fn of_tables(body: &Value, ask: impl Fn(&str, &Value) -> Ask) -> Vec<Ask> {
    let tables = body["RequestItems"].as_object().into_iter().flatten();
    tables.map(|(table, items)| ask(table, items)).collect()
}

fn parts(body: &Value, resources: &Resources) -> Vec<Ask> {
    let items = body["TransactItems"].as_array().into_iter().flatten();
    let parts = items.filter_map(Value::as_object).flatten();
    let ask = |(kind, part): (&String, &Value)| {
        let operation = match kind.as_str() {
            "ConditionCheck" => "ConditionCheckItem",
            "Delete" => "DeleteItem",
            "Get" => "GetItem",
            "Put" => "PutItem",
            "Update" => "UpdateItem",
            other => other,
        };
        one(operation, part, resources)
    };
    parts.map(ask).collect()
}

fn asking<'a>(
    operation: &str,
    table: &str,
    items: impl Iterator<Item = &'a Value>,
    resources: &Resources,
) -> Ask {
    let keys = items.filter_map(|item| key_of(item, table, resources));
    let ask = Ask::new(format!("dynamodb:{operation}"), arn_of(table));
    ask.with(LEADING_KEYS, keys.collect())
}

/// The partition key of an item, as text.
fn key_of(item: &Value, table: &str, resources: &Resources) -> Option<String> {
    let attribute = resources.partition_keys.get(name_of(table))?;
    text_of(&item[attribute])
}

fn key_of_query(body: &Value, table: &str, resources: &Resources) -> Option<String> {
    keys::key_of_query(body, resources.partition_keys.get(name_of(table))?)
}

/// A table may be named by its ARN.
pub(super) fn arn_of(table: &str) -> String {
    match table.starts_with("arn:") {
        true => table.to_owned(),
        false => arn("dynamodb", &format!("table/{table}")),
    }
}
