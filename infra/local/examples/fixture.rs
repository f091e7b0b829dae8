//! A function for the tests of the Lambda host: a real program on the real runtime, which does what its event says.
#![expect(
    clippy::disallowed_methods,
    reason = "its orders come from its environment, too"
)]

use std::env;
use std::io::Write as _;
use std::net::TcpStream;
use std::time::Duration;

use aws_sdk_sqs::Client;
use aws_smithy_http_client::Builder;
use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde_json::{Value, json};

#[tokio::main]
async fn main() -> Result<(), Error> {
    match env::var("FIXTURE_INIT").as_deref() {
        Ok("exit") => return Err("told not to begin".into()),
        Ok("report") => report_init_error()?,
        _ => {}
    }
    let config = aws_config::defaults(aws_config::BehaviorVersion::latest())
        .http_client(Builder::new().build_http());
    let client = Client::new(&config.load().await);
    let client = &client;
    lambda_runtime::run(service_fn(|event: LambdaEvent<Value>| {
        handle(client, event)
    }))
    .await
}

fn report_init_error() -> Result<(), Error> {
    let body = r#"{"errorType":"Fixture.Init","errorMessage":"told not to begin"}"#;
    let length = body.len();
    let mut connection = TcpStream::connect(env::var("AWS_LAMBDA_RUNTIME_API")?)?;
    write!(
        connection,
        "POST /2018-06-01/runtime/init/error HTTP/1.1\r\nhost: x\r\ncontent-length: {length}\r\n\r\n{body}"
    )?;
    std::thread::sleep(Duration::from_secs(60));
    Ok(())
}

async fn handle(client: &Client, event: LambdaEvent<Value>) -> Result<Value, Error> {
    let order = &event.payload;
    if let Some(records) = order["Records"].as_array() {
        return handle_batch(client, records).await;
    }
    if order["version"] == "2.0" {
        return Ok(answer_http(order));
    }
    if order["detail-type"] == "Scheduled Event" {
        send(client, order.to_string()).await?;
        return Ok(Value::Null);
    }
    match order["do"].as_str() {
        Some("environment") => Ok(env::vars()
            .map(|(name, value)| (name, Value::from(value)))
            .collect()),
        Some("context") => Ok(json!({
            "requestId": event.context.request_id,
            "deadlineMs": event.context.deadline,
            "arn": event.context.invoked_function_arn,
            "traceId": event.context.xray_trace_id,
        })),
        Some("send") => {
            for text in order["texts"].as_array().into_iter().flatten() {
                send(client, text.to_string()).await?;
            }
            Ok(Value::Null)
        }
        Some("large") => Ok("x"
            .repeat(usize::try_from(order["bytes"].as_u64().unwrap_or(0))?)
            .into()),
        _ => obey(order).await,
    }
}

/// What an event and a record can both ask for. The answer is the process's id.
#[expect(clippy::panic, reason = "it is told to")]
async fn obey(order: &Value) -> Result<Value, Error> {
    match order["do"].as_str() {
        Some("fail") => return Err("told to fail".into()),
        Some("panic") => panic!("told to panic"),
        Some("exit") => std::process::exit(7),
        Some("print") => print(&order["line"]),
        Some("hang") => std::future::pending().await,
        Some("wait") => {
            tokio::time::sleep(Duration::from_millis(order["ms"].as_u64().unwrap_or(0))).await
        }
        _ => {}
    }
    Ok(std::process::id().into())
}

#[expect(clippy::print_stdout, reason = "it is told to")]
fn print(line: &Value) {
    println!("{line}");
}

/// Tells of the batch before it begins with it.
async fn handle_batch(client: &Client, records: &[Value]) -> Result<Value, Error> {
    if let [record] = records
        && record["body"] == "again"
    {
        send(client, "again".to_owned()).await?;
        return Ok(Value::Null);
    }
    send(client, json!(records).to_string()).await?;
    let mut failures = Vec::new();
    for record in records {
        let order: Value = serde_json::from_str(record["body"].as_str().unwrap_or_default())?;
        match order["do"].as_str() {
            Some("refuse") => failures.push(json!({ "itemIdentifier": record["messageId"] })),
            Some("answer") => return Ok(order["answer"].clone()),
            _ => drop(obey(&order).await?),
        }
    }
    Ok(json!({ "batchItemFailures": failures }))
}

fn answer_http(event: &Value) -> Value {
    json!({
        "statusCode": 201,
        "headers": { "x-answered-by": "fixture" },
        "cookies": ["a=1", "b=2"],
        "body": event.to_string(),
        "isBase64Encoded": false,
    })
}

async fn send(client: &Client, text: String) -> Result<(), Error> {
    let queue = env::var("OUT_QUEUE_URL")?;
    client
        .send_message()
        .queue_url(queue)
        .message_body(text)
        .send()
        .await?;
    Ok(())
}
