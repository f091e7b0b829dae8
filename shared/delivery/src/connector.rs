//! A new connection to a receiver: its name, its address, its TLS. Until it stands nothing of a
//! request has left, and what went wrong is told by the step that it went wrong in.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use domain::outcome::{TlsFault, Trouble};
use domain::target::Targets;
use rustls::pki_types::ServerName;
use tokio::time::{Instant, timeout_at};
use tokio_rustls::TlsConnector;
use url::Url;

use crate::address;
use crate::connection::{Connection, Wire};
use crate::names::Names;
use crate::tls::{self, Asked};

/// Makes connections.
pub(crate) struct Connector {
    names: Names,
    targets: Arc<Targets>,
    strict: TlsConnector,
    lax: TlsConnector,
    /// As lax, for servers whose keys are on curves that no keys are exchanged on.
    any_curve: TlsConnector,
    /// For all steps together.
    time: Duration,
}

impl Connector {
    pub(crate) fn new(
        names: Names,
        targets: Arc<Targets>,
        time: Duration,
    ) -> Result<Self, rustls::Error> {
        Ok(Self {
            names,
            targets,
            strict: TlsConnector::from(Arc::new(tls::strict()?)),
            lax: TlsConnector::from(Arc::new(tls::lax()?)),
            any_curve: TlsConnector::from(Arc::new(tls::any_curve()?)),
            time,
        })
    }

    /// Connects to where a URL leads, and takes any certificate if TLS errors are to be ignored.
    pub(crate) async fn connect(
        &self,
        url: &Url,
        ignore_ssl_errors: bool,
    ) -> Result<Connection, Trouble> {
        let until = Instant::now() + self.time;
        let addresses = address::addresses(url, &self.names, &self.targets);
        let addresses = timeout_at(until, addresses).await;
        let addresses = addresses.unwrap_or(Err(Trouble::Dns))?;
        if url.scheme() != "https" {
            return Ok(Connection::plain(dial(&addresses, until).await?));
        }
        if !ignore_ssl_errors {
            return secured(&self.strict, url, &addresses, until).await;
        }
        match secured(&self.lax, url, &addresses, until).await {
            // Perhaps its key is on a curve that was not offered. That was not done at once because
            // some servers would rather exchange keys on such a curve, which cannot be done, if
            // they have the choice.
            Err(refused @ Trouble::Tls(TlsFault::NoCommonCipher)) => {
                let secured = secured(&self.any_curve, url, &addresses, until).await;
                secured.map_err(|_| refused)
            }
            secured => secured,
        }
    }
}

async fn dial(addresses: &[SocketAddr], until: Instant) -> Result<Wire, Trouble> {
    let socket = timeout_at(until, address::connect(addresses.to_vec())).await;
    Ok(Wire::new(socket.unwrap_or(Err(Trouble::Connect))?))
}

async fn secured(
    connector: &TlsConnector,
    url: &Url,
    addresses: &[SocketAddr],
    until: Instant,
) -> Result<Connection, Trouble> {
    let socket = dial(addresses, until).await?;
    let handshake = timeout_at(until, Box::pin(handshake(connector, socket, url))).await;
    handshake
        .unwrap_or(Err(TlsFault::TimedOut))
        .map_err(Trouble::Tls)
}

async fn handshake(
    connector: &TlsConnector,
    socket: Wire,
    url: &Url,
) -> Result<Connection, TlsFault> {
    let name = server_name(url).ok_or(TlsFault::OtherName)?;
    let asked = Asked::default();
    match asked.noted(connector.connect(name, socket)).await {
        Ok(stream) => Ok(Connection::tls(stream, asked.for_certificate())),
        Err(error) => {
            tracing::debug!(?error, "no secure connection");
            Err(tls::fault(&error, asked.for_certificate()))
        }
    }
}

/// Whom the certificate must name.
fn server_name(url: &Url) -> Option<ServerName<'static>> {
    // Addresses of IPv6 stand in brackets in a URL.
    let host = url.host_str()?.trim_matches(['[', ']']);
    ServerName::try_from(host.to_owned()).ok()
}
