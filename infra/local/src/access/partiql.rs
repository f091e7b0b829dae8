//! What IAM checks for a PartiQL statement: `PartiQLSelect`, `PartiQLInsert`, `PartiQLUpdate` or
//! `PartiQLDelete` on its table.

use serde_json::Value;

use super::asks::Resources;
use super::dynamodb::arn_of;
use super::keys::{key_of_statement, name_of, table_of_statement};
use crate::aws::arn;
use crate::iam::Ask;

pub(super) fn asks_of_all(statements: &Value, resources: &Resources) -> Vec<Ask> {
    let statements = statements.as_array().into_iter().flatten();
    statements
        .flat_map(|statement| asks_of(statement, resources))
        .collect()
}

/// A request or part with a `Statement` and its `Parameters`.
pub(super) fn asks_of(request: &Value, resources: &Resources) -> Vec<Ask> {
    let Some(statement) = request["Statement"].as_str() else {
        return Vec::new();
    };
    let verb = statement.split_whitespace().next().unwrap_or_default();
    let action = match verb.to_uppercase().as_str() {
        "DELETE" => "PartiQLDelete",
        "INSERT" => "PartiQLInsert",
        "UPDATE" => "PartiQLUpdate",
        // EXISTS, inside a transaction, reads as well.
        _ => "PartiQLSelect",
    };
    let action = format!("dynamodb:{action}");
    let Some(table) = table_of_statement(statement) else {
        return vec![Ask::new(action, arn("dynamodb", "table/*"))];
    };
    let attribute = resources.partition_keys.get(name_of(&table));
    let key = attribute
        .and_then(|attribute| key_of_statement(statement, attribute, &request["Parameters"]));
    let ask = Ask::new(action, arn_of(&table));
    vec![ask.with("dynamodb:LeadingKeys", key.into_iter().collect())]
}
