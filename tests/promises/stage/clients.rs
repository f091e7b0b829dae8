//! The SDKs, at a platform's addresses.

use aws_smithy_http_client::Builder;
use local::platform::Platform;

pub(super) fn of(platform: &Platform) -> (aws_sdk_sqs::Client, aws_sdk_dynamodb::Client) {
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
