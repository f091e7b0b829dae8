//! Where requests to DynamoDB name tables and partition keys.

use regex_lite::Regex;
use serde_json::Value;

/// The table that a statement of PartiQL is about.
pub(crate) fn table_of_statement(statement: &str) -> Option<String> {
    let table = Regex::new(r#"(?i)\b(?:from|into|update)\s+"?([\w.:/-]+)"?"#).ok()?;
    Some(table.captures(statement)?.get(1)?.as_str().to_owned())
}

/// The value that the statement gives to, or wants of, the attribute: written out, or one of the
/// parameters.
pub(crate) fn key_of_statement(
    statement: &str,
    attribute: &str,
    parameters: &Value,
) -> Option<String> {
    let attribute = regex_lite::escape(attribute);
    let pattern = format!(r#"["']?\b{attribute}\b["']?\s*[=:]\s*(?:'([^']*)'|(\?))"#);
    let found = Regex::new(&pattern).ok()?.captures(statement)?;
    if let Some(written) = found.get(1) {
        return Some(written.as_str().to_owned());
    }
    let before = &statement[..found.get(2)?.start()];
    text_of(&parameters[before.matches('?').count()])
}

/// The value that a query wants of the attribute.
pub(crate) fn key_of_query(body: &Value, attribute: &str) -> Option<String> {
    let expression = body["KeyConditionExpression"].as_str()?;
    let equality = Regex::new(r"([#\w.-]+)\s*=\s*(:\w+)").ok()?;
    let mut equalities = equality.captures_iter(expression);
    let value = equalities.find_map(|found| {
        let (name, value) = (found.get(1)?.as_str(), found.get(2)?.as_str());
        let name = body["ExpressionAttributeNames"][name]
            .as_str()
            .unwrap_or(name);
        (name == attribute).then_some(value)
    })?;
    text_of(&body["ExpressionAttributeValues"][value])
}

/// A text, number or binary value.
pub(crate) fn text_of(value: &Value) -> Option<String> {
    let (_, value) = value.as_object()?.iter().next()?;
    value.as_str().map(str::to_owned)
}

/// A table may be named by its ARN.
pub(crate) fn name_of(table: &str) -> &str {
    table.rsplit('/').next().unwrap_or(table)
}
