//! A new connection to a receiver: its name, its address, its TLS. Until it stands nothing of a request has left, and what went wrong is told
//! by the step that it went wrong in.

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
        let socket = timeout_at(until, address::connect(addresses)).await;
        let socket = Wire::new(socket.unwrap_or(Err(Trouble::Connect))?);
        if url.scheme() != "https" {
            return Ok(Connection::plain(socket));
        }
        let handshake = self.handshake(socket, url, ignore_ssl_errors);
        let connection = timeout_at(until, Box::pin(handshake)).await;
        connection
            .unwrap_or(Err(TlsFault::TimedOut))
            .map_err(Trouble::Tls)
    }

    async fn handshake(
        &self,
        socket: Wire,
        url: &Url,
        ignore_ssl_errors: bool,
    ) -> Result<Connection, TlsFault> {
        let connector = if ignore_ssl_errors {
            &self.lax
        } else {
            &self.strict
        };
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
}

/// Whom the certificate must name.
fn server_name(url: &Url) -> Option<ServerName<'static>> {
    // Addresses of IPv6 stand in brackets in a URL.
    let host = url.host_str()?.trim_matches(['[', ']']);
    ServerName::try_from(host.to_owned()).ok()
}
