//! dynoxide, in this process.

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, anyhow};
use dynoxide::Database;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

/// How often expired items are removed. AWS takes up to days; here every item is looked at.
const SWEEP: Duration = Duration::from_secs(10 * 60);

/// A running database; it ends when this is dropped.
pub(super) struct Embedded {
    address: SocketAddr,
    _running: oneshot::Sender<()>,
}

impl Embedded {
    /// Opens the database, in memory or in the directory `data`, and serves it on a loopback port.
    pub(super) fn start(data: Option<&Path>) -> Result<Self> {
        let database = open(data)?;
        let listener = std::net::TcpListener::bind(("127.0.0.1", 0))?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let (running, stopped) = oneshot::channel();
        // A thread of its own: its handlers block, one at a time, under one lock.
        std::thread::Builder::new()
            .name("dynamodb".to_owned())
            .spawn(move || serve(listener, database, stopped))?;
        Ok(Embedded {
            address,
            _running: running,
        })
    }

    /// Where it answers HTTP.
    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }
}

fn open(data: Option<&Path>) -> Result<Database> {
    let Some(directory) = data else {
        return Ok(Database::memory()?);
    };
    let file = directory.join("dynamodb.sqlite");
    let path = file.to_str().context("the path of --data is not Unicode")?;
    Database::new(path).map_err(|error| anyhow!("cannot open {path}: {error}"))
}

fn serve(listener: std::net::TcpListener, database: Database, stopped: oneshot::Receiver<()>) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let Ok(runtime) = runtime else {
        tracing::error!("cannot start the database's thread");
        return;
    };
    runtime.block_on(async {
        let Ok(listener) = TcpListener::from_std(listener) else {
            return;
        };
        tokio::select! {
            () = dynoxide::server::serve_on(listener, database.clone()) => {}
            () = sweep(&database) => {}
            _ = stopped => {}
        }
    });
}

async fn sweep(database: &Database) {
    let mut timer = tokio::time::interval(SWEEP);
    loop {
        timer.tick().await;
        let database = database.clone();
        // On a thread of its own, where it gives way to the handlers after every page.
        let swept = tokio::task::spawn_blocking(move || database.sweep_ttl()).await;
        if let Ok(Err(error)) = swept {
            tracing::error!("cannot remove expired items: {error}");
        }
    }
}
