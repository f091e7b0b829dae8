//! The items that a call is about, and the partition keys that they lie under.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::access::keys::{key_of_query, key_of_statement, name_of, table_of_statement, text_of};

/// The least that a read which need not be consistent consumes.
const EVENTUAL: f64 = 0.5;
/// How many times as much everything is in a transaction.
const IN_A_TRANSACTION: f64 = 2.0;

/// One item, or one query.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Part {
    /// The table's name.
    pub(super) table: String,
    /// The partition key, where one is named.
    pub(super) key: Option<String>,
    pub(super) is_write: bool,
    /// The least that it consumes.
    pub(super) least: f64,
}

impl Part {
    /// The key in its table.
    pub(super) fn key(&self) -> Option<(String, String)> {
        Some((self.table.clone(), self.key.clone()?))
    }
}

/// The parts of a call, in their order. `keys` has the attribute that is the partition key of each
/// table.
pub(super) fn of(operation: &str, request: &Value, keys: &BTreeMap<String, String>) -> Vec<Part> {
    match operation {
        "BatchGetItem" => in_tables(request, |table, of_table| {
            let least = read(of_table);
            let items = of_table["Keys"].as_array().into_iter().flatten();
            let part = |item| part(table, item_key(table, item, keys), false, least);
            items.map(part).collect()
        }),
        "BatchWriteItem" => in_tables(request, |table, of_table| {
            let writes = of_table.as_array().into_iter().flatten();
            let items = writes.map(|write| match write.get("PutRequest") {
                Some(put) => &put["Item"],
                None => &write["DeleteRequest"]["Key"],
            });
            let part = |item| part(table, item_key(table, item, keys), true, 1.0);
            items.map(part).collect()
        }),
        "BatchExecuteStatement" => {
            let statements = request["Statements"].as_array().into_iter().flatten();
            statements
                .map(|statement| of_statement(statement, keys))
                .collect()
        }
        "ExecuteStatement" => vec![of_statement(request, keys)],
        "TransactGetItems" | "TransactWriteItems" => {
            let items = request["TransactItems"].as_array().into_iter().flatten();
            let parts = items.filter_map(|item| item.as_object()?.iter().next());
            let part = |(kind, item): (&String, &Value)| {
                let mut part = of_one(item, kind != "Get", keys);
                part.least = IN_A_TRANSACTION;
                part
            };
            parts.map(part).collect()
        }
        "PutItem" | "UpdateItem" | "DeleteItem" => vec![of_one(request, true, keys)],
        "GetItem" | "Query" | "Scan" => vec![of_one(request, false, keys)],
        _ => Vec::new(),
    }
}

fn in_tables(request: &Value, parts: impl Fn(&str, &Value) -> Vec<Part>) -> Vec<Part> {
    let tables = request["RequestItems"].as_object().into_iter().flatten();
    tables
        .flat_map(|(table, of_table)| parts(table, of_table))
        .collect()
}

fn of_one(request: &Value, is_write: bool, keys: &BTreeMap<String, String>) -> Part {
    let table = request["TableName"].as_str().unwrap_or_default();
    let key = keys.get(name_of(table)).and_then(|attribute| {
        let item = request.get("Item").or(request.get("Key"));
        match item {
            Some(item) => text_of(&item[attribute]),
            None => key_of_query(request, attribute),
        }
    });
    part(
        table,
        key,
        is_write,
        if is_write { 1.0 } else { read(request) },
    )
}

fn of_statement(statement: &Value, keys: &BTreeMap<String, String>) -> Part {
    let text = statement["Statement"].as_str().unwrap_or_default();
    let table = table_of_statement(text).unwrap_or_default();
    let key = keys
        .get(name_of(&table))
        .and_then(|attribute| key_of_statement(text, attribute, &statement["Parameters"]));
    let is_write = !text.trim_start().to_uppercase().starts_with("SELECT");
    part(
        &table,
        key,
        is_write,
        if is_write { 1.0 } else { read(statement) },
    )
}

fn item_key(table: &str, item: &Value, keys: &BTreeMap<String, String>) -> Option<String> {
    text_of(&item[keys.get(name_of(table))?])
}

fn part(table: &str, key: Option<String>, is_write: bool, least: f64) -> Part {
    Part {
        table: name_of(table).to_owned(),
        key,
        is_write,
        least,
    }
}

/// The least that is read.
fn read(request: &Value) -> f64 {
    match request["ConsistentRead"].as_bool() {
        Some(true) => 1.0,
        _ => EVENTUAL,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn parts(operation: &str, request: Value) -> Vec<(String, bool, f64)> {
        let keys = [("t".to_owned(), "pk".to_owned())].into();
        let parts = of(operation, &request, &keys);
        let part = |part: Part| (part.key.unwrap_or_default(), part.is_write, part.least);
        parts.into_iter().map(part).collect()
    }

    fn item(key: &str) -> Value {
        json!({ "pk": { "S": key }, "sk": { "S": "s" } })
    }

    #[test]
    fn every_item_of_a_call_counts_for_its_own_key() {
        let (write, read) = (true, false);
        let one = |key: &str, is_write, least| (key.to_owned(), is_write, least);
        let put = json!({ "TableName": "arn:aws:dynamodb:r:1:table/t", "Item": item("a") });
        assert_eq!(parts("PutItem", put), [one("a", write, 1.0)]);
        let get = json!({ "TableName": "t", "Key": item("a"), "ConsistentRead": true });
        assert_eq!(parts("GetItem", get), [one("a", read, 1.0)]);
        let query = json!({
            "TableName": "t", "KeyConditionExpression": "#k = :k AND sk > :s",
            "ExpressionAttributeNames": { "#k": "pk" },
            "ExpressionAttributeValues": { ":k": { "S": "a" }, ":s": { "S": "b" } },
        });
        assert_eq!(parts("Query", query), [one("a", read, 0.5)]);
        let batch = json!({ "RequestItems": { "t": { "Keys": [item("a"), item("b")] } } });
        let expected = [one("a", read, 0.5), one("b", read, 0.5)];
        assert_eq!(parts("BatchGetItem", batch), expected);
        let batch = json!({ "RequestItems": { "t": [
            { "PutRequest": { "Item": item("a") } }, { "DeleteRequest": { "Key": item("b") } },
        ] } });
        let expected = [one("a", write, 1.0), one("b", write, 1.0)];
        assert_eq!(parts("BatchWriteItem", batch), expected);
        let transaction = json!({ "TransactItems": [
            { "Put": { "TableName": "t", "Item": item("a") } },
            { "ConditionCheck": { "TableName": "t", "Key": item("b") } },
        ] });
        let expected = [one("a", write, 2.0), one("b", write, 2.0)];
        assert_eq!(parts("TransactWriteItems", transaction), expected);
    }

    #[test]
    fn every_statement_counts_for_the_key_that_it_names() {
        let text = |text: &str| json!({ "S": text });
        let request = json!({ "Statements": [
            {
                "Statement": r#"INSERT INTO "t" VALUE {'a': ?, 'pk': ?, 'sk': ?}"#,
                "Parameters": [text("x"), text("a"), text("s")],
            },
            {
                "Statement": r#"UPDATE "t" SET n = ? WHERE pk = ? AND sk = ? AND n = ?"#,
                "Parameters": [text("x"), text("b"), text("s"), text("y")],
            },
        ] });
        let expected = [("a".to_owned(), true, 1.0), ("b".to_owned(), true, 1.0)];
        assert_eq!(parts("BatchExecuteStatement", request), expected);
    }
}
