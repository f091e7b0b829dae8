//! The request of one attempt: the headers of the system and of its owner, and the body to the
//! byte.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use domain::dispatch_id::DispatchId;
use domain::payload::Content;
use domain::request_url::RequestUrl;
use domain::signature::Signer;
use domain::template::RenderError;
use domain::timestamp::Timestamp;
use domain::trace_context::TraceContext;
use http::{HeaderName, HeaderValue, Uri};
use percent_encoding::percent_decode_str;
use url::{Position, Url};

// The headers that belong to the system.
const HOST: &str = "host";
const CONTENT_LENGTH: &str = "content-length";
const CONTENT_TYPE: &str = "content-type";
const WEBHOOK: &str = "x-apify-webhook";
const DISPATCH_ID: &str = "x-apify-webhook-dispatch-id";
const REQUEST_ORIGIN: &str = "x-apify-request-origin";
// The same id, the time of the attempt, and the signature of both and of the body, under the names
// that Standard Webhooks gives them.
const WEBHOOK_ID: &str = "webhook-id";
const WEBHOOK_TIMESTAMP: &str = "webhook-timestamp";
const WEBHOOK_SIGNATURE: &str = "webhook-signature";

// Only of an event that came with one.
const TRACEPARENT: &str = "traceparent";

// Those that an owner may have set otherwise.
const ACCEPT: &str = "accept";
// An answer that is packed would be no excerpt that anybody can read.
const ACCEPT_ENCODING: &str = "accept-encoding";
const USER_AGENT: &str = "user-agent";
const AUTHORIZATION: &str = "authorization";

const PRODUCT: &str = concat!("Runhooks/", env!("CARGO_PKG_VERSION"));

/// What is sent in one attempt.
pub struct Request {
    /// Names as they were written, with their values.
    headers: Vec<(String, HeaderValue)>,
    body: String,
}

/// The URL is one that no HTTP request can name.
#[derive(Debug)]
pub(crate) struct UnusableUrl;

impl Request {
    /// A request with exactly this body and these headers, signed for an attempt at this time.
    /// Every attempt of a dispatch carries its id, so that a receiver can drop what it has seen.
    /// Nobody but the system sets the headers of the system.
    pub fn new(
        dispatch: &DispatchId,
        content: Content,
        signer: &Signer,
        at: Timestamp,
    ) -> Result<Self, RenderError> {
        let id = plain(dispatch.as_str());
        let signature = signer.sign(dispatch, at, content.body.as_bytes());
        let system = [
            (CONTENT_TYPE, HeaderValue::from_static("application/json")),
            (CONTENT_LENGTH, HeaderValue::from(content.body.len())),
            (WEBHOOK, HeaderValue::from_static("yo")),
            (DISPATCH_ID, id.clone()),
            (REQUEST_ORIGIN, HeaderValue::from_static("WEBHOOK")),
            (WEBHOOK_ID, id),
            (WEBHOOK_TIMESTAMP, HeaderValue::from(at.as_seconds())),
            (WEBHOOK_SIGNATURE, plain(&signature)),
        ];
        let mut headers = Vec::new();
        for (name, value) in content.headers {
            let header = checked(name, &value)?;
            let is_it = |of: &str| header.0.eq_ignore_ascii_case(of);
            if !is_it(HOST) && !system.iter().any(|(name, _)| is_it(name)) {
                headers.push(header);
            }
        }
        headers.extend(system.map(|(name, value)| (name.to_owned(), value)));
        Ok(Self {
            headers,
            body: content.body,
        })
    }

    /// The same request as a part of a trace, which is the system's matter, too.
    pub fn traced(mut self, trace: &TraceContext) -> Self {
        self.headers
            .retain(|(name, _)| !name.eq_ignore_ascii_case(TRACEPARENT));
        let value = plain(&trace.to_string());
        self.headers.push((TRACEPARENT.to_owned(), value));
        self
    }

    /// The same request with a credential for the platform's API. Only one that brings none of its
    /// own may get it.
    pub fn with_credential(mut self, token: &str) -> Self {
        let mut value = plain(&format!("Bearer {token}"));
        value.set_sensitive(true);
        self.headers.push(("Authorization".to_owned(), value));
        self
    }

    /// The bytes that are sent to this URL.
    pub(crate) fn written_to(self, url: &RequestUrl) -> Result<Vec<u8>, UnusableUrl> {
        let url = url.url();
        Uri::try_from(url.as_str()).map_err(|_| UnusableUrl)?;
        let mut head = Vec::with_capacity(1024);
        let target = &url[Position::BeforePath..Position::AfterQuery];
        head.extend_from_slice(format!("POST {target} HTTP/1.1\r\n").as_bytes());
        let host = &url[Position::BeforeHost..Position::AfterPort];
        write_header(&mut head, HOST, host.as_bytes());
        for (name, value) in self.defaults(url) {
            write_header(&mut head, name, &value);
        }
        for (name, value) in &self.headers {
            write_header(&mut head, name, value.as_bytes());
        }
        head.extend_from_slice(b"\r\n");
        let mut bytes = self.body.into_bytes();
        bytes.splice(0..0, head);
        Ok(bytes)
    }

    /// Its headers and its body, as they are sent to this URL.
    pub fn shown(self, url: &RequestUrl) -> (Vec<(String, String)>, String) {
        let text = |value: &[u8]| String::from_utf8_lossy(value).into_owned();
        let host = url.url()[Position::BeforeHost..Position::AfterPort].to_owned();
        let defaults = self.defaults(url.url());
        let defaults = defaults.map(|(name, value)| (name.to_owned(), text(&value)));
        let headers = [(HOST.to_owned(), host)].into_iter().chain(defaults);
        let own = self.headers.iter();
        let own = own.map(|(name, value)| (name.clone(), text(value.as_bytes())));
        (headers.chain(own).collect(), self.body)
    }

    /// What is sent unless the owner has set it.
    fn defaults(&self, url: &Url) -> impl Iterator<Item = (&'static str, Vec<u8>)> {
        let defaults = [
            (ACCEPT, Some(b"*/*".to_vec())),
            (ACCEPT_ENCODING, Some(b"identity".to_vec())),
            (USER_AGENT, Some(PRODUCT.as_bytes().to_vec())),
            (AUTHORIZATION, credentials(url)),
        ];
        let is_set = |of: &str| {
            let mut headers = self.headers.iter();
            headers.any(|(name, _)| name.eq_ignore_ascii_case(of))
        };
        defaults
            .into_iter()
            .filter_map(move |(name, value)| Some((name, value.filter(|_| !is_set(name))?)))
    }
}

fn write_header(head: &mut Vec<u8>, name: &str, value: &[u8]) {
    head.extend_from_slice(name.as_bytes());
    head.extend_from_slice(b": ");
    head.extend_from_slice(value);
    head.extend_from_slice(b"\r\n");
}

/// User and password of the URL, to the octet, whether they are text or not (RFC 7617).
fn credentials(url: &Url) -> Option<Vec<u8>> {
    if url.username().is_empty() && url.password().is_none() {
        return None;
    }
    let mut octets: Vec<u8> = percent_decode_str(url.username()).collect();
    octets.push(b':');
    octets.extend(percent_decode_str(url.password().unwrap_or_default()));
    Some(format!("Basic {}", BASE64_STANDARD.encode(octets)).into_bytes())
}

impl Request {
    /// How much memory it takes, in bytes, about.
    pub fn length(&self) -> usize {
        self.body.len()
    }
}

#[expect(
    clippy::expect_used,
    reason = "ids, signatures, traces and credentials are plain ASCII"
)]
fn plain(text: &str) -> HeaderValue {
    HeaderValue::from_str(text).expect("plain text makes a header value")
}

/// Both are checked when the webhook is defined and its template rendered, and once more here:
/// nothing that could break the request's frame leaves.
fn checked(name: String, value: &str) -> Result<(String, HeaderValue), RenderError> {
    let refused = |name: String, problem: &str| RenderError::Header {
        name,
        problem: problem.to_owned(),
    };
    if HeaderName::from_bytes(name.as_bytes()).is_err() {
        return Err(refused(name, "it is no name of a header"));
    }
    match HeaderValue::from_bytes(value.as_bytes()) {
        Ok(value) => Ok((name, value)),
        Err(_) => Err(refused(name, "no request can carry its value")),
    }
}
