//! The way to the account: clients for what AWS tells of a stack, with the credentials and the
//! region of whoever runs the command.

use std::error::Error;
use std::fmt::Debug;

use anyhow::{Result, anyhow};
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_cloudformation::error::{DisplayErrorContext, ProvideErrorMetadata, SdkError};
use aws_smithy_http_client::Builder;
use aws_smithy_http_client::tls::Provider;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use store::StoreError;

use crate::refusal::refusal;

/// Where a user reads what the command needs to be allowed.
const POLICY: &str =
    "give them the policy that infra/README.md has under \"Prove it: cargo smoke\"";

/// Clients of one account in one region.
pub(crate) struct Account {
    pub(crate) config: SdkConfig,
    pub(crate) region: String,
    pub(crate) cloudformation: aws_sdk_cloudformation::Client,
    pub(crate) cloudwatch: aws_sdk_cloudwatch::Client,
    pub(crate) logs: aws_sdk_cloudwatchlogs::Client,
    pub(crate) sqs: aws_sdk_sqs::Client,
}

impl Account {
    /// The account that the environment leads to. Credentials are asked for at once, so that their
    /// lack shows before anything is made.
    pub(crate) async fn connect(region: Option<String>) -> Result<Self> {
        let http = Builder::new()
            .tls_provider(Provider::Rustls(CryptoMode::Ring))
            .build_https();
        let mut loader = aws_config::defaults(BehaviorVersion::latest()).http_client(http);
        if let Some(region) = region {
            loader = loader.region(Region::new(region));
        }
        let config = loader.load().await;
        let Some(region) = config.region().map(ToString::to_string) else {
            return Err(refusal(
                "no region is set: say --region, or set AWS_REGION or the region of your profile",
            ));
        };
        ensure_credentials(&config).await?;
        Ok(Account {
            region,
            cloudformation: aws_sdk_cloudformation::Client::new(&config),
            cloudwatch: aws_sdk_cloudwatch::Client::new(&config),
            logs: aws_sdk_cloudwatchlogs::Client::new(&config),
            sqs: aws_sdk_sqs::Client::new(&config),
            config,
        })
    }
}

async fn ensure_credentials(config: &SdkConfig) -> Result<()> {
    use aws_sdk_cloudformation::config::ProvideCredentials;
    // The chain tells at length where it has looked; what to do is the same.
    let found = match config.credentials_provider() {
        Some(provider) => provider.provide_credentials().await.is_ok(),
        None => false,
    };
    match found {
        true => Ok(()),
        false => Err(refusal(
            "there are no AWS credentials that work: log in, or set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
        )),
    }
}

/// What a failed call means for whoever made it. `call` is its name as a policy has it.
pub(crate) fn failed<E, R>(call: &str, error: SdkError<E, R>) -> anyhow::Error
where
    E: ProvideErrorMetadata + Error + Send + Sync + 'static,
    R: Debug + Send + Sync + 'static,
{
    let message = error.message().unwrap_or("it does not say why");
    match error.code() {
        Some(code) if is_denial(code) => refusal(format!(
            "your credentials may not {call}: {POLICY} ({message})"
        )),
        Some(code) if is_about_credentials(code) => refusal(format!(
            "AWS does not take your credentials ({code}): log in again ({message})"
        )),
        Some(code) => anyhow!("{call}: {code}: {message}"),
        None => anyhow!("{call}: {}", DisplayErrorContext(error)),
    }
}

/// The same for what the store does.
pub(crate) fn store_failed(error: StoreError) -> anyhow::Error {
    match &error {
        StoreError::Call { cause, .. } if is_denial(cause) => refusal(format!(
            "your credentials do not suffice for the tables: {POLICY} ({error})"
        )),
        _ => error.into(),
    }
}

/// `AccessDenied`, `AccessDeniedException`: each service has its own spelling.
fn is_denial(code: &str) -> bool {
    code.starts_with("AccessDenied") || code == "UnauthorizedOperation"
}

fn is_about_credentials(code: &str) -> bool {
    [
        "ExpiredToken",
        "ExpiredTokenException",
        "InvalidClientTokenId",
        "InvalidSignatureException",
        "SignatureDoesNotMatch",
        "UnrecognizedClientException",
    ]
    .contains(&code)
}
