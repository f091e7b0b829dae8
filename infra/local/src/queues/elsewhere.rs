//! Queues in an SQS of somebody else, which is asked over HTTP whatever is to be known.

mod message;

use std::collections::{BTreeMap, HashMap};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use parking_lot::Mutex;
use serde::Deserialize;
use serde_json::{Value, json};
use sqs::{Depth, NewMessage, Received};
use uuid::Uuid;

use crate::template;
use crate::wire::{Refusal, Wire};
use crate::{aws, clock};
use message::WireMessage;

/// How many messages one call receives at most.
const MOST_AT_ONCE: usize = 10;

/// How long to wait before a queue is looked at again.
const PAUSE: Duration = Duration::from_millis(20);

/// The service.
#[derive(Clone)]
pub(crate) struct Sqs {
    wire: Arc<Wire>,
    /// Where it finds by how much its clock is ahead, if it looks.
    clock: Option<PathBuf>,
    held: Arc<Mutex<HashMap<String, Arc<Held>>>>,
}

/// One queue.
#[derive(Clone)]
pub(crate) struct Queue {
    wire: Arc<Wire>,
    name: String,
    held: Arc<Held>,
}

/// The messages of a queue that have arrived here and were not settled, by id, with the handles
/// under which they came last.
#[derive(Default)]
struct Held(Mutex<HashMap<Uuid, String>>);

impl Sqs {
    pub(super) fn at(address: SocketAddr, clock: Option<PathBuf>) -> Self {
        let wire = Arc::new(Wire::to_sqs(address));
        Sqs {
            wire,
            clock,
            held: Arc::default(),
        }
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.wire.address()
    }

    pub(super) fn queue(&self, name: &str) -> Queue {
        let mut held = self.held.lock();
        Queue {
            wire: Arc::clone(&self.wire),
            name: name.to_owned(),
            held: Arc::clone(held.entry(name.to_owned()).or_default()),
        }
    }

    /// Creates the queues of a template.
    pub(super) async fn create(&self, queues: &BTreeMap<String, template::Queue>) -> Result<()> {
        // Two rounds, so that every dead letter queue is there when a queue names it.
        for (id, queue) in queues {
            let create = json!({ "QueueName": queue.name });
            let created = self.wire.call("CreateQueue", &create).await;
            created.with_context(|| id.clone())?;
        }
        for (id, template::Queue { name, attributes }) in queues {
            let wanted = json!({ "Attributes": attributes });
            let set = self.queue(name).call("SetQueueAttributes", wanted).await;
            set.with_context(|| id.clone())?;
        }
        Ok(())
    }

    pub(super) fn advance(&self, by: Duration) -> Result<()> {
        let Some(file) = &self.clock else {
            ensure!(
                by.is_zero(),
                "the queues are elsewhere, where time cannot be moved"
            );
            return Ok(());
        };
        clock::advance_file(file, by)
    }
}

impl Queue {
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn arn(&self) -> String {
        aws::arn("sqs", &self.name)
    }

    pub(super) async fn send(&self, message: NewMessage) -> Result<()> {
        self.call("SendMessage", message::to_send(message)).await?;
        Ok(())
    }

    /// In as many calls as it takes, of which only the first waits, in whole seconds.
    pub(super) async fn receive(&self, max: usize, wait: Duration) -> Result<Vec<Received>> {
        let mut wait = wait.as_millis().div_ceil(1000);
        let mut received = Vec::new();
        while received.len() < max {
            let messages = self.receive_once(max - received.len(), wait).await?;
            if messages.is_empty() {
                break;
            }
            self.held.add(&messages);
            received.extend(messages);
            wait = 0;
        }
        Ok(received)
    }

    async fn receive_once(&self, max: usize, wait_seconds: u128) -> Result<Vec<Received>> {
        #[derive(Deserialize)]
        #[serde(rename_all = "PascalCase")]
        struct Answer {
            #[serde(default)]
            messages: Vec<WireMessage>,
        }
        let request = json!({
            "MaxNumberOfMessages": max.min(MOST_AT_ONCE),
            "WaitTimeSeconds": wait_seconds,
            "MessageAttributeNames": ["All"],
            // Both names: the newer one is not known everywhere.
            "AttributeNames": ["All"],
            "MessageSystemAttributeNames": ["All"],
        });
        let answer = self.call("ReceiveMessage", request).await?;
        let answer: Answer = serde_json::from_value(answer)?;
        let messages = answer.messages.into_iter();
        messages.map(WireMessage::received).collect()
    }

    pub(super) async fn delete(&self, receipt_handle: &str) -> Result<()> {
        let request = json!({ "ReceiptHandle": receipt_handle });
        self.held.settle(receipt_handle);
        match self.call("DeleteMessage", request).await {
            // The message was received again since. SQS itself says nothing of it.
            Err(error) if Refusal::code_in(&error) == Some("ReceiptHandleIsInvalid") => Ok(()),
            deleted => deleted.map(drop),
        }
    }

    pub(super) fn give_back(&self, receipt_handle: &str) {
        let request = json!({ "ReceiptHandle": receipt_handle, "VisibilityTimeout": 0 });
        let queue = self.clone();
        self.held.settle(receipt_handle);
        tokio::spawn(async move { queue.call("ChangeMessageVisibility", request).await });
    }

    /// The queue must be like that twice, and what it has handed out must have arrived here: nobody
    /// works at it yet, but whoever moves the clock now would hand it out twice.
    pub(super) async fn until(&self, is_so: fn(&Depth) -> bool) {
        let mut times = 0;
        while times < 2 {
            let depth = self.depth().await.inspect_err(|error| {
                tracing::error!(
                    "how many messages {} holds is not known: {error:#}",
                    self.name
                );
            });
            let is_so = |depth: &Depth| is_so(depth) && depth.in_flight <= self.held.messages();
            times = match depth.as_ref().is_ok_and(is_so) {
                true => times + 1,
                false => 0,
            };
            tokio::time::sleep(PAUSE).await;
        }
    }

    pub(super) async fn depth(&self) -> Result<Depth> {
        let request = json!({ "AttributeNames": ["All"] });
        let answer = self.call("GetQueueAttributes", request).await?;
        let count = |what: &str| {
            let name = format!("ApproximateNumberOfMessages{what}");
            let count = answer["Attributes"][&name].as_str();
            let count = count.and_then(|count| count.parse().ok());
            count.with_context(|| format!("there is no {name}"))
        };
        Ok(Depth {
            visible: count("")?,
            delayed: count("Delayed")?,
            in_flight: count("NotVisible")?,
        })
    }

    async fn call(&self, operation: &str, mut request: Value) -> Result<Value> {
        let base = format!("http://{}", self.wire.address());
        request["QueueUrl"] = json!(format!("{base}/{}/{}", aws::ACCOUNT, self.name));
        self.wire.call(operation, &request).await
    }
}

impl Held {
    fn add(&self, received: &[Received]) {
        let held = |one: &Received| (one.message.id, one.receipt_handle.clone());
        self.0.lock().extend(received.iter().map(held));
    }

    fn settle(&self, receipt_handle: &str) {
        self.0.lock().retain(|_, handle| handle != receipt_handle);
    }

    fn messages(&self) -> usize {
        self.0.lock().len()
    }
}
