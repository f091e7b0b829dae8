//! Sends requests to receivers.

use std::error::Error;
use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use domain::outcome::{Obstacle, Outcome, TlsFault, Trouble};
use domain::request_url::RequestUrl;
use domain::target::{NotPublic, Targets};
use tokio::time::{Instant, timeout_at};

use crate::answer::Answer;
use crate::connection::Connection;
use crate::connector::Connector;
use crate::exchange::{Cause, NoAnswer, exchange};
use crate::names::Names;
use crate::pool::{Key, Pool};
use crate::request::Request;
use crate::tls;

/// What some say when they close a connection that they were tired of. Said on a kept one, it may
/// not be about the request at all.
const TOO_SLOW: u16 = 408;

/// Sends requests, keeping connections for the next. Made once per process.
pub struct Sender {
    connector: Connector,
    pool: Pool,
    targets: Arc<Targets>,
}

/// Whom an attempt calls, and how.
#[derive(Clone, Copy, Debug)]
pub struct Callee<'a> {
    /// Where the request goes.
    pub url: &'a RequestUrl,
    /// Whether any certificate is taken.
    pub ignore_ssl_errors: bool,
    /// Whether this is the only attempt.
    pub do_not_retry: bool,
}

/// How an attempt ended, and what was seen on the way.
#[derive(Debug)]
pub struct Sent {
    /// How it ended.
    pub outcome: Outcome,
    /// The address that was connected to.
    pub remote: Option<IpAddr>,
    /// The start of the answer's headers, a line each.
    pub response_headers: Option<String>,
}

/// The client could not be set up.
#[derive(Debug, thiserror::Error)]
#[error("requests cannot be sent: {0}")]
pub struct SenderError(#[source] Box<dyn Error + Send + Sync>);

impl Sender {
    /// A sender to these targets. The connect timeout includes resolving the name and the TLS
    /// handshake.
    pub fn new(connect_timeout: Duration, targets: Targets) -> Result<Self, SenderError> {
        Self::with_names(
            connect_timeout,
            targets,
            Names::of_system().map_err(SenderError)?,
        )
    }

    /// The same, with names from somewhere else than the system.
    pub fn with_names(
        connect_timeout: Duration,
        targets: Targets,
        names: Names,
    ) -> Result<Self, SenderError> {
        let targets = Arc::new(targets);
        let connector = Connector::new(names, Arc::clone(&targets), connect_timeout);
        Ok(Self {
            connector: connector.map_err(|error| SenderError(error.into()))?,
            pool: Pool::default(),
            targets,
        })
    }

    /// Makes the one attempt, within the budget: connecting, sending, waiting for the status line,
    /// and a moment for the rest.
    ///
    /// Repeating this is not safe for a callee that is not to be called again, and for that one
    /// nothing in here repeats it: its request starts on a new connection, which no receiver is
    /// about to close. For all others a kept connection that ends without a byte of an answer was
    /// closed by a receiver that was tired of it, as a rule; so the request goes out once more,
    /// under the same id.
    pub async fn send(&self, callee: Callee<'_>, request: Request, budget: Duration) -> Sent {
        // A name may lead anywhere; an address that is written out is judged before anything is
        // done.
        if let Err(NotPublic) = self.targets.check(callee.url) {
            return Outcome::NotSent(Obstacle::NotPublic).into();
        }
        let Ok(request) = request.written_to(callee.url) else {
            return Outcome::NotSent(Obstacle::UnusableUrl).into();
        };
        let deadline = Instant::now() + budget;
        let key = Key::of(callee.url.url(), callee.ignore_ssl_errors);
        if !callee.do_not_retry
            && let Some(connection) = self.pool.take(&key)
        {
            let remote = connection.remote();
            match self.call(connection, &key, &request, deadline).await {
                Ok(answer) if answer.status == TOO_SLOW => {}
                Ok(answer) => return answered(answer, remote),
                Err((no_answer, _)) if was_kept_too_long(&no_answer) => {}
                Err((no_answer, asked)) => {
                    return Sent::unanswered(unanswered(no_answer, asked, budget), remote);
                }
            }
        }
        let connecting = self
            .connector
            .connect(callee.url.url(), callee.ignore_ssl_errors);
        let connection = match timeout_at(deadline, Box::pin(connecting)).await {
            Ok(Ok(connection)) => connection,
            Ok(Err(trouble)) => return Outcome::Unanswered(trouble).into(),
            Err(_) => {
                return Outcome::Unanswered(Trouble::TimeoutBeforeSent(budget)).into();
            }
        };
        let remote = connection.remote();
        match self.call(connection, &key, &request, deadline).await {
            Ok(answer) => answered(answer, remote),
            Err((no_answer, asked)) => {
                Sent::unanswered(unanswered(no_answer, asked, budget), remote)
            }
        }
    }

    /// Calls on this connection, and keeps it if it can take another request. Without an answer,
    /// says whether the receiver had asked for a client certificate.
    async fn call(
        &self,
        mut connection: Connection,
        key: &Key,
        request: &[u8],
        deadline: Instant,
    ) -> Result<Answer, (NoAnswer, bool)> {
        match exchange(&mut connection, request, deadline).await {
            Ok(answer) => {
                if let Some(idle) = answer.idle {
                    self.pool.put(key.clone(), connection, idle);
                }
                Ok(answer)
            }
            Err(no_answer) => {
                tracing::debug!(?no_answer, "no answer");
                Err((no_answer, connection.has_asked_for_certificate))
            }
        }
    }
}

impl fmt::Debug for Sender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sender")
    }
}

fn was_kept_too_long(no_answer: &NoAnswer) -> bool {
    let is_broken = matches!(no_answer.cause, Cause::Closed | Cause::Broken(_));
    is_broken && !no_answer.was_begun
}

fn answered(answer: Answer, remote: Option<IpAddr>) -> Sent {
    Sent {
        outcome: Outcome::Answered {
            status: answer.status,
            body: answer.body,
            retry_after: answer.retry_after,
        },
        remote,
        response_headers: answer.headers,
    }
}

impl Sent {
    fn unanswered(outcome: Outcome, remote: Option<IpAddr>) -> Self {
        Self {
            remote,
            ..outcome.into()
        }
    }
}

/// Nobody was connected to.
impl From<Outcome> for Sent {
    fn from(outcome: Outcome) -> Self {
        Self {
            outcome,
            remote: None,
            response_headers: None,
        }
    }
}

/// What it means that there was no answer: first by whether any of the request had left, then by
/// what happened.
fn unanswered(no_answer: NoAnswer, asked_for_certificate: bool, budget: Duration) -> Outcome {
    let fault = match &no_answer.cause {
        Cause::Broken(error) => tls::broken(error),
        Cause::Timeout | Cause::Closed | Cause::NotHttp => None,
    };
    Outcome::Unanswered(match (fault, no_answer.cause, no_answer.was_sent) {
        // In TLS 1.3 a server refuses a missing certificate when the client is through with the
        // handshake. It is not, so it has not read what came with the end of it.
        (Some(TlsFault::ClientCertificateWanted), ..)
            if asked_for_certificate && !no_answer.was_begun =>
        {
            Trouble::Tls(TlsFault::ClientCertificateWanted)
        }
        // Some say it with another alert, which they could also have sent later.
        (Some(TlsFault::Alert(_)), ..) if asked_for_certificate && !no_answer.was_begun => {
            Trouble::BrokenTls(TlsFault::ClientCertificateWanted)
        }
        (Some(fault), _, true) => Trouble::BrokenTls(fault),
        (Some(fault), _, false) => Trouble::Tls(fault),
        (None, Cause::Timeout, true) => Trouble::TimeoutAfterSent(budget),
        (None, Cause::Timeout, false) => Trouble::TimeoutBeforeSent(budget),
        (None, _, true) => Trouble::BrokenAnswer,
        (None, _, false) => Trouble::Connect,
    })
}
