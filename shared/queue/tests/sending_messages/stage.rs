//! The stage of a test: its own queues, senders that use them, and a plain client that sees what
//! has arrived.

use std::time::Duration;

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_sqs::Client;
use aws_sdk_sqs::config::{Credentials, SharedCredentialsProvider};
use aws_sdk_sqs::types::{Message, MessageSystemAttributeName, QueueAttributeName};
use aws_smithy_http_client::Builder;
use domain::delivery_message::DeliveryMessage;
use local::options::Options;
use local::platform::Platform;
use local::sqs::Depth;
use queue::{Delivery, DeliveryQueue, EventQueue, RejectedQueue, SourceQueue};

pub(crate) struct Stage {
    pub(crate) platform: Platform,
    client: Client,
}

impl Stage {
    /// The template's queues. Nothing feeds the functions, and nobody calls them, so none runs.
    pub(crate) async fn new() -> Self {
        let platform = Platform::start(Options::without_functions()).await.unwrap();
        let client = Client::new(&config(&platform.endpoints().sqs));
        Self { platform, client }
    }

    pub(crate) fn delivery_queue(&self) -> DeliveryQueue {
        self.delivery_queue_at(&self.platform.endpoints().sqs)
    }

    /// The delivery queue, reached through another endpoint.
    pub(crate) fn delivery_queue_at(&self, endpoint: &str) -> DeliveryQueue {
        DeliveryQueue::new(&config(endpoint), self.url("DeliveryQueue"))
    }

    pub(crate) fn event_queue(&self) -> EventQueue {
        let endpoint = &self.platform.endpoints().sqs;
        EventQueue::new(&config(endpoint), self.url("EventQueue"))
    }

    pub(crate) fn rejected_queue(&self) -> RejectedQueue {
        let endpoint = &self.platform.endpoints().sqs;
        RejectedQueue::new(&config(endpoint), self.url("RejectedQueue"))
    }

    pub(crate) fn source_queue(&self, id: &str) -> SourceQueue {
        SourceQueue::new(&config(&self.platform.endpoints().sqs), self.url(id))
    }

    /// Every message that is visible now.
    pub(crate) async fn received(&self, id: &str) -> Vec<Message> {
        let mut received = Vec::new();
        loop {
            let receive = self
                .client
                .receive_message()
                .queue_url(self.url(id))
                .max_number_of_messages(10)
                .message_attribute_names("All")
                .message_system_attribute_names(MessageSystemAttributeName::All);
            let messages = receive.send().await.unwrap().messages.unwrap_or_default();
            if messages.is_empty() {
                return received;
            }
            received.extend(messages);
        }
    }

    /// Deletes a received message.
    pub(crate) async fn delete(&self, id: &str, received: &Message) {
        let delete = self
            .client
            .delete_message()
            .queue_url(self.url(id))
            .receipt_handle(received.receipt_handle().unwrap());
        delete.send().await.unwrap();
    }

    /// How many messages a queue holds.
    pub(crate) async fn depth(&self, id: &str) -> Depth {
        let get = self
            .client
            .get_queue_attributes()
            .queue_url(self.url(id))
            .attribute_names(QueueAttributeName::All);
        let attributes = get.send().await.unwrap().attributes.unwrap();
        let count = |name| attributes[&name].parse().unwrap();
        Depth {
            visible: count(QueueAttributeName::ApproximateNumberOfMessages),
            delayed: count(QueueAttributeName::ApproximateNumberOfMessagesDelayed),
            in_flight: count(QueueAttributeName::ApproximateNumberOfMessagesNotVisible),
        }
    }

    fn url(&self, id: &str) -> String {
        self.platform.endpoints().queues[id].clone()
    }
}

/// The connection to an endpoint.
pub(crate) fn config(endpoint: &str) -> SdkConfig {
    let credentials = Credentials::new("test", "test", None, None, "test");
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::from_static("us-east-1"))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .http_client(Builder::new().build_http())
        .endpoint_url(endpoint)
        .build()
}

/// A delivery of this user's, at once: attempt `number` of a dispatch.
pub(crate) fn delivery(user: &str, number: u32) -> Delivery {
    let message = format!(
        r#"{{"v":"1","dispatch":"A50PsRbHTn0123456789ab","attempt":{number},"user":"{user}","webhook":"0000000000000000A",
            "adHoc":true,"run":"r","eventAt":"2019-01-09T15:59:56.408Z","event":"0123456789ab"}}"#
    );
    Delivery {
        message: DeliveryMessage::from_json(&message).unwrap(),
        delay: Duration::ZERO,
    }
}

/// The deliveries, as comparable text in an order of their own.
pub(crate) fn texts(deliveries: &[Delivery]) -> Vec<String> {
    let text = |delivery: &Delivery| delivery.message.to_json().unwrap();
    let mut texts: Vec<_> = deliveries.iter().map(text).collect();
    texts.sort();
    texts
}
