//! The stage of a test: its own local platform, a receiver, and the clients that a user and a job
//! platform would have.

mod api;
mod clients;
mod no_denials;
mod notices;
mod race;
mod records;
mod time;

use std::time::Duration;

use local::gateway::kill::{Kill, Moment};
use local::lambda::invocation::Outcome;
use local::options::Options;
use local::platform::Platform;
use serde_json::{Value, json};

use crate::receiver::Receiver;

pub(crate) use api::json_of;
pub(crate) use clients::{config, config_of};
use no_denials::NoDenials;
pub(crate) use notices::types;
pub(crate) use records::Recorded;

pub(crate) struct Stage {
    pub(crate) platform: Platform,
    pub(crate) receiver: Receiver,
    pub(crate) sqs: aws_sdk_sqs::Client,
    pub(crate) dynamodb: aws_sdk_dynamodb::Client,
    /// Every test is a test of the roles, too.
    _no_denials: NoDenials,
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
        let endpoints = platform.endpoints();
        let sqs = aws_sdk_sqs::Client::new(&config(&endpoints.sqs));
        let dynamodb = aws_sdk_dynamodb::Client::new(&config(&endpoints.dynamodb));
        Self {
            _no_denials: NoDenials::of(&platform),
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

    /// Hands these messages to `ingest` as one batch, past the event queue. Returns the ids of
    /// those that must come again.
    pub(crate) async fn ingest(&self, messages: &[Value]) -> Vec<String> {
        let bodies: Vec<String> = messages.iter().map(Value::to_string).collect();
        self.ingest_texts(&bodies).await
    }

    pub(crate) async fn ingest_texts(&self, bodies: &[String]) -> Vec<String> {
        self.invoke_with("ingest", bodies).await
    }

    async fn invoke_with(&self, function: &str, bodies: &[String]) -> Vec<String> {
        self.invoke(function, &batch_of(bodies)).await
    }

    async fn invoke(&self, function: &str, batch: &Value) -> Vec<String> {
        let outcome = self
            .platform
            .invoke(function, batch.to_string())
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

    /// Hands delivery messages to `deliver` as one batch, past the delivery queue. Returns the ids
    /// of those that must come again.
    pub(crate) async fn deliver(&self, bodies: &[String]) -> Vec<String> {
        self.invoke_with("deliver", bodies).await
    }

    /// The same, as a batch of the slow lane.
    pub(crate) async fn deliver_slowly(&self, bodies: &[String]) -> Vec<String> {
        self.invoke("deliver", &self.slow_batch_of(bodies)).await
    }

    /// These messages as a batch of the slow lane.
    pub(crate) fn slow_batch_of(&self, bodies: &[String]) -> Value {
        let queue = self.platform.queue("SlowDeliveryQueue").expect("a queue");
        let mut batch = batch_of(bodies);
        for record in batch["Records"].as_array_mut().expect("records") {
            record["eventSourceARN"] = json!(queue.arn());
        }
        batch
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

    /// The delivery message for the first attempt of the only dispatch, which this event with one
    /// ad hoc webhook has made.
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
    pub(crate) fn kill_at(&self, function: &str, nth: u32, moment: Moment) -> Kill {
        self.platform.kill_at(function, nth, moment)
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
