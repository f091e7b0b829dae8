//! How one attempt to deliver ended. What the receiver does wrong is an outcome, recorded for the
//! webhook's owner; what we do wrong is an error of the function, and never comes here.

mod tls_fault;

use std::time::Duration;

use crate::platform_api::LONGEST_CHAIN;
use crate::retry_after;
use crate::template::RenderError;
use crate::timestamp::Timestamp;

pub use tls_fault::TlsFault;

/// What the owner reads of a target that is refused, whatever it is about it: differences would
/// draw a map of our network.
const NOT_PUBLIC: &str = "The request URL does not lead to a public address";

/// What the owner reads when nobody can know whether the receiver has acted.
const BROKEN: &str = "The endpoint closed the connection or sent an invalid HTTP response";
const BROKEN_TLS: &str = "The secure connection broke after the request was sent";
const UNKNOWN: &str = "The request may have been sent; its outcome is not known";

/// The closed list of how an attempt can end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The receiver answered.
    Answered {
        /// HTTP status.
        status: u16,
        /// The start of the body, if there was one.
        body: Option<String>,
        /// What its `Retry-After` header said, if it had one.
        retry_after: Option<String>,
    },
    /// A request was tried, and no answer came.
    Unanswered(Trouble),
    /// No request was made, and none will be.
    NotSent(Obstacle),
}

/// Why no answer came. *When* it went wrong comes first, because that says whether anybody can have
/// read the request; then what it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// The host's name has no address.
    Dns,
    /// The host's name has an address that is not public. That may be a passing mistake of its name
    /// server, so it is tried again.
    NotPublic,
    /// No connection within its time, or none at all.
    Connect,
    /// The connection could not be made secure, so nothing was sent.
    Tls(TlsFault),
    /// The time for the whole request was over before any of it had left.
    TimeoutBeforeSent(Duration),
    /// It was over when the request had been handed to a connection.
    TimeoutAfterSent(Duration),
    /// The connection broke before an answer came, or what came was no HTTP.
    BrokenAnswer,
    /// The connection's TLS broke when some of the request had left.
    BrokenTls(TlsFault),
    /// The attempt was begun by a worker that was not heard of again.
    Unknown,
}

/// Why no request was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Obstacle {
    /// Its owner has deleted the webhook.
    WebhookRemoved,
    /// Its owner has switched the webhook off.
    WebhookDisabled,
    /// The event's record has expired.
    EventExpired,
    /// The endpoint is dead, and the attempt was put off for so long.
    EndpointDead(Duration),
    /// The request URL is one that no HTTP request can name, such as one with a quotation mark in
    /// its host.
    UnusableUrl,
    /// The request URL leads to a target that is not public, as can be seen without resolving its
    /// host.
    NotPublic,
    /// The webhook's template, with what this event puts into it, makes no request.
    Unrenderable(RenderError),
    /// It would start another run of a chain that is as long as one may be.
    ChainTooLong,
}

/// What an outcome means for the dispatch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Delivered.
    Accepted,
    /// Not delivered: worth another attempt.
    RetryLater,
    /// Nobody can know whether the receiver has acted: worth another attempt, unless there must not
    /// be two.
    Unknown,
    /// Another attempt would end the same.
    GiveUp,
    /// The receiver is there no more, and does not want to hear of this webhook again.
    Gone,
}

impl Outcome {
    /// The only place that says which outcome means what: 2xx is success, and nothing else is. 410
    /// is an answer for good. Of a request that has left and was not answered nothing is known; of
    /// one that has not, that nobody has acted on it.
    pub fn verdict(&self) -> Verdict {
        match self {
            Self::Answered {
                status: 200..=299, ..
            } => Verdict::Accepted,
            Self::Answered { status: 410, .. } => Verdict::Gone,
            Self::Answered { .. } => Verdict::RetryLater,
            Self::Unanswered(trouble) => trouble.verdict(),
            Self::NotSent(_) => Verdict::GiveUp,
        }
    }

    /// What the receiver asks for: not to be called before this has passed. Only an answer that
    /// says "not now" can.
    pub fn retry_after(&self, now: Timestamp) -> Option<Duration> {
        match self {
            Self::Answered {
                status: 429 | 503,
                retry_after: Some(value),
                ..
            } => retry_after::wait(value, now),
            _ => None,
        }
    }

    /// What the webhook's owner reads about a failed attempt: tells nothing about our network.
    /// `None` for a success.
    pub fn error_message(&self) -> Option<String> {
        match self {
            Self::Answered { .. } if self.verdict() == Verdict::Accepted => None,
            Self::Answered { status, .. } => {
                Some(format!("Endpoint responded with HTTP status code {status}"))
            }
            Self::Unanswered(trouble) => Some(trouble.message()),
            Self::NotSent(obstacle) => Some(obstacle.message()),
        }
    }
}

/// Whether what the owner reads says that nobody can know whether the receiver has acted.
pub fn says_unknown(message: &str) -> bool {
    let is_timeout = message.starts_with("timeout of ") && message.ends_with("ms exceeded");
    is_timeout
        || [BROKEN, BROKEN_TLS, UNKNOWN]
            .iter()
            .any(|words| message.starts_with(words))
}

impl Trouble {
    fn verdict(&self) -> Verdict {
        match self {
            Self::Dns
            | Self::NotPublic
            | Self::Connect
            | Self::Tls(_)
            | Self::TimeoutBeforeSent(_) => Verdict::RetryLater,
            Self::TimeoutAfterSent(_) | Self::BrokenAnswer | Self::BrokenTls(_) | Self::Unknown => {
                Verdict::Unknown
            }
        }
    }

    fn message(&self) -> String {
        match self {
            Self::Dns => "The host name of the request URL could not be resolved".to_owned(),
            Self::NotPublic => NOT_PUBLIC.to_owned(),
            Self::Connect => "No connection to the endpoint could be made".to_owned(),
            Self::Tls(fault) => {
                format!("No secure connection to the endpoint could be made: {fault}")
            }
            Self::TimeoutBeforeSent(after) => format!(
                "timeout of {}ms exceeded before the request was sent",
                after.as_millis()
            ),
            // The words are Apify's.
            Self::TimeoutAfterSent(after) => format!("timeout of {}ms exceeded", after.as_millis()),
            Self::BrokenAnswer => BROKEN.to_owned(),
            Self::BrokenTls(fault) => {
                format!("{BROKEN_TLS}: {fault}")
            }
            Self::Unknown => UNKNOWN.to_owned(),
        }
    }
}

impl Obstacle {
    pub(crate) fn message(&self) -> String {
        // The first two are Apify's words.
        match self {
            Self::WebhookRemoved => "Webhook was removed.".to_owned(),
            Self::WebhookDisabled => "Webhook was disabled.".to_owned(),
            Self::EventExpired => "The event is no longer kept.".to_owned(),
            Self::EndpointDead(time) => {
                let days = time.as_secs() / (24 * 60 * 60);
                let days = if days == 1 {
                    "a day"
                } else {
                    &format!("{days} days")
                };
                format!("The endpoint has not answered for {days}.")
            }
            Self::UnusableUrl => "No HTTP request can be sent to the request URL.".to_owned(),
            Self::NotPublic => NOT_PUBLIC.to_owned(),
            Self::Unrenderable(error) => {
                format!("The template did not produce a valid request: {error}")
            }
            Self::ChainTooLong => format!(
                "The run is the last of {LONGEST_CHAIN} that webhooks have started one after another, and no webhook of it starts another."
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_message_of_an_attempt_says_whether_its_outcome_is_known() {
        let second = Duration::from_secs(1);
        for trouble in [
            Trouble::Dns,
            Trouble::NotPublic,
            Trouble::Connect,
            Trouble::Tls(TlsFault::Alert(0)),
            Trouble::TimeoutBeforeSent(second),
            Trouble::TimeoutAfterSent(second),
            Trouble::BrokenAnswer,
            Trouble::BrokenTls(TlsFault::Alert(0)),
            Trouble::Unknown,
        ] {
            let outcome = Outcome::Unanswered(trouble);
            let message = outcome.error_message().unwrap();
            let is_unknown = outcome.verdict() == Verdict::Unknown;
            assert_eq!(says_unknown(&message), is_unknown, "{message}");
        }
    }

    #[test]
    fn only_2xx_is_a_success() {
        for status in 100..=999 {
            let outcome = Outcome::Answered {
                status,
                body: None,
                retry_after: None,
            };
            let accepted = (200..300).contains(&status);
            assert_eq!(outcome.verdict() == Verdict::Accepted, accepted, "{status}");
            assert_eq!(outcome.error_message().is_none(), accepted, "{status}");
        }
    }

    #[test]
    fn only_of_a_request_that_may_have_left_nothing_is_known() {
        let time = Duration::from_secs(120);
        for (trouble, verdict) in [
            (Trouble::Dns, Verdict::RetryLater),
            (Trouble::NotPublic, Verdict::RetryLater),
            (Trouble::Connect, Verdict::RetryLater),
            (Trouble::Tls(TlsFault::Broken), Verdict::RetryLater),
            (Trouble::TimeoutBeforeSent(time), Verdict::RetryLater),
            (Trouble::TimeoutAfterSent(time), Verdict::Unknown),
            (Trouble::BrokenAnswer, Verdict::Unknown),
            (Trouble::BrokenTls(TlsFault::Broken), Verdict::Unknown),
            (Trouble::Unknown, Verdict::Unknown),
        ] {
            let outcome = Outcome::Unanswered(trouble);
            assert_eq!(outcome.verdict(), verdict, "{outcome:?}");
        }
    }

    #[test]
    fn an_owner_reads_whether_a_request_had_left_when_its_time_was_over() {
        let message = |trouble| Outcome::Unanswered(trouble).error_message().unwrap();
        let time = Duration::from_secs(120);
        assert_eq!(
            message(Trouble::TimeoutBeforeSent(time)),
            "timeout of 120000ms exceeded before the request was sent"
        );
        assert_eq!(
            message(Trouble::TimeoutAfterSent(time)),
            "timeout of 120000ms exceeded"
        );
    }

    #[test]
    fn a_refused_target_is_tried_again_only_if_its_name_may_have_been_resolved_wrongly() {
        let (by_url, by_name) = (
            Outcome::NotSent(Obstacle::NotPublic),
            Outcome::Unanswered(Trouble::NotPublic),
        );
        assert_eq!(by_url.verdict(), Verdict::GiveUp);
        assert_eq!(by_name.verdict(), Verdict::RetryLater);
        assert_eq!(by_url.error_message(), by_name.error_message());
    }
}
