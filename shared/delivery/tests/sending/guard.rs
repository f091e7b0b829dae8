//! Nothing reaches an address that is not public. Here `127.0.0.1` counts as public, and the rest
//! of loopback is what must not be reached.

use std::io::ErrorKind;
use std::net::TcpListener;
use std::time::Duration;

use delivery::Sender;
use domain::outcome::{Obstacle, Outcome, Trouble};
use domain::request_url::RequestUrl;
use domain::target::Targets;

use crate::name_server::NameServer;
use crate::receiver::{Receiver, Then};
use crate::{AMPLE, OK, answered, callee, request, targets};

const BY_URL: Outcome = Outcome::NotSent(Obstacle::NotPublic);
const BY_NAME: Outcome = Outcome::Unanswered(Trouble::NotPublic);

/// Keeps the connection from being used again, so that the next request resolves the name again.
const CLOSED: &str = "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";

/// Listens where nobody may come.
struct Canary(Vec<TcpListener>);

impl Canary {
    /// On one port of these addresses; 0 is any free one. An address that this machine does not
    /// have is unreachable anyway.
    fn listen(addresses: &[&str], mut port: u16) -> Self {
        let mut listeners = Vec::new();
        for address in addresses {
            if let Ok(listener) = TcpListener::bind((*address, port)) {
                listener.set_nonblocking(true).unwrap();
                port = listener.local_addr().unwrap().port();
                listeners.push(listener);
            }
        }
        Self(listeners)
    }

    fn port(&self) -> u16 {
        self.0[0].local_addr().unwrap().port()
    }

    fn assert_unharmed(&self, what: &str) {
        for listener in &self.0 {
            let error = listener.accept().err().map(|error| error.kind());
            assert_eq!(error, Some(ErrorKind::WouldBlock), "{what}");
        }
    }
}

fn url(host: &str, port: u16) -> RequestUrl {
    RequestUrl::parse(&format!("http://{host}:{port}/")).unwrap()
}

/// A sender for which one address is public, and whose names a name server resolves.
fn sender(name_server: &NameServer) -> Sender {
    Sender::with_names(AMPLE, targets("127.0.0.1/32"), name_server.names()).unwrap()
}

#[tokio::test]
async fn an_address_that_is_written_out_is_judged_without_asking_or_connecting() {
    let canary = Canary::listen(&["127.0.0.1", "127.0.0.2", "::1"], 0);
    let name_server = NameServer::start(&[&["127.0.0.1"]]).await;
    let sender = Sender::with_names(AMPLE, Targets::default(), name_server.names()).unwrap();
    for host in [
        "127.0.0.1",
        "127.0.0.2",
        "127.1",
        "2130706433",
        "0x7f.1",
        "0177.0.0.1",
        "127.0.0.1.",
        "①②⑦.⓪.⓪.①",
        "me:secret@127.0.0.1",
        "0.0.0.0",
        "localhost",
        "localhost.",
        "a.localhost",
        "[::1]",
        "[::]",
        "[::ffff:127.0.0.1]",
        "[::127.0.0.1]",
        "[64:ff9b::7f00:1]",
    ] {
        for ignore_ssl_errors in [false, true] {
            let outcome = sender
                .send(
                    callee(&url(host, canary.port()), ignore_ssl_errors),
                    request(),
                    AMPLE,
                )
                .await
                .outcome;
            assert_eq!(outcome, BY_URL, "{host}");
            canary.assert_unharmed(host);
        }
    }
    assert_eq!(name_server.lookups(), 0);
}

#[tokio::test]
async fn a_name_with_an_address_that_is_not_public_is_not_connected_to_at_all() {
    let mut receiver = Receiver::start(OK, Then::ReadOn).await;
    let port = receiver.address.port();
    let canary = Canary::listen(&["127.0.0.2", "::1"], port);
    for answer in [
        &["127.0.0.2"][..],
        &["::1"],
        &["127.0.0.1", "127.0.0.2"],
        &["127.0.0.2", "127.0.0.1"],
        &["127.0.0.1", "::1"],
        &["::ffff:127.0.0.2"],
        &["::127.0.0.1"],
        &["64:ff9b::7f00:1"],
        &["0.0.0.0"],
        &["::"],
        &["10.0.0.1"],
        &["169.254.169.254"],
        &["fd00:ec2::254"],
    ] {
        let name_server = NameServer::start(&[answer]).await;
        let sender = sender(&name_server);
        for ignore_ssl_errors in [false, true] {
            let url = url("example.com", port);
            let outcome = sender
                .send(callee(&url, ignore_ssl_errors), request(), AMPLE)
                .await
                .outcome;
            assert_eq!(outcome, BY_NAME, "{answer:?}");
            canary.assert_unharmed(&format!("{answer:?}"));
        }
    }
    assert!(receiver.is_idle());
}

#[tokio::test]
async fn a_name_that_is_bound_again_is_judged_at_each_connection() {
    let mut receiver = Receiver::start(CLOSED, Then::Close).await;
    let port = receiver.address.port();
    let canary = Canary::listen(&["127.0.0.2"], port);
    let (good, bad) = (&["127.0.0.1"][..], &["127.0.0.2"][..]);
    let name_server = NameServer::start(&[good, bad, good, bad]).await;
    let (sender, url) = (sender(&name_server), url("example.com", port));
    for expected in [answered(200, None), BY_NAME, answered(200, None), BY_NAME] {
        let outcome = sender
            .send(callee(&url, false), request(), AMPLE)
            .await
            .outcome;
        assert_eq!(outcome, expected);
    }
    canary.assert_unharmed("after the name was bound again");
    // Whoever asks twice, once to check and once to connect, gets a good answer and then a bad one.
    assert_eq!(name_server.lookups(), 4);
    assert_eq!(receiver.request().await.connection, 0);
    assert_eq!(receiver.request().await.connection, 1);
    assert!(receiver.is_idle());
}

#[tokio::test]
async fn a_name_without_addresses_is_told_apart() {
    let name_server = NameServer::start(&[&[]]).await;
    let outcome = sender(&name_server)
        .send(callee(&url("example.com", 80), false), request(), AMPLE)
        .await
        .outcome;
    assert_eq!(outcome, Outcome::Unanswered(Trouble::Dns));
}

#[tokio::test]
async fn a_name_server_that_never_answers_costs_no_more_than_connecting_may() {
    let name_server = NameServer::start(&[]).await;
    let (impatience, names) = (Duration::from_millis(100), name_server.names());
    let sender = Sender::with_names(impatience, Targets::default(), names).unwrap();
    let outcome = sender
        .send(callee(&url("example.com", 80), false), request(), AMPLE)
        .await
        .outcome;
    assert_eq!(outcome, Outcome::Unanswered(Trouble::Dns));
    assert_eq!(name_server.lookups(), 1);
}

#[tokio::test]
async fn what_the_operating_system_says_is_judged_too() {
    let mut receiver = Receiver::start(OK, Then::ReadOn).await;
    let url = url("localhost", receiver.address.port());
    for (allowed, expected) in [
        ("10.0.0.0/8", BY_NAME),
        ("127.0.0.0/8,::1/128", answered(200, None)),
    ] {
        let sender = Sender::new(AMPLE, targets(allowed)).unwrap();
        let outcome = sender
            .send(callee(&url, false), request(), AMPLE)
            .await
            .outcome;
        assert_eq!(outcome, expected, "{allowed}");
    }
    receiver.request().await;
    assert!(receiver.is_idle());
}
