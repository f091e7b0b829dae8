//! A queue service on a free port, with an SDK client for it.

use aws_sdk_sqs::Client;
use aws_sdk_sqs::config::retry::RetryConfig;
use aws_sdk_sqs::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_sqs::error::ProvideErrorMetadata;
use aws_sdk_sqs::types::{Message, QueueAttributeName};
use sqs::{Queue, Sqs};
use tokio::net::TcpListener;

pub(crate) struct Served {
    pub(crate) sqs: Sqs,
    pub(crate) client: Client,
    pub(crate) endpoint: String,
}

impl Served {
    pub(crate) async fn start() -> Self {
        Self::serve(Sqs::new()).await
    }

    pub(crate) async fn serve(sqs: Sqs) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let router = sqs.router();
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self {
            client: client(&endpoint),
            endpoint,
            sqs,
        }
    }

    /// Creates a queue with these attributes, and returns its URL.
    pub(crate) async fn queue(&self, name: &str, attributes: &[(&str, &str)]) -> String {
        let mut request = self.client.create_queue().queue_name(name);
        for &(name, value) in attributes {
            request = request.attributes(QueueAttributeName::from(name), value);
        }
        request.send().await.unwrap().queue_url.unwrap()
    }

    /// The queue behind the URL's back.
    pub(crate) fn inside(&self, url: &str) -> Queue {
        let name = url.rsplit('/').next().unwrap();
        self.sqs.queue(name).unwrap()
    }

    pub(crate) async fn send(&self, url: &str, body: &str) {
        let request = self.client.send_message().queue_url(url);
        request.message_body(body).send().await.unwrap();
    }

    /// Up to ten messages that are visible now.
    pub(crate) async fn receive(&self, url: &str) -> Vec<Message> {
        let request = self.client.receive_message().queue_url(url);
        let answer = request.max_number_of_messages(10).send().await.unwrap();
        answer.messages.unwrap_or_default()
    }

    /// The one message that is visible now, with all it has.
    pub(crate) async fn receive_one(&self, url: &str) -> Message {
        let request = self.client.receive_message().queue_url(url);
        let request = request
            .message_system_attribute_names("All".into())
            .message_attribute_names("All");
        let answer = request.max_number_of_messages(10).send().await.unwrap();
        let mut messages = answer.messages.unwrap_or_default();
        assert_eq!(messages.len(), 1, "{messages:?}");
        messages.remove(0)
    }
}

fn client(endpoint: &str) -> Client {
    let config = aws_sdk_sqs::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .endpoint_url(endpoint)
        .region(Region::new("us-east-1"))
        .credentials_provider(Credentials::new("test", "local", None, None, "test"))
        .retry_config(RetryConfig::disabled())
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .build();
    Client::from_conf(config)
}

/// The refusal's code and text, as an SDK shows them.
pub(crate) fn refusal<Answer>(
    outcome: Result<Answer, impl ProvideErrorMetadata>,
) -> (String, String) {
    let Err(error) = outcome else {
        panic!("this was not refused")
    };
    let code = error.code().unwrap_or_default().to_owned();
    (code, error.message().unwrap_or_default().to_owned())
}

/// The refusal's code.
pub(crate) fn code<Answer>(outcome: Result<Answer, impl ProvideErrorMetadata>) -> String {
    refusal(outcome).0
}
