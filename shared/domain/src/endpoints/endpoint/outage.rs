//! What of an endpoint fails, and for how long that is left alone.
//!
//! A failure concerns as much as it tells about, and no more: where no connection can be made,
//! everything behind that host and port; a handshake, the webhooks that check the certificate
//! there, because others may get past it; whatever else a server does to a request, the URL that
//! was asked for. So one bad path does not silence its neighbours.

use std::time::Duration;

use crate::digest::short;
use crate::id::IdError;
use crate::outcome::{Outcome, Trouble, Verdict};
use crate::request_url::RequestUrl;
use crate::timestamp::Timestamp;

/// After so many attempts in a row without an answer a scope is dead.
pub const DEAD_AFTER: u32 = 10;
/// The most scopes of one endpoint whose outages are known at the same time. Those that were asked
/// longest ago make room.
pub const MOST_OUTAGES: usize = 50;

/// The first pause of what is dead; each further one is twice as long, up to the last. That one is
/// too long for a queue: what waits for it is parked, so that no message goes round and round
/// between a queue and its function, which AWS stops.
const FIRST_PAUSE: Duration = Duration::from_secs(60);
const LAST_PAUSE: Duration = Duration::from_secs(16 * 60);

/// Names what a failure concerns, within an endpoint: 8 letters and digits.
#[derive(
    Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
#[serde(try_from = "String", into = "String")]
pub struct ScopeId(String);

/// What the failures of one webhook's requests can concern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scopes {
    /// All that is behind its host and port.
    pub connection: ScopeId,
    /// What checks the certificate there; none where it is not checked.
    pub certificate: Option<ScopeId>,
    /// What goes to its URL, whatever the query.
    pub url: ScopeId,
}

/// What is known of a scope that fails.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outage {
    /// When the first failure since the last success happened.
    pub since: Option<Timestamp>,
    /// When it was last asked in vain.
    pub asked_at: Option<Timestamp>,
    /// How many attempts in a row had no answer.
    pub unanswered: u32,
    /// Until when it is left alone. After that it is probed.
    pub paused_until: Option<Timestamp>,
    /// How often it was left alone since it last answered.
    pub pauses: u32,
}

/// What an attempt says of its endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    /// It accepted.
    Good,
    /// It answered, and did not accept.
    Alive,
    /// It gave no answer.
    Dead(Failed),
    /// Nothing: it was not called.
    None,
}

/// What has failed where there was no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failed {
    /// No connection was made.
    Connection,
    /// The connection was made, and could not be made secure.
    Handshake,
    /// The server was there, and did not answer.
    Answer,
}

impl ScopeId {
    /// Reads an id.
    pub fn parse(text: &str) -> Option<Self> {
        let is_one = text.len() == LENGTH && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
        is_one.then(|| Self(text.to_owned()))
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for ScopeId {
    type Error = IdError;
    fn try_from(value: String) -> Result<Self, IdError> {
        Self::parse(&value).ok_or_else(|| IdError::new("a scope", "8 letters and digits", &value))
    }
}

impl From<ScopeId> for String {
    fn from(id: ScopeId) -> Self {
        id.0
    }
}

const LENGTH: usize = 8;

impl Scopes {
    /// Those of this URL.
    pub fn of(url: &RequestUrl, checks_certificates: bool) -> Self {
        let url = url.url();
        let (scheme, path) = (url.scheme(), url.path());
        let host = url.host_str().unwrap_or_default();
        let port = url.port_or_known_default().unwrap_or_default().to_string();
        let id = |kind: &str, more: [&str; 2]| {
            let parts = [kind, host, &port, more[0], more[1]];
            ScopeId(short(&parts.map(str::as_bytes), LENGTH))
        };
        let has_certificate = scheme == "https" && checks_certificates;
        Self {
            connection: id("connection", ["", ""]),
            certificate: has_certificate.then(|| id("certificate", ["", ""])),
            url: id("url", [scheme, path]),
        }
    }

    /// All of them, from the widest to the narrowest.
    pub fn all(&self) -> impl Iterator<Item = &ScopeId> {
        [&self.connection]
            .into_iter()
            .chain(&self.certificate)
            .chain([&self.url])
    }

    /// The one that has failed.
    pub fn failed(&self, failed: Failed) -> &ScopeId {
        match failed {
            Failed::Connection => &self.connection,
            Failed::Handshake => self.certificate.as_ref().unwrap_or(&self.url),
            Failed::Answer => &self.url,
        }
    }

    /// Those that the attempt has shown to work before it failed so.
    pub fn passed(&self, failed: Failed) -> Vec<&ScopeId> {
        let passed = self.all().take_while(|scope| *scope != self.failed(failed));
        passed.collect()
    }
}

impl Outage {
    /// How long what is known of so is to be left alone, if it is dead.
    pub fn pause(&self) -> Option<Duration> {
        let pause = FIRST_PAUSE * 2u32.pow(self.pauses.min(8));
        (self.unanswered >= DEAD_AFTER).then_some(pause.min(LAST_PAUSE))
    }

    /// Whether it has failed for so long.
    pub fn has_lasted(&self, time: Duration, now: Timestamp) -> bool {
        self.since.is_some_and(|since| since.after(time) <= now)
    }
}

impl Sign {
    /// What this outcome says.
    pub fn of(outcome: &Outcome) -> Self {
        match outcome {
            Outcome::Answered { .. } if outcome.verdict() == Verdict::Accepted => Self::Good,
            Outcome::Answered { .. } => Self::Alive,
            Outcome::Unanswered(trouble) => match trouble {
                Trouble::Unknown | Trouble::NotPublic => Self::None,
                Trouble::Dns | Trouble::Connect | Trouble::TimeoutBeforeSent(_) => {
                    Self::Dead(Failed::Connection)
                }
                Trouble::Tls(_) => Self::Dead(Failed::Handshake),
                Trouble::TimeoutAfterSent(_) | Trouble::BrokenAnswer | Trouble::BrokenTls(_) => {
                    Self::Dead(Failed::Answer)
                }
            },
            Outcome::NotSent(_) => Self::None,
        }
    }
}
