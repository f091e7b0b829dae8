//! Where a test plays: a local platform of its own, a receiver, and the clients that a user and a job platform would have.

use std::collections::HashMap;
use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use aws_smithy_http_client::Builder;
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::Request;
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use local::gateway::kill::Moment;
use local::lambda::invocation::Outcome;
use local::options::Options;
use local::platform::Platform;
use local::sqs::Depth;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::receiver::Receiver;

/// A dispatch, as it is on record.
#[derive(Clone, Debug)]
pub(crate) struct Recorded {
    pub(crate) id: String,
    pub(crate) status: String,
    pub(crate) attempts: u32,
    pub(crate) reason: Option<String>,
    pub(crate) calls: Vec<HashMap<String, AttributeValue>>,
}

pub(crate) struct Stage {
    pub(crate) platform: Platform,
    pub(crate) receiver: Receiver,
    pub(crate) sqs: aws_sdk_sqs::Client,
    pub(crate) dynamodb: aws_sdk_dynamodb::Client,
}

impl Stage {
    pub(crate) async fn new() -> Self {
        Self::with(&[]).await
    }

    /// A platform with these template parameters.
    pub(crate) async fn with(parameters: &[(&str, &str)]) -> Self {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        let options = Options {
            parameters: parameters.iter().map(owned).collect(),
            clock_moves: true,
            quiet: true,
            ..Options::default()
        };
        Self::on(options).await
    }

    /// A platform with these options.
    pub(crate) async fn on(options: Options) -> Self {
        let platform = Platform::start(options).await.expect("the platform starts");
        let (sqs, dynamodb) = clients(&platform);
        Self {
            platform,
            receiver: Receiver::start().await,
            sqs,
            dynamodb,
        }
    }

    /// Puts a message on the event queue, as the job platform does.
    pub(crate) async fn send(&self, message: &Value) {
        self.send_text(&message.to_string()).await;
    }

    pub(crate) async fn send_text(&self, body: &str) {
        let url = self
            .platform
            .endpoints()
            .event_queue_url
            .clone()
            .expect("an event queue");
        self.sqs
            .send_message()
            .queue_url(url)
            .message_body(body)
            .send()
            .await
            .expect("the event queue takes it");
    }

    /// Hands these messages to `ingest` as one batch, past the event queue. Returns the ids of those that must come again.
    pub(crate) async fn ingest(&self, messages: &[Value]) -> Vec<String> {
        let bodies: Vec<String> = messages.iter().map(Value::to_string).collect();
        self.ingest_texts(&bodies).await
    }

    pub(crate) async fn ingest_texts(&self, bodies: &[String]) -> Vec<String> {
        self.invoke_with("ingest", bodies).await
    }

    async fn invoke_with(&self, function: &str, bodies: &[String]) -> Vec<String> {
        let outcome = self
            .platform
            .invoke(function, batch_of(bodies).to_string())
            .await
            .expect("a function");
        let Outcome::Answered(payload) = outcome else {
            panic!("{function} has failed: {outcome:?}")
        };
        let answer: Value = serde_json::from_slice(&payload).expect("an answer");
        let failures = answer["batchItemFailures"]
            .as_array()
            .unwrap_or_else(|| panic!("no answer: {answer}"));
        failures
            .iter()
            .map(|failure| {
                failure["itemIdentifier"]
                    .as_str()
                    .unwrap_or_default()
                    .to_owned()
            })
            .collect()
    }

    /// Hands delivery messages to `deliver` as one batch, past the delivery queue. Returns the ids of those that must come again.
    pub(crate) async fn deliver(&self, bodies: &[String]) -> Vec<String> {
        self.invoke_with("deliver", bodies).await
    }

    /// The messages that wait on the delivery queue, which must feed nobody.
    pub(crate) async fn delivery_messages(&self, count: usize) -> Vec<String> {
        let queue = self.platform.queue("DeliveryQueue").expect("a queue");
        let received = queue.receive(count, Duration::ZERO, None).await;
        let received = received.expect("messages");
        assert_eq!(received.len(), count);
        let messages = received.iter();
        messages
            .map(|received| received.message.body.clone())
            .collect()
    }

    /// The delivery message that asks for the first attempt of the only dispatch, which this event with one ad hoc webhook has made.
    pub(crate) async fn delivery_message_of(&self, event: &Value) -> String {
        let [item] = &self.dispatch_items().await[..] else {
            panic!("one dispatch")
        };
        let text = |name: &str| item[name].as_s().expect("a text").clone();
        json!({
            "v": "1", "dispatch": text("id"), "attempt": 1, "user": text("user"), "webhook": text("webhook"), "adHoc": true,
            "run": text("run"), "eventAt": event["createdAt"], "event": text("event"),
        })
        .to_string()
    }

    /// Kills `function` at the `nth` call from now, before the call is carried out or after.
    pub(crate) fn kill_at(
        &self,
        function: &str,
        nth: u32,
        moment: Moment,
    ) -> local::gateway::kill::Kill {
        self.platform.kill_at(function, nth, moment)
    }

    /// Defines a standing webhook through the API, and returns its id.
    pub(crate) async fn webhook(
        &self,
        event_types: &[&str],
        condition: Value,
        path: &str,
    ) -> String {
        let event_types: Vec<_> = event_types
            .iter()
            .map(|what| format!("ACTOR.RUN.{what}"))
            .collect();
        let definition = json!({"eventTypes": event_types, "condition": condition, "requestUrl": self.receiver.url(path)});
        let (status, answer) = self.api("POST", "/v2/webhooks", Some(&definition)).await;
        assert_eq!(status, 201, "{answer}");
        answer["data"]["id"].as_str().expect("an id").to_owned()
    }

    /// The API token of the local user.
    pub(crate) fn token(&self) -> String {
        self.platform.endpoints().token.clone()
    }

    /// A new API token of another user.
    pub(crate) async fn token_of(&self, user: &str) -> String {
        let token = format!("token-of-{user}");
        let digest = format!("{:x}", Sha256::digest(&token));
        let put = self
            .dynamodb
            .put_item()
            .table_name(&self.platform.endpoints().tables["WebhooksTable"])
            .item("pk", AttributeValue::S(format!("T#{digest}")))
            .item("sk", AttributeValue::S("T".to_owned()))
            .item("user", AttributeValue::S(user.to_owned()));
        put.send().await.expect("the table takes it");
        token
    }

    /// Calls the API as the local user.
    pub(crate) async fn api(&self, method: &str, path: &str, body: Option<&Value>) -> (u16, Value) {
        self.api_as(&self.token(), method, path, body).await
    }

    pub(crate) async fn api_as(
        &self,
        token: &str,
        method: &str,
        path: &str,
        body: Option<&Value>,
    ) -> (u16, Value) {
        let request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.platform.endpoints().api))
            .header("authorization", format!("Bearer {token}"))
            .header("content-type", "application/json")
            .body(Full::new(Bytes::from(
                body.map(Value::to_string).unwrap_or_default(),
            )))
            .expect("a request");
        let client = Client::builder(TokioExecutor::new()).build_http();
        let answer = client.request(request).await.expect("an answer");
        let status = answer.status().as_u16();
        let body = answer
            .into_body()
            .collect()
            .await
            .expect("a body")
            .to_bytes();
        (status, serde_json::from_slice(&body).unwrap_or(Value::Null))
    }

    /// Every dispatch on record.
    pub(crate) async fn dispatches(&self) -> Vec<Recorded> {
        self.dispatch_items().await.iter().map(recorded).collect()
    }

    async fn dispatch_items(&self) -> Vec<HashMap<String, AttributeValue>> {
        let table = self.platform.endpoints().tables["DispatchesTable"].clone();
        let pages = self
            .dynamodb
            .scan()
            .table_name(table)
            .consistent_read(true)
            .into_paginator()
            .items()
            .send();
        let mut items: Vec<_> = pages.collect::<Result<_, _>>().await.expect("a table");
        let is_dispatch = |item: &HashMap<String, AttributeValue>| {
            item["sk"].as_s().is_ok_and(|sk| sk.starts_with("D#"))
        };
        items.retain(is_dispatch);
        items
    }

    /// Bodies and reasons on the rejected queue.
    pub(crate) async fn rejected(&self) -> Vec<(String, String)> {
        let url = self.platform.endpoints().queues["RejectedQueue"].clone();
        let receive = self
            .sqs
            .receive_message()
            .queue_url(url)
            .max_number_of_messages(10)
            .message_attribute_names("All");
        let answer = receive.send().await.expect("a queue");
        let reason = |message: &aws_sdk_sqs::types::Message| {
            let attributes = message.message_attributes().expect("attributes");
            attributes["Reason"]
                .string_value()
                .unwrap_or_default()
                .to_owned()
        };
        let messages = answer.messages().iter();
        messages
            .map(|message| {
                (
                    message.body().unwrap_or_default().to_owned(),
                    reason(message),
                )
            })
            .collect()
    }

    /// Waits until everything that was set off has come to its end.
    pub(crate) async fn settled(&self) {
        self.platform.settled().await;
    }

    /// Lets the sweeper look for retries that fall due, as it does every minute. Tells whether it came to its end.
    pub(crate) async fn sweep(&self) -> bool {
        let outcome = self.platform.invoke("sweep", "{}").await;
        matches!(outcome.expect("a function"), Outcome::Answered(_))
    }

    /// Waits until every delivery that is due now was attempted; delayed ones may wait.
    pub(crate) async fn attempted(&self) {
        let queue = self.platform.queue("DeliveryQueue").expect("a queue");
        let mut depth = queue.changed();
        let at_rest = depth.wait_for(|depth| depth.visible == 0 && depth.in_flight == 0);
        let _ = at_rest.await;
    }

    /// Waits until there is no message in a queue.
    pub(crate) async fn drained(&self, queue: &str) {
        let queue = self.platform.queue(queue).expect("a queue");
        let _ = queue.changed().wait_for(Depth::is_empty).await;
    }

    /// Waits until no worker holds a message of a queue; delayed ones may wait there.
    pub(crate) async fn idle(&self, queue: &str) {
        let queue = self.platform.queue(queue).expect("a queue");
        let _ = queue.changed().wait_for(|depth| depth.in_flight == 0).await;
    }

    /// Makes time pass at once.
    pub(crate) fn advance(&self, time: Duration) {
        self.platform.advance(time).expect("a clock that moves");
    }

    /// Makes every message that a worker holds visible again, as if its visibility had run out.
    pub(crate) fn give_back(&self, queue: &str) {
        self.platform
            .queue(queue)
            .expect("a queue")
            .expire_visibility();
    }
}

/// An SQS event as Lambda hands it to a function.
pub(crate) fn batch_of(bodies: &[String]) -> Value {
    let record = |(place, body): (usize, &String)| {
        json!({
            "messageId": format!("message-{place}"), "receiptHandle": "handle", "body": body,
            "attributes": {"ApproximateReceiveCount": "1"}, "messageAttributes": {}, "eventSource": "aws:sqs",
            "eventSourceARN": "arn:aws:sqs:us-east-1:000000000000:queue", "awsRegion": "us-east-1",
        })
    };
    json!({"Records": bodies.iter().enumerate().map(record).collect::<Vec<_>>()})
}

fn recorded(item: &HashMap<String, AttributeValue>) -> Recorded {
    let text = |name: &str| item.get(name).and_then(|value| value.as_s().ok()).cloned();
    let calls = item
        .get("calls")
        .and_then(|calls| calls.as_l().ok())
        .cloned()
        .unwrap_or_default();
    Recorded {
        id: text("id").expect("an id"),
        status: text("status").expect("a status"),
        attempts: item["attempts"]
            .as_n()
            .expect("a number")
            .parse()
            .expect("a number"),
        reason: text("reason"),
        calls: calls
            .iter()
            .filter_map(|call| call.as_m().ok().cloned())
            .collect(),
    }
}

fn clients(platform: &Platform) -> (aws_sdk_sqs::Client, aws_sdk_dynamodb::Client) {
    let endpoints = platform.endpoints();
    let sqs = aws_sdk_sqs::Config::builder()
        .behavior_version(aws_sdk_sqs::config::BehaviorVersion::latest())
        .region(aws_sdk_sqs::config::Region::from_static("us-east-1"))
        .credentials_provider(aws_sdk_sqs::config::Credentials::new(
            "test", "test", None, None, "test",
        ))
        .http_client(Builder::new().build_http())
        .endpoint_url(&endpoints.sqs)
        .build();
    let dynamodb = aws_sdk_dynamodb::Config::builder()
        .behavior_version(aws_sdk_dynamodb::config::BehaviorVersion::latest())
        .region(aws_sdk_dynamodb::config::Region::from_static("us-east-1"))
        .credentials_provider(aws_sdk_dynamodb::config::Credentials::new(
            "test", "test", None, None, "test",
        ))
        .http_client(Builder::new().build_http())
        .endpoint_url(&endpoints.dynamodb)
        .build();
    (
        aws_sdk_sqs::Client::from_conf(sqs),
        aws_sdk_dynamodb::Client::from_conf(dynamodb),
    )
}
