//! A connection to a receiver, and what is known about it.

use std::io;
use std::net::IpAddr;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::Instant;
use tokio_rustls::client::TlsStream;

/// How old a connection may be that takes another request: after that, the name is asked again
/// where it leads.
const OLDEST: Duration = Duration::from_secs(60);

/// A connection that requests can be sent on, one after the other.
pub(crate) struct Connection {
    stream: Stream,
    born: Instant,
    /// Whether the receiver has asked for a client certificate.
    pub(crate) has_asked_for_certificate: bool,
}

enum Stream {
    Plain(Wire),
    Tls(Box<TlsStream<Wire>>),
}

/// A socket that knows how many bytes have left.
pub(crate) struct Wire {
    socket: TcpStream,
    written: u64,
}

impl Connection {
    pub(crate) fn plain(socket: Wire) -> Self {
        Self::of(Stream::Plain(socket), false)
    }

    pub(crate) fn tls(stream: TlsStream<Wire>, has_asked_for_certificate: bool) -> Self {
        Self::of(Stream::Tls(Box::new(stream)), has_asked_for_certificate)
    }

    fn of(stream: Stream, has_asked_for_certificate: bool) -> Self {
        Self {
            stream,
            born: Instant::now(),
            has_asked_for_certificate,
        }
    }

    /// The address at its other end.
    pub(crate) fn remote(&self) -> Option<IpAddr> {
        let wire = match &self.stream {
            Stream::Plain(wire) => wire,
            Stream::Tls(stream) => stream.get_ref().0,
        };
        let address = wire.socket.peer_addr().ok();
        address.map(|address| address.ip().to_canonical())
    }

    /// How many bytes have left, those of TLS included.
    pub(crate) fn written(&self) -> u64 {
        match &self.stream {
            Stream::Plain(wire) => wire.written,
            Stream::Tls(stream) => stream.get_ref().0.written,
        }
    }

    /// Whether it may take another request: it is young enough, and the receiver has neither closed
    /// it nor said anything unasked.
    pub(crate) fn is_usable(&mut self) -> bool {
        let mut byte = [0];
        let mut buffer = ReadBuf::new(&mut byte);
        let mut context = Context::from_waker(Waker::noop());
        self.born.elapsed() < OLDEST
            && Pin::new(self)
                .poll_read(&mut context, &mut buffer)
                .is_pending()
    }
}

impl Wire {
    pub(crate) fn new(socket: TcpStream) -> Self {
        Self { socket, written: 0 }
    }
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match &mut self.stream {
            Stream::Plain(wire) => Pin::new(wire).poll_read(context, buffer),
            Stream::Tls(stream) => Pin::new(stream).poll_read(context, buffer),
        }
    }
}

impl AsyncWrite for Connection {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        match &mut self.stream {
            Stream::Plain(wire) => Pin::new(wire).poll_write(context, bytes),
            Stream::Tls(stream) => Pin::new(stream).poll_write(context, bytes),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.stream {
            Stream::Plain(wire) => Pin::new(wire).poll_flush(context),
            Stream::Tls(stream) => Pin::new(stream).poll_flush(context),
        }
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.stream {
            Stream::Plain(wire) => Pin::new(wire).poll_shutdown(context),
            Stream::Tls(stream) => Pin::new(stream).poll_shutdown(context),
        }
    }
}

impl AsyncRead for Wire {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_read(context, buffer)
    }
}

impl AsyncWrite for Wire {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.socket).poll_write(context, bytes);
        if let Poll::Ready(Ok(count)) = written {
            self.written += count as u64;
        }
        written
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::AsyncWriteExt;
    use tokio::net::TcpListener;

    async fn pair() -> (Connection, TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let socket = TcpStream::connect(listener.local_addr().unwrap()).await;
        let (receiver, _) = listener.accept().await.unwrap();
        (Connection::plain(Wire::new(socket.unwrap())), receiver)
    }

    #[tokio::test]
    async fn a_connection_takes_no_request_when_it_is_a_minute_old() {
        let (mut connection, _receiver) = pair().await;
        connection.born = Instant::now() - (OLDEST - Duration::from_secs(10));
        assert!(connection.is_usable());
        connection.born = Instant::now() - OLDEST;
        assert!(!connection.is_usable());
    }

    #[tokio::test]
    async fn a_connection_takes_no_request_when_its_receiver_has_closed_it_or_speaks() {
        for says in [&b""[..], b"HTTP/1.1 408 Too slow\r\n\r\n"] {
            let (mut connection, mut receiver) = pair().await;
            assert!(connection.is_usable());
            receiver.write_all(says).await.unwrap();
            drop(receiver);
            let Stream::Plain(wire) = &connection.stream else {
                panic!("no TLS");
            };
            wire.socket.readable().await.unwrap();
            assert!(!connection.is_usable());
        }
    }
}
