//! The connection that both AWS clients share.
//!
//! Three things keep a cold start short. The roots of trust are compiled in: loading the system's
//! CA bundle costs about six times the rest of the start. They are parsed once, for one connector
//! that every client shares: the SDK's own builder parses them for each client, and once more to
//! see whether it can. And the credentials come from the environment, where Lambda puts them: no
//! profile, container or instance is asked.

use std::time::Duration;

use aws_config::BehaviorVersion;
pub use aws_config::SdkConfig;
use aws_config::environment::EnvironmentVariableCredentialsProvider;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_smithy_async::rt::sleep::{SharedAsyncSleep, TokioSleep};
use aws_smithy_http_client::Connector;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::tls::{Provider, TlsContext, TrustStore};
use aws_smithy_runtime_api::client::http::{
    HttpConnectorSettings, SharedHttpClient, SharedHttpConnector, http_client_fn,
};

/// The five roots that Amazon Trust Services publishes for AWS endpoints: Amazon Root CA 1 to 4 and
/// Starfield Services Root CA G2.
///
/// As PEM, although constants would not have to be parsed (Mozilla's roots in `delivery` are such):
/// the SDK's connector takes nothing else, and hands nobody the TLS configuration that it makes of
/// it. Parsing takes 0.26 M of the 2.7 M instructions of the shortest start (`sweep`, callgrind).
/// A connector of our own would save that, and we would own what this one knows of timeouts and of
/// connections that the SDK's retries must not use again. Parsing at the first call would save
/// nothing: somebody's event would wait for it.
const AMAZON_ROOTS: &str = include_str!("amazon_roots.pem");

/// Names a PEM file with further roots, as in every AWS tool: for networks whose proxy inspects
/// TLS.
const CA_BUNDLE: &str = "AWS_CA_BUNDLE";

/// Calls are small and repeatable, so a slow one is abandoned early and retried.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(5);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
const ATTEMPTS: u32 = 4;

/// The connection could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// The file of further roots cannot be read.
    #[error("{CA_BUNDLE} {path:?}: {error}")]
    CaBundle {
        /// The file.
        path: String,
        /// Why not.
        error: std::io::Error,
    },
    /// The roots are no certificates.
    #[error("bad roots of trust: {0}")]
    Roots(String),
}

/// Region, credentials, endpoints (`AWS_ENDPOINT_URL_SQS`, `AWS_ENDPOINT_URL_DYNAMODB`), retries
/// and the HTTP client.
pub async fn connect() -> Result<SdkConfig, ConnectError> {
    let http = http_client(roots()?);
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(CONNECT_TIMEOUT)
        .operation_attempt_timeout(ATTEMPT_TIMEOUT)
        .build();
    let loader = aws_config::defaults(BehaviorVersion::latest())
        .credentials_provider(EnvironmentVariableCredentialsProvider::new())
        .retry_config(RetryConfig::standard().with_max_attempts(ATTEMPTS))
        .timeout_config(timeouts)
        .http_client(http);
    Ok(loader.load().await)
}

/// The HTTP client that all clients share: one connector, and one pool of connections.
fn http_client(roots: TlsContext) -> SharedHttpClient {
    let settings = HttpConnectorSettings::builder()
        .connect_timeout(CONNECT_TIMEOUT)
        .build();
    let connector = Connector::builder()
        .tls_provider(Provider::Rustls(CryptoMode::Ring))
        .tls_context(roots)
        .connector_settings(settings)
        .sleep_impl(SharedAsyncSleep::new(TokioSleep::new()))
        .build();
    let connector = SharedHttpConnector::new(connector);
    http_client_fn(move |_, _| connector.clone())
}

#[expect(
    clippy::disallowed_methods,
    reason = "a variable of AWS's own, that every AWS client reads"
)]
fn roots() -> Result<TlsContext, ConnectError> {
    let mut roots = TrustStore::empty().with_pem_certificate(AMAZON_ROOTS);
    if let Ok(path) = std::env::var(CA_BUNDLE) {
        let further =
            std::fs::read(&path).map_err(|error| ConnectError::CaBundle { path, error })?;
        roots = roots.with_pem_certificate(further);
    }
    TlsContext::builder()
        .with_trust_store(roots)
        .build()
        .map_err(|error| ConnectError::Roots(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::Engine;
    use base64::prelude::BASE64_STANDARD;

    #[test]
    fn every_compiled_in_root_is_one_that_mozilla_trusts_too() {
        let pems = AMAZON_ROOTS.split("-----BEGIN CERTIFICATE-----").skip(1);
        let ders: Vec<_> = pems
            .map(|pem| {
                pem.split("-----END")
                    .next()
                    .unwrap()
                    .split_whitespace()
                    .collect::<String>()
            })
            .map(|base64| BASE64_STANDARD.decode(base64).unwrap())
            .collect();
        assert_eq!(ders.len(), 5);
        for der in ders {
            assert!(
                webpki_root_certs::TLS_SERVER_ROOT_CERTS
                    .iter()
                    .any(|known| known.as_ref() == der)
            );
        }
    }
}
