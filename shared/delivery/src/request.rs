//! The request of one attempt, except for its URL: the headers of the system, and the body to the byte.

use domain::dispatch_id::DispatchId;
use domain::payload::Content;
use domain::signature::Signer;
use domain::template::RenderError;
use domain::timestamp::Timestamp;
use http::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, USER_AGENT};

// The headers that belong to the system (contract §3.4). `Host` is written by the HTTP client, from the URL that it connects to.
const WEBHOOK: HeaderName = HeaderName::from_static("x-apify-webhook");
const DISPATCH_ID: HeaderName = HeaderName::from_static("x-apify-webhook-dispatch-id");
const REQUEST_ORIGIN: HeaderName = HeaderName::from_static("x-apify-request-origin");
// The same id again, the time of the attempt, and what proves them and the body, under the names that Standard Webhooks gives them.
const WEBHOOK_ID: HeaderName = HeaderName::from_static("webhook-id");
const WEBHOOK_TIMESTAMP: HeaderName = HeaderName::from_static("webhook-timestamp");
const WEBHOOK_SIGNATURE: HeaderName = HeaderName::from_static("webhook-signature");

const PRODUCT: &str = concat!("Runhooks/", env!("CARGO_PKG_VERSION"));

/// What is sent in one attempt.
pub struct Request {
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Request {
    /// A request with exactly this body and these headers, signed for an attempt at this time. Every attempt of a dispatch carries its id, so
    /// that a receiver can drop what it has seen. The headers of the system come last, so that nobody else sets them; only the user agent is
    /// a default.
    pub fn new(
        dispatch: &DispatchId,
        content: Content,
        signer: &Signer,
        at: Timestamp,
    ) -> Result<Self, RenderError> {
        let id = plain(dispatch.as_str());
        let signature = signer.sign(dispatch, at, content.body.as_bytes());
        let mut headers = HeaderMap::from_iter([(USER_AGENT, HeaderValue::from_static(PRODUCT))]);
        for (name, value) in &content.headers {
            headers.insert(header_name(name)?, header_value(name, value)?);
        }
        for (name, value) in [
            (CONTENT_TYPE, HeaderValue::from_static("application/json")),
            (WEBHOOK, HeaderValue::from_static("yo")),
            (DISPATCH_ID, id.clone()),
            (REQUEST_ORIGIN, HeaderValue::from_static("WEBHOOK")),
            (WEBHOOK_ID, id),
            (WEBHOOK_TIMESTAMP, HeaderValue::from(at.as_seconds())),
            (WEBHOOK_SIGNATURE, plain(&signature)),
        ] {
            headers.insert(name, value);
        }
        Ok(Self {
            headers,
            body: content.body,
        })
    }
}

impl Request {
    /// How much memory it takes, in bytes, about.
    pub fn length(&self) -> usize {
        self.body.len()
    }
}

#[expect(clippy::expect_used, reason = "ids and signatures are plain ASCII")]
fn plain(text: &str) -> HeaderValue {
    HeaderValue::from_str(text).expect("plain text makes a header value")
}

// Both are checked when the webhook is defined and its template rendered, and once more here: nothing that could break the request's frame
// leaves.

fn header_name(name: &str) -> Result<HeaderName, RenderError> {
    HeaderName::from_bytes(name.as_bytes()).map_err(|_| refused(name, "it is no name of a header"))
}

fn header_value(name: &str, value: &str) -> Result<HeaderValue, RenderError> {
    let value = HeaderValue::from_bytes(value.as_bytes());
    value.map_err(|_| refused(name, "no request can carry its value"))
}

fn refused(name: &str, problem: &str) -> RenderError {
    RenderError::Header {
        name: name.to_owned(),
        problem: problem.to_owned(),
    }
}
