//! What IAM checks for a PartiQL statement: `PartiQLSelect`, `PartiQLInsert`, `PartiQLUpdate` or `PartiQLDelete` on its table.

use regex_lite::Regex;
use serde_json::Value;

use super::asks::Resources;
use super::dynamodb::{arn_of, name_of, text_of};
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
    let Some(table) = table_in(statement) else {
        return vec![Ask::new(action, arn("dynamodb", "table/*"))];
    };
    let attribute = resources.partition_keys.get(name_of(&table));
    let key = attribute.and_then(|attribute| key_in(statement, attribute, &request["Parameters"]));
    let ask = Ask::new(action, arn_of(&table));
    vec![ask.with("dynamodb:LeadingKeys", key.into_iter().collect())]
}

fn table_in(statement: &str) -> Option<String> {
    let table = Regex::new(r#"(?i)\b(?:from|into|update)\s+"?([\w.:/-]+)"?"#).ok()?;
    Some(table.captures(statement)?.get(1)?.as_str().to_owned())
}

/// The value that the statement gives to, or wants of, the attribute: written out, or one of the parameters.
fn key_in(statement: &str, attribute: &str, parameters: &Value) -> Option<String> {
    let attribute = regex_lite::escape(attribute);
    let pattern = format!(r#"["']?\b{attribute}\b["']?\s*[=:]\s*(?:'([^']*)'|(\?))"#);
    let found = Regex::new(&pattern).ok()?.captures(statement)?;
    if let Some(written) = found.get(1) {
        return Some(written.as_str().to_owned());
    }
    let before = &statement[..found.get(2)?.start()];
    text_of(&parameters[before.matches('?').count()])
}
