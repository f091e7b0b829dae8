//! What is sent to receivers, and how their behaviour is read. The receivers speak raw bytes, so
//! that nothing is hidden.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod answers;
mod connections;
mod dead;
mod guard;
mod kept;
mod name_server;
mod names;
mod odd_heads;
mod receiver;
mod requests;
mod signed;
mod tls;
mod tls_server;

use std::time::Duration;

use delivery::{Callee, Request, Sender};
use domain::outcome::Outcome;
use domain::payload::Content;
use domain::request_url::RequestUrl;
use domain::target::{AllowedTargets, Targets};

const ID: &str = "A50PsRbHTn0123456789ab";
const OK: &str = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";

/// For what comes in time.
const AMPLE: Duration = Duration::from_secs(60);
/// For what never comes. Long enough for what comes before it.
const SHORT: Duration = Duration::from_secs(1);

/// Public targets, and these networks.
fn targets(allowed: &str) -> Targets {
    Targets::new(AllowedTargets::parse(allowed).unwrap(), Vec::new())
}

fn sender() -> Sender {
    Sender::new(AMPLE, targets("127.0.0.0/8")).unwrap()
}

fn request() -> Request {
    request_of("{}", &[])
}

fn request_of(body: &str, headers: &[(&str, &str)]) -> Request {
    let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    let content = Content {
        body: body.to_owned(),
        headers: headers.iter().map(owned).collect(),
    };
    signed::request(content).unwrap()
}

/// Of a webhook that is retried.
fn callee(url: &RequestUrl, ignore_ssl_errors: bool) -> Callee<'_> {
    Callee {
        url,
        ignore_ssl_errors,
        do_not_retry: false,
    }
}

async fn send(url: &RequestUrl, budget: Duration) -> Outcome {
    sender()
        .send(callee(url, false), request(), budget)
        .await
        .outcome
}

fn answered(status: u16, body: Option<&str>) -> Outcome {
    Outcome::Answered {
        status,
        body: body.map(str::to_owned),
        retry_after: None,
    }
}
