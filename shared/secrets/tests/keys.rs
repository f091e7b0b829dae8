//! What the keys promise, tested against a Secrets Manager: real SDK, real HTTP, the template's
//! own secret.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_secretsmanager::Client;
use aws_sdk_secretsmanager::config::{Credentials, SharedCredentialsProvider};
use aws_smithy_http_client::Builder;
use axum::Router;
use domain::signature::MasterKeyError;
use domain::timestamp::Timestamp;
use local::gateway::calls::Service;
use local::options::Options;
use local::platform::Platform;
use secrets::{Keys, KeysError};
use tokio::net::TcpListener;

/// Longer than keys are believed.
const STALE: Duration = Duration::from_secs(301);

struct Stage {
    platform: Platform,
    config: SdkConfig,
    keys: Keys,
}

impl Stage {
    async fn new() -> Self {
        let platform = Platform::start(Options::without_functions()).await.unwrap();
        let config = config(&platform.endpoints().secrets_manager);
        let keys = Keys::new(&config, arn(&platform));
        Self {
            platform,
            config,
            keys,
        }
    }

    async fn put(&self, text: &str) {
        let put = Client::new(&self.config).put_secret_value();
        let put = put.secret_id(arn(&self.platform)).secret_string(text);
        put.send().await.unwrap();
    }

    /// How often the secret was read.
    fn reads(&self) -> u64 {
        let calls = self.platform.calls();
        let reads = calls.iter().filter(|(call, _)| {
            call.service == Service::SecretsManager && call.operation == "GetSecretValue"
        });
        reads.map(|(_, count)| count).sum()
    }
}

fn arn(platform: &Platform) -> String {
    platform.endpoints().secrets["MasterKey"].clone()
}

fn config(endpoint: &str) -> SdkConfig {
    let credentials = Credentials::new("test", "test", None, None, "test");
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::from_static("us-east-1"))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .http_client(Builder::new().build_http())
        .retry_config(RetryConfig::disabled())
        .endpoint_url(endpoint)
        .build()
}

fn after(time: Duration) -> Timestamp {
    Timestamp::default().after(time)
}

#[tokio::test]
async fn the_secret_is_read_once_for_all_who_ask_at_the_same_time_and_soon_after() {
    let stage = Stage::new().await;
    let now = after(Duration::ZERO);
    let (first, second) = tokio::join!(stage.keys.at(now), stage.keys.at(now));
    assert!(first.is_ok() && second.is_ok());
    stage.keys.at(after(STALE / 2)).await.unwrap();
    assert_eq!(stage.reads(), 1);
    stage.keys.at(after(STALE)).await.unwrap();
    assert_eq!(stage.reads(), 2);
}

#[tokio::test]
async fn keys_stay_in_use_when_no_better_ones_can_be_had() {
    let stage = Stage::new().await;
    stage.keys.at(after(Duration::ZERO)).await.unwrap();
    stage.put("no keys").await;
    stage.keys.at(after(STALE)).await.unwrap();
    stage.platform.stop().await.unwrap();
    stage.keys.at(after(STALE * 2)).await.unwrap();
}

#[tokio::test]
async fn without_keys_there_is_an_error_that_tells_none() {
    let stage = Stage::new().await;
    stage.put(r#"{"current": "hunter2"}"#).await;
    let error = stage.keys.at(after(Duration::ZERO)).await.unwrap_err();
    assert!(matches!(
        error,
        KeysError::Content(MasterKeyError::TooShort)
    ));
    assert!(!format!("{error} {error:?}").contains("hunter2"));

    let unknown = Keys::new(&stage.config, "unknown".to_owned());
    let error = unknown.at(after(Duration::ZERO)).await.unwrap_err();
    assert!(
        error.to_string().contains("ResourceNotFoundException"),
        "{error}"
    );
}

#[tokio::test]
async fn an_answer_that_cannot_be_read_is_not_shown() {
    let broken = r#"{"SecretString": "{\"current\": \"hunter2\"}", "Versi"#;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let router = Router::new().fallback(move || async move { broken });
    tokio::spawn(async move { axum::serve(listener, router).await });
    let keys = Keys::new(&config(&endpoint), "secret".to_owned());
    let error = keys.at(after(Duration::ZERO)).await.unwrap_err();
    assert!(matches!(error, KeysError::Call(_)), "{error}");
    assert!(!format!("{error} {error:?}").contains("hunter2"), "{error}");
}
