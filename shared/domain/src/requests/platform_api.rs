//! The platform's own API, where a webhook can start another actor. A request that goes there, and
//! brings no credential of its own, gets one of ours, which acts for the webhook's owner.
//!
//! *Invariant:* the credential goes to exactly one origin. What is compared is the URL as it was
//! parsed, which is also what is connected to; so no spelling can tell the two apart.

use serde::Serialize;
use url::Url;

use crate::definition::Definition;
use crate::dispatch_id::DispatchId;
use crate::event::Event;
use crate::id::{UserId, WebhookId};
use crate::timestamp::Timestamp;
use crate::webhook::Webhook;

/// How many runs may follow each other, each started by a webhook of the one before.
pub const LONGEST_CHAIN: u32 = 10;

/// How long a credential is valid, in seconds: longer than a request may take, and short, because
/// nobody can take it back.
const LIFE: i64 = 5 * 60;

/// The origin of the platform's API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlatformApi {
    /// As it is written: the audience of its credentials.
    origin: String,
    parsed: Url,
}

/// Why a text is no such origin.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PlatformApiError {
    /// Not a URL.
    #[error("must be an origin such as https://api.example.com: {0}")]
    Invalid(#[from] url::ParseError),
    /// A credential would go over the wire for all to read.
    #[error("must be an https origin; http is for this machine only")]
    NotSecret,
    /// It has more than an origin has, or has another spelling.
    #[error("must be an origin and nothing else, in its usual spelling: {0}")]
    NotOrigin(String),
}

/// The chain of runs is as long as one may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChainTooLong;

/// What a credential says, as claims of a JWT.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Claims<'a> {
    iss: &'a str,
    aud: &'a str,
    /// The webhook's owner, who is acted for.
    sub: &'a UserId,
    iat: i64,
    exp: i64,
    webhook_id: &'a WebhookId,
    /// The same for all attempts of a dispatch, and for its redeliveries: alone it does not tell a
    /// repeat from another run that the owner has asked for.
    dispatch_id: &'a DispatchId,
    /// The place of the run that is started in its chain, from 1.
    depth: u32,
}

impl PlatformApi {
    /// Reads an origin; an empty text is none.
    pub fn parse(text: &str) -> Result<Option<Self>, PlatformApiError> {
        if text.is_empty() {
            return Ok(None);
        }
        let parsed = Url::parse(text)?;
        let is_here = matches!(parsed.host_str(), Some("127.0.0.1" | "[::1]" | "localhost"));
        match parsed.scheme() {
            "https" => {}
            "http" if is_here => {}
            _ => return Err(PlatformApiError::NotSecret),
        }
        let origin = parsed.origin().ascii_serialization();
        if origin != text {
            return Err(PlatformApiError::NotOrigin(origin));
        }
        Ok(Some(Self { origin, parsed }))
    }

    /// The place in its chain of the run that a request with these headers starts, if it gets our
    /// credential: it goes to this origin, to a server that proves to be the one, and has no
    /// credential of its own.
    pub fn depth(
        &self,
        definition: &Definition,
        headers: &[(String, String)],
        event: &Event,
    ) -> Result<Option<u32>, ChainTooLong> {
        let url = definition.request_url.url();
        if !self.is_origin_of(url)
            || definition.ignore_ssl_errors
            || has_credential(url)
            || headers.iter().any(|(name, _)| is_authorization(name))
        {
            return Ok(None);
        }
        if event.chain_depth >= LONGEST_CHAIN {
            return Err(ChainTooLong);
        }
        Ok(Some(event.chain_depth + 1))
    }

    /// What the credential of a request says that is made now, in the name of this issuer.
    pub fn claims<'a>(
        &'a self,
        issuer: &'a str,
        webhook: &'a Webhook,
        dispatch: &'a DispatchId,
        depth: u32,
        now: Timestamp,
    ) -> Claims<'a> {
        let iat = now.as_seconds();
        Claims {
            iss: issuer,
            aud: &self.origin,
            sub: &webhook.user,
            iat,
            exp: iat + LIFE,
            webhook_id: &webhook.id,
            dispatch_id: dispatch,
            depth,
        }
    }

    fn is_origin_of(&self, url: &Url) -> bool {
        let origin = &self.parsed;
        url.host_str() == origin.host_str()
            && url.port_or_known_default() == origin.port_or_known_default()
            && url.scheme() == origin.scheme()
    }
}

/// Whether a URL brings a credential: a token in its query, or a user.
fn has_credential(url: &Url) -> bool {
    let has_user = !url.username().is_empty() || url.password().is_some();
    has_user || url.query_pairs().any(|(name, _)| name == "token")
}

fn is_authorization(name: &str) -> bool {
    name.eq_ignore_ascii_case("authorization")
}

#[cfg(test)]
mod tests;
