//! A receiver that is dead until it is brought to life.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// A server that drops every connection, until it is brought to life.
pub(crate) struct Mortal {
    pub(crate) url: String,
    lives: Arc<AtomicBool>,
    calls: Arc<AtomicUsize>,
}

impl Mortal {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let (lives, calls) = (
            Arc::new(AtomicBool::new(false)),
            Arc::new(AtomicUsize::new(0)),
        );
        let (alive, called) = (Arc::clone(&lives), Arc::clone(&calls));
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                called.fetch_add(1, Ordering::SeqCst);
                if alive.load(Ordering::SeqCst) {
                    tokio::spawn(async move {
                        let mut request = [0; 64 * 1024];
                        let _ = stream.read(&mut request).await;
                        let answer =
                            b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
                        let _ = stream.write_all(answer).await;
                        // Until the other side has it.
                        let _ = stream.read(&mut request).await;
                    });
                }
            }
        });
        Self {
            url: format!("http://{address}/hook"),
            lives,
            calls,
        }
    }

    pub(crate) fn revive(&self) {
        self.lives.store(true, Ordering::SeqCst);
    }

    pub(crate) fn calls(&self) -> usize {
        self.calls.load(Ordering::SeqCst)
    }
}
