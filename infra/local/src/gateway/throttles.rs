//! What DynamoDB throttles, read from its answers: the metrics `ReadThrottleEvents` and
//! `WriteThrottleEvents` of a table.

use axum::body::{Body, to_bytes};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::Value;

use super::calls::Call;
use super::capacity::BODY_LIMIT;
use crate::cloudwatch::{CloudWatch, Metric};

/// What a client is told when there is too much to do.
const THROTTLED: [&str; 4] = [
    "ProvisionedThroughputExceeded",
    "RequestLimitExceeded",
    "Throttling",
    "ThrottlingError",
];

/// Reads or writes of a table that were not carried out.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Throttled {
    table: String,
    is_write: bool,
    events: u32,
}

/// Counts what a call was refused, and hands its answer on.
pub(super) async fn measure(
    cloudwatch: &CloudWatch,
    call: &Call,
    request: &[u8],
    response: Response,
) -> Response {
    let may_be_partial = response.status() == StatusCode::OK && call.operation.starts_with("Batch");
    if !may_be_partial && response.status() != StatusCode::BAD_REQUEST {
        return response;
    }
    let (head, body) = response.into_parts();
    let Ok(body) = to_bytes(body, BODY_LIMIT).await else {
        return StatusCode::BAD_GATEWAY.into_response();
    };
    for throttled in throttled(&call.operation, request, &body) {
        let name = match throttled.is_write {
            true => "WriteThrottleEvents",
            false => "ReadThrottleEvents",
        };
        let metric = Metric::new("AWS/DynamoDB", name, [("TableName", &throttled.table)]);
        let events = f64::from(throttled.events);
        cloudwatch.record(metric, cloudwatch.now(), events);
    }
    Response::from_parts(head, Body::from(body))
}

fn throttled(operation: &str, request: &[u8], answer: &[u8]) -> Vec<Throttled> {
    // As a rule there is nothing to be found, and nothing need be read for that.
    let text = String::from_utf8_lossy(answer);
    if !text.contains("Unprocessed") && !THROTTLED.iter().any(|code| text.contains(code)) {
        return Vec::new();
    }
    let [request, answer]: [Value; 2] =
        [request, answer].map(|json| serde_json::from_slice(json).unwrap_or_default());
    if is_throttle(&answer["__type"]) {
        return all_of(operation, &request);
    }
    match operation {
        "BatchGetItem" => of_tables(&answer["UnprocessedKeys"], false),
        "BatchWriteItem" => of_tables(&answer["UnprocessedItems"], true),
        "BatchExecuteStatement" => {
            let answers = answer["Responses"].as_array().into_iter().flatten();
            let statements = request["Statements"].as_array().into_iter().flatten();
            let refused = statements
                .zip(answers)
                .filter(|(_, answer)| is_throttle(&answer["Error"]["Code"]));
            refused
                .filter_map(|(statement, _)| of_statement(statement))
                .collect()
        }
        _ => {
            let reasons = answer["CancellationReasons"].as_array();
            let reasons = reasons.into_iter().flatten();
            let items = request["TransactItems"].as_array().into_iter().flatten();
            let refused = items
                .zip(reasons)
                .filter(|(_, reason)| is_throttle(&reason["Code"]));
            let is_write = operation == "TransactWriteItems";
            refused
                .filter_map(|(item, _)| of_part(item, is_write))
                .collect()
        }
    }
}

fn is_throttle(code: &Value) -> bool {
    let code = code.as_str().unwrap_or_default();
    let code = code.rsplit('#').next().unwrap_or(code);
    THROTTLED.contains(&code.trim_end_matches("Exception"))
}

/// Everything that a call asks for.
fn all_of(operation: &str, request: &Value) -> Vec<Throttled> {
    match operation {
        "BatchGetItem" => of_tables(&request["RequestItems"], false),
        "BatchWriteItem" => of_tables(&request["RequestItems"], true),
        "BatchExecuteStatement" => {
            let statements = request["Statements"].as_array().into_iter().flatten();
            statements.filter_map(of_statement).collect()
        }
        "TransactGetItems" | "TransactWriteItems" => {
            let items = request["TransactItems"].as_array().into_iter().flatten();
            let is_write = operation == "TransactWriteItems";
            items.filter_map(|item| of_part(item, is_write)).collect()
        }
        _ => {
            let is_write = !matches!(operation, "GetItem" | "Query" | "Scan");
            of_one(request, is_write).into_iter().collect()
        }
    }
}

/// Requests by table, as batches have them.
fn of_tables(tables: &Value, is_write: bool) -> Vec<Throttled> {
    let tables = tables.as_object().into_iter().flatten();
    tables
        .map(|(table, requests)| {
            let requests = requests.get("Keys").unwrap_or(requests);
            let events = requests.as_array().map_or(1, Vec::len);
            Throttled {
                table: name_of(table),
                is_write,
                events: u32::try_from(events).unwrap_or(u32::MAX),
            }
        })
        .collect()
}

/// A part of a transaction: one member that says what it is.
fn of_part(item: &Value, is_write: bool) -> Option<Throttled> {
    let (_, part) = item.as_object()?.iter().next()?;
    of_one(part, is_write)
}

/// A statement of PartiQL, whose table is the first name in double quotes.
fn of_statement(statement: &Value) -> Option<Throttled> {
    let text = statement["Statement"].as_str()?;
    Some(Throttled {
        table: name_of(text.split('"').nth(1)?),
        is_write: !text.trim_start().starts_with("SELECT"),
        events: 1,
    })
}

fn of_one(request: &Value, is_write: bool) -> Option<Throttled> {
    Some(Throttled {
        table: name_of(request["TableName"].as_str()?),
        is_write,
        events: 1,
    })
}

/// A table may be named by its ARN.
fn name_of(table: &str) -> String {
    table.rsplit('/').next().unwrap_or(table).to_owned()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const REFUSAL: &str = "com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException";

    fn events(operation: &str, request: &Value, answer: &Value) -> Vec<(String, bool, u32)> {
        let (request, answer) = (request.to_string(), answer.to_string());
        let throttled = throttled(operation, request.as_bytes(), answer.as_bytes());
        let mut events: Vec<_> = throttled
            .into_iter()
            .map(|it| (it.table, it.is_write, it.events))
            .collect();
        events.sort();
        events
    }

    #[test]
    fn what_is_refused_counts_for_each_table_of_the_call() {
        let refused = json!({ "__type": REFUSAL });
        let put = json!({ "TableName": "arn:aws:dynamodb:r:1:table/a" });
        let batch = json!({ "RequestItems": { "a": { "Keys": [1, 2] }, "b": { "Keys": [3] } } });
        let part = json!({ "TransactItems": [{ "Put": { "TableName": "a" } }] });
        let (a, b) = ("a".to_owned(), "b".to_owned());
        assert_eq!(events("PutItem", &put, &refused), [(a.clone(), true, 1)]);
        assert_eq!(events("Query", &put, &refused), [(a.clone(), false, 1)]);
        let expected = [(a.clone(), false, 2), (b, false, 1)];
        assert_eq!(events("BatchGetItem", &batch, &refused), expected);
        let expected = [(a, true, 1)];
        assert_eq!(events("TransactWriteItems", &part, &refused), expected);
    }

    #[test]
    fn what_is_left_undone_counts_for_its_table() {
        let some = json!({ "UnprocessedItems": { "a": [1, 2, 3] } });
        let all_done = json!({ "UnprocessedItems": {} });
        let request = json!({ "RequestItems": { "a": [1, 2, 3, 4] } });
        let expected = [("a".to_owned(), true, 3)];
        assert_eq!(events("BatchWriteItem", &request, &some), expected);
        assert_eq!(events("BatchWriteItem", &request, &all_done), []);
    }

    #[test]
    fn a_part_of_a_transaction_counts_where_it_is_the_reason() {
        let items = ["a", "b"].map(|table| json!({ "Put": { "TableName": table } }));
        let request = json!({ "TransactItems": items });
        let answer = json!({
            "__type": "x#TransactionCanceledException",
            "CancellationReasons": [{ "Code": "None" }, { "Code": "ThrottlingError" }],
        });
        let expected = [("b".to_owned(), true, 1)];
        assert_eq!(events("TransactWriteItems", &request, &answer), expected);
    }

    #[test]
    fn a_statement_counts_where_its_own_answer_says_so() {
        let statements = [
            r#"INSERT INTO "a" VALUE {'pk': ?}"#,
            r#"UPDATE "b" SET x = ? WHERE pk = ?"#,
            r#"SELECT * FROM "c" WHERE pk = ?"#,
        ];
        let statements = statements.map(|text| json!({ "Statement": text }));
        let request = json!({ "Statements": statements });
        let code = |code: &str| json!({ "Error": { "Code": code } });
        let answer = json!({ "Responses": [
            { "TableName": "a" },
            code("ThrottlingError"),
            code("ProvisionedThroughputExceeded"),
        ] });
        let expected = [("b".to_owned(), true, 1), ("c".to_owned(), false, 1)];
        assert_eq!(events("BatchExecuteStatement", &request, &answer), expected);
        let answer = json!({ "Responses": [code("DuplicateItem"), {}, {}] });
        assert_eq!(events("BatchExecuteStatement", &request, &answer), []);
        let refused = events(
            "BatchExecuteStatement",
            &request,
            &json!({ "__type": REFUSAL }),
        );
        assert_eq!(refused.len(), 3);
    }

    #[test]
    fn other_refusals_are_no_throttles() {
        let answer = json!({ "__type": "x#ConditionalCheckFailedException" });
        assert_eq!(events("PutItem", &json!({ "TableName": "a" }), &answer), []);
    }
}
