//! From names to addresses, and from addresses to a connection. Here `127.0.0.0/8` counts as
//! public.

use std::time::Duration;

use delivery::Sender;
use domain::outcome::{Outcome, Trouble};
use domain::request_url::RequestUrl;

use crate::dead::Dead;
use crate::name_server::{Manner, NameServer};
use crate::receiver::{Receiver, Then};
use crate::{AMPLE, OK, answered, callee, request, targets};

fn sender(name_server: &NameServer) -> Sender {
    Sender::with_names(AMPLE, targets("127.0.0.0/8"), name_server.names()).unwrap()
}

fn url(name: &str, receiver: &Receiver) -> RequestUrl {
    RequestUrl::parse(&format!("http://{name}:{}/", receiver.address.port())).unwrap()
}

#[tokio::test]
async fn one_family_is_enough_whatever_becomes_of_the_other() {
    let receiver = Receiver::start(OK, Then::ReadOn).await;
    for other in [Manner::Answers, Manner::Fails, Manner::IsSilent] {
        let manners = [Manner::Answers, other];
        let name_server = NameServer::with_manners(&[&["127.0.0.1"]], manners).await;
        let url = url("example.com", &receiver);
        let outcome = sender(&name_server)
            .send(callee(&url, false), request(), AMPLE)
            .await
            .outcome;
        assert_eq!(outcome, answered(200, None), "{other:?}");
        let [v4, v6] = name_server.asked();
        assert!(!v4.is_empty() && !v6.is_empty(), "both are asked");
    }
}

#[tokio::test]
async fn a_name_of_ipv6_alone_is_connected_to_whatever_is_said_of_ipv4() {
    let Some(receiver) = Receiver::start_at("[::1]:0", OK).await else {
        // This machine has no IPv6.
        return;
    };
    for other in [Manner::Answers, Manner::Fails, Manner::IsSilent] {
        let name_server = NameServer::with_manners(&[&["::1"]], [other, Manner::Answers]).await;
        let sender = Sender::with_names(AMPLE, targets("::1/128"), name_server.names()).unwrap();
        let url = url("example.com", &receiver);
        let outcome = sender
            .send(callee(&url, false), request(), AMPLE)
            .await
            .outcome;
        assert_eq!(outcome, answered(200, None), "{other:?}");
    }
}

#[tokio::test]
async fn a_name_that_both_families_fail_to_give_is_not_resolved() {
    for manners in [
        [Manner::Fails; 2],
        [Manner::Fails, Manner::Answers],
        [Manner::Answers, Manner::Fails],
    ] {
        let name_server = NameServer::with_manners(&[&[]], manners).await;
        let url = RequestUrl::parse("http://example.com/").unwrap();
        let outcome = sender(&name_server)
            .send(callee(&url, false), request(), AMPLE)
            .await
            .outcome;
        assert_eq!(outcome, Outcome::Unanswered(Trouble::Dns), "{manners:?}");
    }
}

#[tokio::test]
async fn no_name_is_looked_for_in_our_own_network() {
    for name in ["example.com", "example.com.", "a.b.c.example.com", "host"] {
        let name_server = NameServer::start(&[&[]]).await;
        let url = RequestUrl::parse(&format!("http://{name}/")).unwrap();
        let outcome = sender(&name_server)
            .send(callee(&url, false), request(), AMPLE)
            .await
            .outcome;
        assert_eq!(outcome, Outcome::Unanswered(Trouble::Dns), "{name}");
        let whole = name.trim_end_matches('.').to_owned();
        assert_eq!(name_server.asked(), [vec![whole.clone()], vec![whole]]);
    }
}

/// The first addresses take no connection, and do not refuse it either. Only the last one is good.
#[tokio::test]
async fn an_address_that_is_dead_keeps_nobody_from_the_next_one() {
    let receiver = Receiver::start(OK, Then::ReadOn).await;
    let port = receiver.address.port();
    let _dead = [
        Dead::start("127.0.0.2", port).await,
        Dead::start("127.0.0.3", port).await,
    ];
    let name_server = NameServer::start(&[&["127.0.0.2", "127.0.0.3", "127.0.0.1"]]).await;
    // Less than the operating system takes to give up an address, by far.
    let impatience = Duration::from_secs(20);
    let names = name_server.names();
    let sender = Sender::with_names(impatience, targets("127.0.0.0/8"), names).unwrap();
    let url = url("example.com", &receiver);
    let outcome = sender
        .send(callee(&url, false), request(), AMPLE)
        .await
        .outcome;
    assert_eq!(outcome, answered(200, None));
}

#[tokio::test]
async fn an_address_that_refuses_keeps_nobody_from_the_next_one() {
    let receiver = Receiver::start(OK, Then::ReadOn).await;
    let name_server = NameServer::start(&[&["127.0.0.2", "127.0.0.3", "127.0.0.1"]]).await;
    let url = url("example.com", &receiver);
    let outcome = sender(&name_server)
        .send(callee(&url, false), request(), AMPLE)
        .await
        .outcome;
    assert_eq!(outcome, answered(200, None));
}

#[tokio::test]
async fn each_connection_asks_again_where_its_name_leads() {
    let closed = "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";
    let receiver = Receiver::start(closed, Then::Close).await;
    let name_server = NameServer::start(&[&["127.0.0.1"]]).await;
    let (sender, url) = (sender(&name_server), url("example.com", &receiver));
    for lookups in 1..=3 {
        let outcome = sender
            .send(callee(&url, false), request(), AMPLE)
            .await
            .outcome;
        assert_eq!(outcome, answered(200, None));
        assert_eq!(name_server.lookups(), lookups);
    }
}
