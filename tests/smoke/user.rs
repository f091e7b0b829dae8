//! Whoever runs `cargo smoke`, in a shell that has read what `cargo local` wrote for it.

use std::collections::BTreeMap;
use std::path::PathBuf;

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_dynamodb::Client;
use aws_sdk_sqs::config::{Credentials, SharedCredentialsProvider};
use aws_smithy_http_client::Builder;
use local::binaries::{self, Target};
use local::platform::Platform;
use tokio::process::Command;

use crate::front::Front;

/// How a proof ends that cannot be made.
const NO_PROOF: i32 = 2;

/// A user with an environment.
#[derive(Clone)]
pub(crate) struct User {
    program: PathBuf,
    environment: BTreeMap<&'static str, String>,
    /// How many tokens there were before.
    tokens: usize,
}

impl User {
    pub(crate) async fn of(platform: &Platform) -> Self {
        let smoke = Target::Example("smoke".to_owned());
        let built = binaries::build([smoke.clone()].into(), false).await;
        let endpoints = platform.endpoints();
        let plane = endpoints.control_plane.as_str();
        let environment = [
            ("AWS_ACCESS_KEY_ID", "local"),
            ("AWS_EC2_METADATA_DISABLED", "true"),
            ("AWS_ENDPOINT_URL_CLOUDFORMATION", plane),
            ("AWS_ENDPOINT_URL_CLOUDWATCH", plane),
            ("AWS_ENDPOINT_URL_CLOUDWATCH_LOGS", plane),
            ("AWS_ENDPOINT_URL_DYNAMODB", endpoints.dynamodb.as_str()),
            ("AWS_ENDPOINT_URL_SQS", endpoints.sqs.as_str()),
            ("AWS_REGION", "us-east-1"),
            ("AWS_SECRET_ACCESS_KEY", "local"),
        ];
        User {
            program: built.expect("it builds").remove(&smoke).expect("a program"),
            environment: environment
                .map(|(name, value)| (name, value.to_owned()))
                .into(),
            tokens: tokens(platform).await,
        }
    }

    /// The same, who meets this instead of what is told of the stack.
    pub(crate) fn asking(mut self, front: &Front) -> Self {
        self.environment
            .insert("AWS_ENDPOINT_URL_CLOUDFORMATION", front.url.clone());
        self
    }

    /// The same without that variable.
    pub(crate) fn without(&self, variable: &str) -> Self {
        let mut user = self.clone();
        user.environment.retain(|name, _| *name != variable);
        user
    }

    /// The one sentence that a proof ends with which cannot be made.
    pub(crate) async fn refusal(&self, arguments: &[&str]) -> String {
        let output = Command::new(&self.program)
            .args(arguments)
            .env_clear()
            .envs(&self.environment)
            // No profile of whoever runs the tests.
            .env("HOME", "/nonexistent")
            .output()
            .await
            .expect("it runs");
        assert_eq!(output.status.code(), Some(NO_PROOF), "{output:?}");
        let said = String::from_utf8(output.stderr).expect("a text");
        let sentence = said.trim_end();
        assert!(!sentence.contains('\n'), "{said}");
        sentence
            .strip_prefix("error: ")
            .unwrap_or_else(|| panic!("{said}"))
            .to_owned()
    }

    /// No token and no webhook is there that was not there before.
    pub(crate) async fn has_left_nothing(&self, platform: &Platform) {
        assert_eq!(tokens(platform).await, self.tokens);
    }
}

/// How many tokens and webhooks the table holds.
async fn tokens(platform: &Platform) -> usize {
    let endpoints = platform.endpoints();
    let credentials = Credentials::new("test", "test", None, None, "test");
    let config = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::from_static("us-east-1"))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .http_client(Builder::new().build_http())
        .endpoint_url(&endpoints.dynamodb)
        .build();
    let scan = Client::new(&config)
        .scan()
        .table_name(&endpoints.tables["WebhooksTable"])
        .send()
        .await;
    let items = scan.expect("a scan").items.unwrap_or_default();
    let is_one = |name: &str| name.starts_with("T#") || name.starts_with("W#");
    // What a deleted webhook leaves has a time to live.
    let kept = items.iter().filter(|item| !item.contains_key("ttl"));
    kept.filter(|item| item["sk"].as_s().is_ok_and(|sk| is_one(sk)))
        .count()
}
