//! What a request that got no answer says about its receiver. Told by the types of the errors, never by their texts.

use std::error::Error;
use std::io;

use domain::outcome::{Obstacle, Outcome, Trouble};

/// How an attempt ended that ended so. The time for the whole request is the sender's own business, and never comes here.
pub(crate) fn outcome(error: &reqwest::Error) -> Outcome {
    if error.is_builder() {
        return Outcome::NotSent(Obstacle::UnusableUrl);
    }
    Outcome::Unanswered(trouble(error))
}

fn trouble(error: &reqwest::Error) -> Trouble {
    if error.is_dns() {
        return Trouble::Dns;
    }
    if is_tls(error) {
        return Trouble::Tls;
    }
    // Connecting has a time of its own, TLS handshake included. When that is over there is no connection, whatever the reason: the owner of
    // the webhook reads that, and not how long we waited.
    if error.is_connect() {
        return Trouble::Connect;
    }
    Trouble::BrokenAnswer
}

/// Whether TLS is at the bottom of it. An [`io::Error`] hides the error that it carries from `source`, so that is asked for.
fn is_tls(error: &(dyn Error + 'static)) -> bool {
    let carried = error
        .downcast_ref::<io::Error>()
        .and_then(|error| error.get_ref());
    error.is::<rustls::Error>()
        || carried.is_some_and(|error| is_tls(error))
        || error.source().is_some_and(is_tls)
}
