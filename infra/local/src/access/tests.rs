//! What is asked of IAM for each way to call.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::asks::Resources;
use crate::gateway::calls::{Call, Service};
use crate::iam::Ask;

const A: &str = "arn:aws:dynamodb:us-east-1:000000000000:table/a";
const B: &str = "arn:aws:dynamodb:us-east-1:000000000000:table/b";

fn resources() -> Resources {
    let dead = "arn:aws:sqs:us-east-1:000000000000:dead".to_owned();
    let source = "arn:aws:sqs:us-east-1:000000000000:q".to_owned();
    Resources {
        partition_keys: ["a", "b"]
            .map(|table| (table.to_owned(), "pk".to_owned()))
            .into(),
        sources: BTreeMap::from([(dead, vec![source])]),
        secrets: BTreeMap::from([("key".to_owned(), "arn:key".to_owned())]),
    }
}

fn asks(service: Service, operation: &str, body: &Value) -> Vec<Ask> {
    let call = Call {
        caller: "ingest".to_owned(),
        service,
        operation: operation.to_owned(),
    };
    resources().asks_of(&call, body)
}

/// Action, resource and partition keys of each ask of a call to DynamoDB.
fn of_dynamodb(operation: &str, body: &Value) -> Vec<(String, String, Vec<String>)> {
    let asks = asks(Service::DynamoDb, operation, body).into_iter();
    let parts = asks.map(|mut ask| {
        let keys = ask.context.remove("dynamodb:leadingkeys");
        (ask.action, ask.resource, keys.unwrap_or_default())
    });
    parts.collect()
}

fn asked(action: &str, resource: &str, keys: &[&str]) -> (String, String, Vec<String>) {
    let keys = keys.iter().map(|key| (*key).to_owned());
    (
        format!("dynamodb:{action}"),
        resource.to_owned(),
        keys.collect(),
    )
}

#[test]
fn a_batch_is_asked_for_on_each_of_its_tables() {
    let key = |pk: &str| json!({"pk": {"S": pk}, "sk": {"S": "x"}});
    let get =
        json!({"RequestItems": {"a": {"Keys": [key("1"), key("2")]}, "b": {"Keys": [key("3")]}}});
    assert_eq!(
        of_dynamodb("BatchGetItem", &get),
        [
            asked("BatchGetItem", A, &["1", "2"]),
            asked("BatchGetItem", B, &["3"])
        ]
    );
    let write = json!({"RequestItems": {
        "a": [{"PutRequest": {"Item": key("1")}}, {"DeleteRequest": {"Key": key("2")}}],
        B: [{"PutRequest": {"Item": key("3")}}],
    }});
    assert_eq!(
        of_dynamodb("BatchWriteItem", &write),
        [
            asked("BatchWriteItem", A, &["1", "2"]),
            asked("BatchWriteItem", B, &["3"])
        ]
    );
}

#[test]
fn a_transaction_is_asked_for_by_its_parts() {
    let key = json!({"pk": {"S": "1"}});
    let write = json!({"TransactItems": [
        {"Put": {"TableName": "a", "Item": key}},
        {"Update": {"TableName": "a", "Key": key}},
        {"Delete": {"TableName": "b", "Key": key}},
        {"ConditionCheck": {"TableName": "b", "Key": key}},
    ]});
    assert_eq!(
        of_dynamodb("TransactWriteItems", &write),
        [
            asked("PutItem", A, &["1"]),
            asked("UpdateItem", A, &["1"]),
            asked("DeleteItem", B, &["1"]),
            asked("ConditionCheckItem", B, &["1"]),
        ]
    );
    let get = json!({"TransactItems": [{"Get": {"TableName": "a", "Key": key}}]});
    assert_eq!(
        of_dynamodb("TransactGetItems", &get),
        [asked("GetItem", A, &["1"])]
    );
}

#[test]
fn a_query_is_asked_for_with_the_partition_that_it_names() {
    for expression in ["pk = :p AND sk > :s", "sk > :s AND pk=:p", "#k = :p"] {
        let query = json!({
            "TableName": "a", "KeyConditionExpression": expression,
            "ExpressionAttributeNames": {"#k": "pk"},
            "ExpressionAttributeValues": {":p": {"S": "1"}, ":s": {"S": "2"}},
        });
        assert_eq!(
            of_dynamodb("Query", &query),
            [asked("Query", A, &["1"])],
            "{expression}"
        );
    }
    let of_index = json!({"TableName": "a", "IndexName": "i"});
    assert_eq!(
        of_dynamodb("Query", &of_index),
        [asked("Query", &format!("{A}/index/i"), &[])]
    );
}

#[test]
fn partiql_is_asked_for_by_actions_of_its_own() {
    for (statement, parameters, expected) in [
        (
            r#"SELECT * FROM "a" WHERE pk = '1'"#,
            json!([]),
            asked("PartiQLSelect", A, &["1"]),
        ),
        (
            r#"insert into "a" value {'sk': ?, 'pk': ?}"#,
            json!([{"S": "2"}, {"S": "1"}]),
            asked("PartiQLInsert", A, &["1"]),
        ),
        (
            r#"UPDATE "b" SET n = ? WHERE "pk" = ? AND "sk" = ?"#,
            json!([{"N": "3"}, {"S": "1"}, {"S": "2"}]),
            asked("PartiQLUpdate", B, &["1"]),
        ),
        (
            r#"DELETE FROM b WHERE pk = ?"#,
            json!([{"S": "1"}]),
            asked("PartiQLDelete", B, &["1"]),
        ),
    ] {
        let one = json!({"Statement": statement, "Parameters": parameters});
        let expected = [expected];
        assert_eq!(
            of_dynamodb("ExecuteStatement", &one),
            expected,
            "{statement}"
        );
        let batch = json!({ "Statements": [one] });
        assert_eq!(of_dynamodb("BatchExecuteStatement", &batch), expected);
        let transaction = json!({ "TransactStatements": [one] });
        assert_eq!(of_dynamodb("ExecuteTransaction", &transaction), expected);
    }
}

#[test]
fn a_batch_of_messages_is_the_same_action_as_one() {
    let queue = json!({"QueueUrl": "http://127.0.0.1:1/000000000000/q"});
    for (operation, action) in [
        ("SendMessageBatch", "sqs:SendMessage"),
        ("DeleteMessageBatch", "sqs:DeleteMessage"),
        (
            "ChangeMessageVisibilityBatch",
            "sqs:ChangeMessageVisibility",
        ),
        ("GetQueueAttributes", "sqs:GetQueueAttributes"),
    ] {
        let expected = Ask::new(action, "arn:aws:sqs:us-east-1:000000000000:q");
        assert_eq!(asks(Service::Sqs, operation, &queue), [expected]);
    }
}

#[test]
fn who_moves_messages_takes_them_from_one_queue_and_sends_them_to_the_other() {
    let source = json!({"SourceArn": "arn:aws:sqs:us-east-1:000000000000:dead"});
    let asks = asks(Service::Sqs, "StartMessageMoveTask", &source);
    let sends = Ask::new("sqs:SendMessage", "arn:aws:sqs:us-east-1:000000000000:q");
    assert!(asks.contains(&sends), "{asks:?}");
    assert_eq!(asks.len(), 5);
}

#[test]
fn a_secret_may_be_named_or_given_by_its_arn() {
    for name in ["key", "arn:key"] {
        assert_eq!(
            asks(
                Service::SecretsManager,
                "GetSecretValue",
                &json!({ "SecretId": name })
            ),
            [Ask::new("secretsmanager:GetSecretValue", "arn:key")]
        );
    }
}
