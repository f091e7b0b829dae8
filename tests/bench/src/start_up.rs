//! How long a function's process takes from its start to its first `next`.

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use tokio::io::AsyncReadExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::process::{Child, Command};

/// How often each function is started: an odd number has a middle.
pub(super) const STARTS: usize = 51;

/// The median of that many starts.
pub(super) async fn median(start: impl AsyncFn() -> Result<Duration>) -> Result<Duration> {
    let mut all = Vec::with_capacity(STARTS);
    for _ in 0..STARTS {
        all.push(start().await?);
    }
    all.sort();
    Ok(all[STARTS / 2])
}

/// Starts a program once, and returns the time to its first poll.
///
/// It meets a bare socket instead of the Lambda host, so that nothing is measured but the program
/// itself.
pub(super) async fn first_poll(
    program: &Path,
    environment: &BTreeMap<String, String>,
) -> Result<Duration> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let begin = Instant::now();
    let mut process = start(program, environment, listener.local_addr()?)?;
    let (took, _connection) = tokio::select! {
        connection = poll(&listener) => (begin.elapsed(), connection?),
        status = process.wait() => bail!("{} has ended: {}", program.display(), status?),
    };
    // The connection is open until then, so that the process has no failure to report.
    process.kill().await?;
    Ok(took)
}

/// A process of a function, which asks for work at `runtime_api`.
pub(super) fn start(
    program: &Path,
    environment: &BTreeMap<String, String>,
    runtime_api: SocketAddr,
) -> Result<Child> {
    spawn(&mut Command::new(program), environment, runtime_api)
        .with_context(|| format!("cannot run {}", program.display()))
}

/// The same with a command of whatever kind that runs it.
pub(super) fn spawn(
    command: &mut Command,
    environment: &BTreeMap<String, String>,
    runtime_api: SocketAddr,
) -> io::Result<Child> {
    command
        .env_clear()
        .envs(environment)
        .env("AWS_ACCESS_KEY_ID", "bench")
        .env("AWS_SECRET_ACCESS_KEY", "local")
        .env("AWS_LAMBDA_RUNTIME_API", runtime_api.to_string())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .kill_on_drop(true)
        .spawn()
}

async fn poll(listener: &TcpListener) -> Result<TcpStream> {
    let (mut connection, _) = listener.accept().await?;
    let mut request = [0; 64];
    connection.read_exact(&mut request).await?;
    if !request.starts_with(b"GET /2018-06-01/runtime/invocation/next") {
        bail!("it asked for {:?}", String::from_utf8_lossy(&request));
    }
    Ok(connection)
}
