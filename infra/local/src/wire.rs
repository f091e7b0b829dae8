//! A client of DynamoDB or SQS, whoever plays it: AWS's JSON protocol over HTTP.

use std::fmt;
use std::net::SocketAddr;

use anyhow::{Context, Result};
use axum::body::Bytes;
use http::{Request, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::Value;

use crate::aws::REGION;

/// The way to one service.
pub(crate) struct Wire {
    http: Client<HttpConnector, Full<Bytes>>,
    address: SocketAddr,
    /// What stands before the operation in the name of a call.
    target: &'static str,
    /// The service's name in a signature.
    service: &'static str,
}

/// What a service answers instead of doing what it is asked to.
#[derive(Debug)]
pub(crate) struct Refusal {
    status: StatusCode,
    code: String,
    message: String,
}

impl Wire {
    /// The way to the DynamoDB at `address`.
    pub(crate) fn to_dynamodb(address: SocketAddr) -> Self {
        Self::to(address, "DynamoDB_20120810", "dynamodb")
    }

    /// The way to the SQS at `address`.
    pub(crate) fn to_sqs(address: SocketAddr) -> Self {
        Self::to(address, "AmazonSQS", "sqs")
    }

    fn to(address: SocketAddr, target: &'static str, service: &'static str) -> Self {
        // A connection for each call: a server that ends idle ones could end one just when a call
        // is made, which must not be repeated.
        let http = Client::builder(TokioExecutor::new())
            .pool_max_idle_per_host(0)
            .build_http();
        Wire {
            http,
            address,
            target,
            service,
        }
    }

    /// Where the service is.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Has an operation carried out, and returns its answer. What the service refuses is a
    /// [`Refusal`] in the error.
    pub(crate) async fn call(&self, operation: &str, request: &Value) -> Result<Value> {
        let failed = || format!("{operation} at {}", self.address);
        let (status, answer) = self.post(operation, request).await.with_context(failed)?;
        if status.is_success() {
            return Ok(answer);
        }
        let text = |name: &str| answer[name].as_str().unwrap_or_default().to_owned();
        let kind = text("__type");
        let refusal = Refusal {
            status,
            code: kind.rsplit('#').next().unwrap_or(&kind).to_owned(),
            message: text("message") + &text("Message"),
        };
        Err(refusal).with_context(failed)
    }

    async fn post(&self, operation: &str, request: &Value) -> Result<(StatusCode, Value)> {
        // The services want to be shown a signature, and look no further.
        let signature = format!(
            "AWS4-HMAC-SHA256 Credential=local/20261101/{REGION}/{}/aws4_request, SignedHeaders=host, Signature=00",
            self.service
        );
        let request = Request::post(format!("http://{}/", self.address))
            .header("authorization", signature)
            .header("content-type", "application/x-amz-json-1.0")
            .header("x-amz-date", "20261101T000000Z")
            .header("x-amz-target", format!("{}.{operation}", self.target))
            .body(Full::new(Bytes::from(request.to_string())))?;
        let (head, body) = self.http.request(request).await?.into_parts();
        let body = body.collect().await?.to_bytes();
        // Some operations have nothing to say.
        let answer = match body.is_empty() {
            true => Value::Null,
            false => serde_json::from_slice(&body)?,
        };
        Ok((head.status, answer))
    }
}

impl Refusal {
    /// The service's name for why it refused, such as `ResourceInUseException`, if that is what
    /// went wrong.
    pub(crate) fn code_in(error: &anyhow::Error) -> Option<&str> {
        let refusal = error.downcast_ref::<Refusal>()?;
        Some(&refusal.code)
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Refusal {
            status,
            code,
            message,
        } = self;
        write!(formatter, "{status}: {code}: {message}")
    }
}

impl std::error::Error for Refusal {}
