//! An address that takes no connection and does not refuse it: whoever connects waits.

use std::net::SocketAddr;

use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::time::{Duration, timeout};

/// What holds it.
pub(crate) struct Dead {
    _listener: TcpListener,
    _waiting: Vec<TcpStream>,
}

impl Dead {
    /// Listens, takes nobody, and lets others fill the queue.
    pub(crate) async fn start(address: &str, port: u16) -> Self {
        let address = SocketAddr::new(address.parse().unwrap(), port);
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind(address).unwrap();
        let listener = socket.listen(1).unwrap();
        let mut waiting = Vec::new();
        while let Ok(connected) =
            timeout(Duration::from_millis(200), TcpStream::connect(address)).await
        {
            waiting.push(connected.unwrap());
        }
        Self {
            _listener: listener,
            _waiting: waiting,
        }
    }
}
