//! The SDKs, at a platform's addresses.

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_sqs::config::{Credentials, SharedCredentialsProvider};
use aws_smithy_http_client::Builder;

/// What a client of the service at this address is made from: one of this account's administrator.
pub(crate) fn config(endpoint: &str) -> SdkConfig {
    config_of("test", endpoint)
}

/// The same for a caller with this access key: the ARN of a user or role, or a function's sandbox,
/// such as `ingest-1`.
pub(crate) fn config_of(access_key: &str, endpoint: &str) -> SdkConfig {
    let credentials = Credentials::new(access_key, "test", None, None, "test");
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::from_static("us-east-1"))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .http_client(Builder::new().build_http())
        .endpoint_url(endpoint)
        .build()
}
