//! What a request that got no answer says about its receiver. Told by the types of the errors, never by their texts.

use std::error::Error;
use std::io;

use domain::outcome::{Obstacle, Outcome, Trouble};
use domain::target::NotPublic;

/// How an attempt ended that ended so. The time for the whole request is the sender's own business, and never comes here.
pub(crate) fn outcome(error: &reqwest::Error) -> Outcome {
    if error.is_builder() {
        return Outcome::NotSent(Obstacle::UnusableUrl);
    }
    Outcome::Unanswered(trouble(error))
}

fn trouble(error: &reqwest::Error) -> Trouble {
    if has_cause(error, &|cause| cause.is::<NotPublic>()) {
        return Trouble::NotPublic;
    }
    if error.is_dns() {
        return Trouble::Dns;
    }
    if has_cause(error, &|cause| cause.is::<rustls::Error>()) {
        return Trouble::Tls;
    }
    // Connecting has a time of its own, TLS handshake included. When that is over there is no connection, whatever the reason: the owner of
    // the webhook reads that, and not how long we waited.
    if error.is_connect() {
        return Trouble::Connect;
    }
    Trouble::BrokenAnswer
}

/// Whether such an error is at the bottom of it. An [`io::Error`] hides the error that it carries from `source`, so that is asked for.
fn has_cause(
    error: &(dyn Error + 'static),
    is_it: &dyn Fn(&(dyn Error + 'static)) -> bool,
) -> bool {
    let carried = error
        .downcast_ref::<io::Error>()
        .and_then(|error| error.get_ref());
    is_it(error)
        || carried.is_some_and(|error| has_cause(error, is_it))
        || error.source().is_some_and(|error| has_cause(error, is_it))
}
