//! A function for the tests of the Lambda host: a real program on the real runtime, which does what
//! its event says.
#![expect(
    clippy::disallowed_methods,
    reason = "its orders come from its environment, too"
)]

use std::env;
use std::fs::File;
use std::hint::black_box;
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
        Ok("hang") => std::future::pending().await,
        Ok("eat") => {
            let _eaten = eat(env::var("FIXTURE_MEGABYTES")?.parse()?);
            std::future::pending().await
        }
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
        Some(what @ ("send" | "send and fail")) => {
            for text in order["texts"].as_array().into_iter().flatten() {
                send(client, text.to_string()).await?;
            }
            match what {
                "send" => Ok(Value::Null),
                _ => Err("told to fail".into()),
            }
        }
        Some("large") => Ok("x"
            .repeat(usize::try_from(order["bytes"].as_u64().unwrap_or(0))?)
            .into()),
        Some("open files") => Ok(open_files()),
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
        Some("eat") => {
            let _eaten = eat(megabytes_in(order)?);
            std::future::pending().await
        }
        // It has the memory for a moment only.
        Some("taste") => drop(eat(megabytes_in(order)?)),
        Some("wait") => {
            tokio::time::sleep(Duration::from_millis(order["ms"].as_u64().unwrap_or(0))).await
        }
        _ => {}
    }
    Ok(std::process::id().into())
}

fn megabytes_in(order: &Value) -> Result<usize, Error> {
    Ok(usize::try_from(order["megabytes"].as_u64().unwrap_or(0))?)
}

/// So much memory, all of it written to: what is only reserved does not count.
fn eat(megabytes: usize) -> Vec<u8> {
    black_box(vec![1; megabytes * 1024 * 1024])
}

/// How many files can be opened, and what is said to the next.
fn open_files() -> Value {
    let mut files = Vec::new();
    loop {
        match File::open("/dev/null") {
            Ok(file) => files.push(file),
            Err(error) => {
                return json!({ "opened": files.len(), "error": error.raw_os_error() });
            }
        }
    }
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
    if event["rawPath"] == "/large" {
        return json!({ "statusCode": 200, "body": "x".repeat(7 * 1024 * 1024) });
    }
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
