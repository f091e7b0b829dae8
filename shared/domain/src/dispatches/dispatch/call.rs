//! What is on record about one attempt.

use std::net::IpAddr;

use crate::outcome::Outcome;
use crate::timestamp::Timestamp;

/// A record is one item of DynamoDB, and 400 KB at most. An answer's body and headers are kept of
/// so many attempts, 3 KB each; what else is kept of one takes less than 650 bytes.
const BODIES: u32 = 60;

/// One attempt, as recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// When it began.
    pub started_at: Timestamp,
    /// When its outcome was known.
    pub finished_at: Timestamp,
    /// What went wrong; `None` for a success.
    pub error_message: Option<String>,
    /// HTTP status; `None` when no answer came.
    pub response_status: Option<u16>,
    /// The start of the answer's body; `None` when it was empty, or not kept.
    pub response_body: Option<String>,
    /// What its owner may want to know beside that.
    pub details: CallDetails,
}

/// What decides nothing about an attempt, and explains it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CallDetails {
    /// The webhook's version that the request was made with; `None` when none was made.
    pub version: Option<u32>,
    /// The time in the request's signature, if that is not of the second in which the attempt
    /// began.
    pub signed_at: Option<Timestamp>,
    /// The address that was connected to.
    pub remote: Option<IpAddr>,
    /// The start of the answer's headers, a line each; `None` when there were none, or not kept.
    pub response_headers: Option<String>,
}

impl Call {
    /// The record of attempt number `attempt`, which took this long.
    pub fn new(
        attempt: u32,
        outcome: &Outcome,
        started_at: Timestamp,
        finished_at: Timestamp,
    ) -> Self {
        let (response_status, response_body) = match outcome {
            Outcome::Answered { status, body, .. } => (Some(*status), body.clone()),
            Outcome::Unanswered(_) | Outcome::NotSent(_) => (None, None),
        };
        Self {
            started_at,
            finished_at,
            error_message: outcome.error_message(),
            response_status,
            response_body: response_body.filter(|_| attempt <= BODIES),
            details: CallDetails::default(),
        }
    }

    /// The same record of attempt number `attempt`, with its details.
    pub fn with(self, attempt: u32, details: CallDetails) -> Self {
        let response_headers = details.response_headers.filter(|_| attempt <= BODIES);
        Self {
            details: CallDetails {
                response_headers,
                ..details
            },
            ..self
        }
    }

    /// The time in the signature of its request.
    pub fn signed_at(&self) -> Timestamp {
        self.details.signed_at.unwrap_or(self.started_at)
    }

    /// Whether the receiver has accepted.
    pub fn is_success(&self) -> bool {
        self.error_message.is_none()
    }
}
