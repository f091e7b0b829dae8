//! API tokens: only `api` may look them up, and no function may make, change or end one.

use std::collections::HashMap;

use aws_sdk_dynamodb::error::ProvideErrorMetadata;
use aws_sdk_dynamodb::types::{
    AttributeValue, Delete, DeleteRequest, KeysAndAttributes, Put, PutRequest, TransactWriteItem,
    WriteRequest,
};
use local::options::Options;
use local::platform::Platform;

use crate::stage::config_of;

type Item = HashMap<String, AttributeValue>;

const FUNCTIONS: [&str; 4] = ["api", "deliver", "ingest", "sweep"];

async fn platform() -> (Platform, String) {
    let platform = Platform::start(Options::without_functions()).await;
    let platform = platform.expect("a platform");
    let table = platform.endpoints().tables["WebhooksTable"].clone();
    (platform, table)
}

fn as_function(platform: &Platform, function: &str) -> aws_sdk_dynamodb::Client {
    let caller = format!("{function}-1");
    aws_sdk_dynamodb::Client::new(&config_of(&caller, &platform.endpoints().dynamodb))
}

fn token() -> Item {
    [("pk", "T#0123"), ("sk", "T")]
        .map(|(name, text)| (name.to_owned(), AttributeValue::S(text.to_owned())))
        .into()
}

fn denied<T, E: ProvideErrorMetadata + std::fmt::Debug>(answer: Result<T, E>) -> bool {
    answer.is_err_and(|error| error.code() == Some("AccessDeniedException"))
}

#[tokio::test(flavor = "multi_thread")]
async fn no_function_writes_a_token_in_whatever_way_it_tries() {
    let (platform, table) = platform().await;
    for function in FUNCTIONS {
        let db = as_function(&platform, function);
        let put = db.put_item().table_name(&table).set_item(Some(token()));
        assert!(denied(put.send().await), "{function}: put");
        let update = db.update_item().table_name(&table).set_key(Some(token()));
        let update = update
            .update_expression("SET a = :a")
            .expression_attribute_values(":a", AttributeValue::Bool(true));
        assert!(denied(update.send().await), "{function}: update");
        let delete = db.delete_item().table_name(&table).set_key(Some(token()));
        assert!(denied(delete.send().await), "{function}: delete");
        for request in batch_writes() {
            let batch = db.batch_write_item().request_items(&table, vec![request]);
            assert!(denied(batch.send().await), "{function}: batch");
        }
        for part in transaction_parts(&table) {
            let transaction = db.transact_write_items().transact_items(part);
            assert!(denied(transaction.send().await), "{function}: transaction");
        }
        let statement = format!(r#"INSERT INTO "{table}" VALUE {{'pk': 'T#0123', 'sk': 'T'}}"#);
        let insert = db.execute_statement().statement(statement);
        assert!(denied(insert.send().await), "{function}: PartiQL");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_api_reads_tokens() {
    let (platform, table) = platform().await;
    for function in FUNCTIONS {
        let db = as_function(&platform, function);
        let is_api = function == "api";
        let get = db.get_item().table_name(&table).set_key(Some(token()));
        assert_eq!(denied(get.send().await), !is_api, "{function}: get");
        let keys = KeysAndAttributes::builder().keys(token()).build();
        let batch = db.batch_get_item();
        let batch = batch.request_items(&table, keys.expect("keys"));
        assert_eq!(denied(batch.send().await), !is_api, "{function}: batch");
        let query = db
            .query()
            .table_name(&table)
            .key_condition_expression("#pk = :pk")
            .expression_attribute_names("#pk", "pk")
            .expression_attribute_values(":pk", AttributeValue::S("T#0123".to_owned()));
        assert_eq!(denied(query.send().await), !is_api, "{function}: query");
        let scan = db.scan().table_name(&table);
        assert!(denied(scan.send().await), "{function}: scan");
    }
}

/// A neighbour in the same batch is no way in.
#[tokio::test(flavor = "multi_thread")]
async fn a_token_among_other_items_is_denied_with_all_of_them() {
    let (platform, table) = platform().await;
    let db = as_function(&platform, "ingest");
    let mut other = token();
    other.insert("pk".to_owned(), AttributeValue::S("U#user1".to_owned()));
    let put = |item: Item| {
        let put = PutRequest::builder().set_item(Some(item)).build();
        WriteRequest::builder()
            .put_request(put.expect("an item"))
            .build()
    };
    let alone = db
        .batch_write_item()
        .request_items(&table, vec![put(other.clone())]);
    alone.send().await.expect("ingest may write a user's items");
    let both = db
        .batch_write_item()
        .request_items(&table, vec![put(other), put(token())]);
    assert!(denied(both.send().await));
}

fn batch_writes() -> [WriteRequest; 2] {
    let put = PutRequest::builder().set_item(Some(token())).build();
    let delete = DeleteRequest::builder().set_key(Some(token())).build();
    [
        WriteRequest::builder()
            .put_request(put.expect("an item"))
            .build(),
        WriteRequest::builder()
            .delete_request(delete.expect("a key"))
            .build(),
    ]
}

fn transaction_parts(table: &str) -> [TransactWriteItem; 2] {
    let put = Put::builder().table_name(table).set_item(Some(token()));
    let delete = Delete::builder().table_name(table).set_key(Some(token()));
    [
        TransactWriteItem::builder()
            .put(put.build().expect("an item"))
            .build(),
        TransactWriteItem::builder()
            .delete(delete.build().expect("a key"))
            .build(),
    ]
}
