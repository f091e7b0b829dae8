//! Sends requests to receivers.

use std::error::Error;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use domain::outcome::{Obstacle, Outcome, Trouble};
use domain::request_url::RequestUrl;
use domain::target::{NotPublic, Targets};
use http_body_util::BodyExt;
use reqwest::dns::Resolve;
use reqwest::header::{HeaderName, RETRY_AFTER};
use reqwest::redirect::Policy;
use reqwest::{Body, Client, Response, retry};
use rustls::ClientConfig;
use tokio::time::{Instant, timeout_at};

use crate::answer::body_head;
use crate::guard::{Guard, System};
use crate::request::Request;
use crate::{failure, tls};

/// How long a connection waits for its next request. Below five seconds, after which many servers close it, and short enough that few
/// connections are found dead when Lambda thaws a function that it had frozen.
const IDLE: Duration = Duration::from_secs(4);

/// Sends requests, keeping connections for the next. Made once per process.
#[derive(Debug)]
pub struct Sender {
    strict: Client,
    /// For webhooks that ignore TLS errors. Its connections and sessions are its own: a strict webhook never rides on one that was not
    /// verified.
    lax: Client,
    targets: Arc<Targets>,
}

/// The HTTP client could not be set up.
#[derive(Debug, thiserror::Error)]
#[error("no HTTP client: {0}")]
pub struct SenderError(#[source] Box<dyn Error + Send + Sync>);

impl Sender {
    /// A sender to these targets, which gives up connecting after this time: resolving the name and the TLS handshake must be done in it too.
    pub fn new(connect_timeout: Duration, targets: Targets) -> Result<Self, SenderError> {
        Self::with_resolver(connect_timeout, targets, System)
    }

    /// The same, with another way to resolve names than the operating system's.
    pub fn with_resolver(
        connect_timeout: Duration,
        targets: Targets,
        resolver: impl Resolve + 'static,
    ) -> Result<Self, SenderError> {
        let targets = Arc::new(targets);
        let guard = Arc::new(Guard {
            targets: Arc::clone(&targets),
            resolver: Arc::new(resolver),
        });
        let client = |tls: Result<ClientConfig, rustls::Error>| {
            let tls = tls.map_err(|error| SenderError(error.into()))?;
            client(tls, Arc::clone(&guard), connect_timeout)
                .map_err(|error| SenderError(error.into()))
        };
        Ok(Self {
            strict: client(tls::strict())?,
            lax: client(tls::lax())?,
            targets,
        })
    }

    /// Makes the one attempt, within the budget: connecting, sending, waiting for the status line, and the start of the body.
    ///
    /// Repeating this is not safe, and nothing in here repeats it: a request that was written, even in part, is never written again. (One
    /// that finds its kept connection closed before its first byte is sent on a new one.)
    pub async fn send(
        &self,
        url: &RequestUrl,
        ignore_ssl_errors: bool,
        request: Request,
        budget: Duration,
    ) -> Outcome {
        // The connector never asks the guard for an address that is written out.
        if let Err(NotPublic) = self.targets.check(url) {
            return Outcome::NotSent(Obstacle::NotPublic);
        }
        let client = if ignore_ssl_errors {
            &self.lax
        } else {
            &self.strict
        };
        let deadline = Instant::now() + budget;
        let (body, has_left) = noted(request.body);
        let request = client
            .post(url.url().clone())
            .headers(request.headers)
            .body(body);
        match timeout_at(deadline, request.send()).await {
            Err(_) if has_left.load(Ordering::Relaxed) => {
                Outcome::Unanswered(Trouble::TimeoutAfterSent(budget))
            }
            Err(_) => Outcome::Unanswered(Trouble::TimeoutBeforeSent(budget)),
            Ok(Err(error)) => {
                let error = error.without_url();
                tracing::debug!(?error, "no answer");
                failure::outcome(&error)
            }
            Ok(Ok(answer)) => Outcome::Answered {
                status: answer.status().as_u16(),
                retry_after: header(&answer, RETRY_AFTER),
                body: body_head(answer, deadline).await,
            },
        }
    }
}

/// The body, and whether it has been asked for: only a connection that stands asks, when it has written the head and takes the rest.
fn noted(body: String) -> (Body, Arc<AtomicBool>) {
    let has_left = Arc::new(AtomicBool::new(false));
    let note = Arc::clone(&has_left);
    let body = Body::from(body).inspect_frame(move |_| note.store(true, Ordering::Relaxed));
    (Body::wrap(body), has_left)
}

fn header(answer: &Response, name: HeaderName) -> Option<String> {
    let value = answer.headers().get(name)?.to_str();
    value.ok().map(str::to_owned)
}

/// No detours and no second tries: a proxy from the environment would resolve names itself, and a redirect would leave the target that was
/// checked. Decompression is not compiled in: an answer is as small as it came.
fn client(
    tls: ClientConfig,
    guard: Arc<Guard>,
    connect_timeout: Duration,
) -> reqwest::Result<Client> {
    Client::builder()
        .tls_backend_preconfigured(tls)
        .dns_resolver(guard)
        .no_proxy()
        .redirect(Policy::none())
        .referer(false)
        .retry(retry::never())
        .connect_timeout(connect_timeout)
        .pool_idle_timeout(IDLE)
        .build()
}
