//! What DynamoDB throttles: more than a new table, or one of its partition keys, takes in a second.

use std::sync::Arc;
use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_dynamodb::error::ProvideErrorMetadata;
use aws_sdk_dynamodb::types::{
    AttributeValue, BatchStatementErrorCodeEnum, BatchStatementRequest, KeysAndAttributes, Put,
    PutRequest, TransactWriteItem, WriteRequest,
};
use aws_smithy_http_client::Builder;
use local::options::Options;
use local::platform::Platform;

use crate::fixture::options;

/// The table of the template.
const TABLE: &str = "runhooks-WebhooksTable";
/// As many bytes as an item holds, about: 390 write units.
const LARGE: usize = 390 * 1024;
/// Many more than a second takes.
const MANY: usize = 100;

async fn limited() -> (Platform, Client) {
    let options = Options {
        limits_throughput: true,
        ..options().await
    };
    let platform = Platform::start(options).await.unwrap();
    // No machine is too slow for a second that does not pass.
    platform.slow_down(Arc::new(1_000_000.into())).unwrap();
    let config = aws_sdk_dynamodb::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .credentials_provider(Credentials::new("test", "test", None, None, "test"))
        .endpoint_url(&platform.endpoints().dynamodb)
        .http_client(Builder::new().build_http())
        .retry_config(RetryConfig::disabled())
        .build();
    (platform, Client::from_conf(config))
}

fn text(text: &str) -> AttributeValue {
    AttributeValue::S(text.to_owned())
}

/// Writes large items under a key until that is throttled.
async fn exhaust(client: &Client, key: &str) -> String {
    for number in 0..MANY {
        let put = client
            .put_item()
            .table_name(TABLE)
            .item("pk", text(key))
            .item("sk", text(&number.to_string()))
            .item("x", text(&"x".repeat(LARGE)));
        if let Err(error) = put.send().await {
            return error.code().unwrap_or_default().to_owned();
        }
    }
    panic!("nothing was throttled")
}

async fn put_small(client: &Client, key: &str) -> bool {
    let put = client.put_item().table_name(TABLE);
    let put = put.item("pk", text(key)).item("sk", text("small"));
    put.send().await.is_ok()
}

#[tokio::test]
async fn a_key_that_has_taken_its_second_takes_more_in_the_next_one() {
    let (platform, client) = limited().await;
    // A second may end in between: then it is tried again.
    let mut refused = false;
    for _ in 0..MANY {
        let code = exhaust(&client, "a").await;
        assert_eq!(code, "ProvisionedThroughputExceededException");
        refused |= !put_small(&client, "a").await;
        assert!(put_small(&client, "b").await, "another key is throttled");
        platform.advance(Duration::from_secs(1)).unwrap();
        if refused {
            break;
        }
    }
    assert!(refused);
    assert!(put_small(&client, "a").await);
}

#[tokio::test]
async fn a_table_takes_four_thousand_units_however_many_keys_it_has() {
    let (_platform, client) = limited().await;
    let mut throttled = false;
    'seconds: for second in 0..MANY {
        for key in 0..40 {
            let put = client
                .put_item()
                .table_name(TABLE)
                .item("pk", text(&format!("{second} {key}")))
                .item("sk", text("s"))
                .item("x", text(&"x".repeat(LARGE)));
            throttled = put.send().await.is_err();
            if throttled {
                break 'seconds;
            }
        }
    }
    assert!(throttled);
}

#[tokio::test]
async fn of_a_batch_what_is_too_much_is_left_undone_and_told_one_by_one() {
    let (_platform, client) = limited().await;
    for _ in 0..MANY {
        exhaust(&client, "a").await;
        let put = |key| {
            let item = [("pk", key), ("sk", "s")].map(|(name, value)| (name.into(), text(value)));
            let put = PutRequest::builder().set_item(Some(item.into())).build();
            WriteRequest::builder().put_request(put.unwrap()).build()
        };
        let writes = client
            .batch_write_item()
            .request_items(TABLE, vec![put("a"), put("b")]);
        let written = writes.send().await.unwrap();
        let statement = |key: &str| {
            let statement = format!("INSERT INTO \"{TABLE}\" VALUE {{'pk': ?, 'sk': ?}}");
            let statement = BatchStatementRequest::builder().statement(statement);
            let statement = statement.parameters(text(key)).parameters(text("t"));
            statement.build().unwrap()
        };
        let statements = client.batch_execute_statement();
        let statements = statements
            .statements(statement("a"))
            .statements(statement("b"));
        let executed = statements.send().await.unwrap();
        let left = written
            .unprocessed_items()
            .and_then(|left| left.get(TABLE))
            .cloned();
        let errors = executed.responses().iter().map(|response| {
            let error = response.error()?;
            error.code().cloned()
        });
        let errors: Vec<_> = errors.collect();
        if left == Some(vec![put("a")])
            && errors == [Some(BatchStatementErrorCodeEnum::ThrottlingError), None]
        {
            return;
        }
        let drop_b = client.delete_item().table_name(TABLE);
        let drop_b = drop_b.key("pk", text("b")).key("sk", text("t"));
        drop_b.send().await.unwrap();
    }
    panic!("nothing was left undone");
}

#[tokio::test]
async fn a_transaction_is_cancelled_for_the_part_that_is_too_much() {
    let (_platform, client) = limited().await;
    let put = |key| {
        let put = Put::builder().table_name(TABLE);
        let put = put.item("pk", text(key)).item("sk", text("s")).build();
        TransactWriteItem::builder().put(put.unwrap()).build()
    };
    for _ in 0..MANY {
        exhaust(&client, "a").await;
        let transaction = client.transact_write_items();
        let transaction = transaction
            .transact_items(put("b"))
            .transact_items(put("a"));
        let Err(error) = transaction.send().await else {
            continue;
        };
        let error = error.into_service_error();
        let cancelled = format!("{error:?}");
        assert!(error.is_transaction_canceled_exception(), "{cancelled}");
        assert!(cancelled.contains("ThrottlingError"), "{cancelled}");
        return;
    }
    panic!("no transaction was cancelled");
}

#[tokio::test]
async fn large_reads_are_throttled_too_and_batches_leave_keys_unprocessed() {
    let (_platform, client) = limited().await;
    exhaust(&client, "a").await;
    for _ in 0..MANY {
        let mut throttled = false;
        for _ in 0..40 {
            let get = client.get_item().table_name(TABLE).consistent_read(true);
            let get = get.key("pk", text("a")).key("sk", text("0"));
            throttled = get.send().await.is_err();
            if throttled {
                break;
            }
        }
        let key = |key: &str| [("pk", key), ("sk", "0")].map(|(n, v)| (n.to_owned(), text(v)));
        let keys = KeysAndAttributes::builder()
            .keys(key("a").into())
            .keys(key("b").into())
            .build();
        let get = client.batch_get_item().request_items(TABLE, keys.unwrap());
        let left = get.send().await.unwrap();
        if throttled && !left.unprocessed_keys().is_none_or(|left| left.is_empty()) {
            return;
        }
    }
    panic!("no read was throttled");
}

#[tokio::test]
async fn nothing_is_throttled_unless_that_is_asked_for() {
    let platform = crate::fixture::start().await;
    let (_, client) = limited().await;
    let config = client.config().to_builder();
    let config = config.endpoint_url(&platform.endpoints().dynamodb).build();
    let client = Client::from_conf(config);
    for number in 0..12 {
        let put = client
            .put_item()
            .table_name(TABLE)
            .item("pk", text("a"))
            .item("sk", text(&number.to_string()))
            .item("x", text(&"x".repeat(LARGE)));
        put.send().await.unwrap();
    }
}
