//! A receiver that speaks raw bytes.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::sleep;

/// Too often for a limit on silence, too seldom to come to an end.
const DRIP: Duration = Duration::from_millis(50);

/// How much is written at a time when there is no end of it.
const GULP: usize = 256 * 1024;

/// What a receiver says when it has read some of a request, and what it does then.
#[derive(Debug)]
pub(super) struct Manner {
    scheme: &'static str,
    says: String,
    then: Then,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Then {
    /// Waits until the other side gives up.
    Hang,
    /// Says a byte now and then.
    Drip,
    /// Says this again and again, as fast as the other side takes it.
    Flood(&'static [u8]),
    Close,
    Reset,
    /// Closes without having read anything.
    CloseUnread,
}

/// What has happened at all receivers.
#[derive(Default)]
pub(super) struct Log {
    given_up: AtomicUsize,
    sent: AtomicU64,
}

impl Log {
    /// How many senders have stopped waiting for a receiver that hangs or drips.
    pub(super) fn given_up(&self) -> usize {
        self.given_up.load(Ordering::SeqCst)
    }

    /// How many bytes of floods have left.
    pub(super) fn sent(&self) -> u64 {
        self.sent.load(Ordering::SeqCst)
    }
}

pub(super) struct Hostile {
    pub(super) url: String,
}

impl Manner {
    pub(super) fn new(scheme: &'static str, says: String, then: Then) -> Self {
        Self { scheme, says, then }
    }
}

impl Hostile {
    pub(super) async fn start(manner: Manner, log: Arc<Log>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let url = format!("{}://{address}/hook", manner.scheme);
        let manner = Arc::new(manner);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (manner, log) = (Arc::clone(&manner), Arc::clone(&log));
                tokio::spawn(async move { manner.treat(stream, &log).await });
            }
        });
        Self { url }
    }
}

impl Manner {
    /// That the other side goes away in the middle is to be expected.
    async fn treat(&self, mut stream: TcpStream, log: &Log) {
        if matches!(self.then, Then::CloseUnread) {
            return;
        }
        let mut request = vec![0; 64 * 1024];
        let _ = stream.read(&mut request).await;
        let _ = stream.write_all(self.says.as_bytes()).await;
        match self.then {
            Then::Hang => {
                while matches!(stream.read(&mut request).await, Ok(1..)) {}
                log.given_up.fetch_add(1, Ordering::SeqCst);
            }
            Then::Drip => {
                while stream.write_all(b"x").await.is_ok() {
                    sleep(DRIP).await;
                }
                log.given_up.fetch_add(1, Ordering::SeqCst);
            }
            Then::Flood(what) => {
                let gulp = what.repeat(GULP / what.len());
                while let Ok(sent @ 1..) = stream.write(&gulp).await {
                    log.sent.fetch_add(sent as u64, Ordering::SeqCst);
                }
            }
            Then::Reset => {
                let _ = stream.set_zero_linger();
            }
            Then::Close => {
                let _ = stream.shutdown().await;
                // Unread bytes would make a reset of it.
                while matches!(stream.read(&mut request).await, Ok(1..)) {}
            }
            Then::CloseUnread => {}
        }
    }
}
