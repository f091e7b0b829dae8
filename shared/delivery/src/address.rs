//! Where a URL leads: addresses that may be connected to, in the order in which they are tried, and
//! a connection to the first that is there.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use domain::outcome::Trouble;
use domain::target::Targets;
use futures::StreamExt;
use futures::stream::FuturesUnordered;
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep_until};
use url::{Host, Url};

use crate::names::Names;

/// How long an address has for itself before the next one is tried, too (RFC 8305, section 8).
const HEAD_START: Duration = Duration::from_millis(250);
/// Of a name's addresses no more are tried: a name can have thousands, of people who want to be
/// left in peace.
const MOST: usize = 10;

/// The addresses of a URL, all of which may be connected to. What is checked here is what is used,
/// however fast an answer changes.
pub(crate) async fn addresses(
    url: &Url,
    names: &Names,
    targets: &Targets,
) -> Result<Vec<SocketAddr>, Trouble> {
    let port = url.port_or_known_default().unwrap_or_default();
    let addresses = match url.host() {
        Some(Host::Ipv4(address)) => vec![IpAddr::V4(address)],
        Some(Host::Ipv6(address)) => vec![IpAddr::V6(address)],
        Some(Host::Domain(name)) => names.addresses(name).await.map_err(|_| Trouble::Dns)?,
        None => return Err(Trouble::Dns),
    };
    // One bad address spoils the answer: whoever mixes them hopes that the next connection goes to
    // the other one.
    if let Some(bad) = addresses.iter().find(|address| !targets.admits(**address)) {
        let host = url.host_str();
        tracing::warn!(host, address = %bad, "a name leads to an address that is not public");
        return Err(Trouble::NotPublic);
    }
    let addresses = in_turns(addresses).into_iter().take(MOST);
    Ok(addresses.map(|address| (address, port).into()).collect())
}

/// IPv4 first, because AWS gives a function no IPv6 unless it is asked to; then the families take
/// turns.
fn in_turns(addresses: Vec<IpAddr>) -> Vec<IpAddr> {
    let (v4, v6): (Vec<_>, Vec<_>) = addresses.into_iter().partition(IpAddr::is_ipv4);
    let (mut v4, mut v6) = (v4.into_iter(), v6.into_iter());
    let mut all = Vec::new();
    loop {
        let turn = [v4.next(), v6.next()];
        if turn == [None, None] {
            return all;
        }
        all.extend(turn.into_iter().flatten());
    }
}

/// A connection to the first of these that takes one. Each has a head start before the next, and
/// none if the one before has refused.
pub(crate) async fn connect(addresses: Vec<SocketAddr>) -> Result<TcpStream, Trouble> {
    let mut waiting = addresses.into_iter();
    let mut tried = FuturesUnordered::new();
    loop {
        match waiting.next() {
            Some(address) => tried.push(TcpStream::connect(address)),
            None if tried.is_empty() => return Err(Trouble::Connect),
            None => {}
        }
        let until = Instant::now() + HEAD_START;
        tokio::select! {
            Some(connected) = tried.next() => match connected {
                Ok(socket) => {
                    // A request is written in one piece, and nothing follows that could go along
                    // with its end.
                    let _ = socket.set_nodelay(true);
                    return Ok(socket);
                }
                Err(error) => tracing::debug!(%error, "no connection"),
            },
            () = sleep_until(until), if waiting.len() > 0 => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_families_take_turns_and_ipv4_is_first() {
        let parse = |texts: &[&str]| -> Vec<IpAddr> {
            texts.iter().map(|text| text.parse().unwrap()).collect()
        };
        for (given, expected) in [
            (
                &["::1", "::2", "1.1.1.1", "::3"][..],
                &["1.1.1.1", "::1", "::2", "::3"][..],
            ),
            (
                &["1.1.1.1", "1.1.1.2", "::1"],
                &["1.1.1.1", "::1", "1.1.1.2"],
            ),
            (&["::1"], &["::1"]),
            (&[], &[]),
        ] {
            assert_eq!(in_turns(parse(given)), parse(expected));
        }
    }
}
