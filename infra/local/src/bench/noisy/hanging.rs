//! A receiver that answers until it is told to hang: then it reads what comes, and never answers.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use anyhow::Result;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::tasks::Tasks;

const ANSWER: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";

/// The server.
pub(super) struct Hanging {
    url: String,
    counts: Arc<Counts>,
    tasks: Tasks,
}

#[derive(Default)]
struct Counts {
    hangs: AtomicBool,
    requests: AtomicUsize,
    open: AtomicUsize,
    most_open: AtomicUsize,
}

impl Hanging {
    pub(super) async fn listen() -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}/webhook", listener.local_addr()?);
        let counts = Arc::new(Counts::default());
        let tasks = Tasks::default();
        let (counted, connections) = (Arc::clone(&counts), tasks.clone());
        tasks.spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                connections.spawn(hang(stream, Arc::clone(&counted)));
            }
        });
        Ok(Self { url, counts, tasks })
    }

    /// What webhooks are to be sent to.
    pub(super) fn url(&self) -> &str {
        &self.url
    }

    /// From now on nothing is answered.
    pub(super) fn hang(&self) {
        self.counts.hangs.store(true, Ordering::Relaxed);
    }

    /// How many requests hung: each on a connection of its own.
    pub(super) fn requests(&self) -> usize {
        self.counts.requests.load(Ordering::Relaxed)
    }

    /// How many of them were there at the same time at most.
    pub(super) fn most_at_once(&self) -> usize {
        self.counts.most_open.load(Ordering::Relaxed)
    }

    pub(super) async fn close(&self) {
        self.tasks.end().await;
    }
}

async fn hang(mut stream: TcpStream, counts: Arc<Counts>) {
    let mut request = [0; 16 * 1024];
    if !counts.hangs.load(Ordering::Relaxed) {
        // The request fits into one read, and whoever is gone needs no answer.
        let _ = stream.read(&mut request).await;
        let _ = stream.write_all(ANSWER).await;
        return;
    }
    counts.requests.fetch_add(1, Ordering::Relaxed);
    let open = counts.open.fetch_add(1, Ordering::Relaxed) + 1;
    counts.most_open.fetch_max(open, Ordering::Relaxed);
    // Until the other side gives up.
    while matches!(stream.read(&mut request).await, Ok(1..)) {}
    counts.open.fetch_sub(1, Ordering::Relaxed);
}
