//! Receivers that answer until they are told to hang: then they read what comes, and never answer.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use anyhow::Result;
use local::tasks::Tasks;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::unanswered::Unanswered;

const ANSWER: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";

/// The servers of one host.
pub(super) struct Hanging {
    addresses: Vec<SocketAddr>,
    tasks: Tasks,
}

impl Hanging {
    /// Listens on so many ports of a host.
    pub(super) async fn listen(
        host: Ipv4Addr,
        ports: usize,
        unanswered: &Arc<Unanswered>,
    ) -> Result<Self> {
        let mut addresses = Vec::new();
        let tasks = Tasks::default();
        for _ in 0..ports {
            let listener = TcpListener::bind((host, 0)).await?;
            addresses.push(listener.local_addr()?);
            let (unanswered, connections) = (Arc::clone(unanswered), tasks.clone());
            tasks.spawn(async move {
                while let Ok((stream, _)) = listener.accept().await {
                    connections.spawn(serve(stream, Arc::clone(&unanswered)));
                }
            });
        }
        Ok(Self { addresses, tasks })
    }

    /// Where they listen.
    pub(super) fn addresses(&self) -> &[SocketAddr] {
        &self.addresses
    }

    pub(super) async fn close(&self) {
        self.tasks.end().await;
    }
}

async fn serve(mut stream: TcpStream, unanswered: Arc<Unanswered>) {
    let mut request = [0; 16 * 1024];
    match unanswered.request() {
        // Until the other side gives up.
        Some(_open) => while matches!(stream.read(&mut request).await, Ok(1..)) {},
        None => {
            // The request fits into one read, and whoever is gone needs no answer.
            let _ = stream.read(&mut request).await;
            let _ = stream.write_all(ANSWER).await;
        }
    }
}
