//! `cargo local`: serves until it is told to stop.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::Result;
use tokio::signal::unix::{SignalKind, signal};

use crate::binaries::checkout;
use crate::env_file;
use crate::options::Options;
use crate::platform::Platform;

/// The first port, where none is given.
const PORT_BASE: u16 = 4400;

pub(super) async fn run(options: Options, env_dir: Option<PathBuf>) -> Result<()> {
    let begin = Instant::now();
    let port_base = options.port_base.or(Some(PORT_BASE));
    let env_dir = env_dir.unwrap_or_else(|| checkout().join("target/local"));
    let options = Options {
        port_base,
        // Receivers that were given a secret go on working after a restart.
        secrets: options.data.is_none().then(|| env_dir.join("secrets.json")),
        ..options
    };
    let mut told_to_stop = std::pin::pin!(told_to_stop());
    let platform = tokio::select! {
        platform = Platform::start(options) => platform?,
        stop = &mut told_to_stop => return stop,
    };
    env_file::write(&platform, &env_dir)?;
    show(&platform, &env_dir, begin)?;
    told_to_stop.await?;
    platform.stop().await
}

/// Ctrl-C, a polite kill, or the end of the terminal.
pub(super) async fn told_to_stop() -> Result<()> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let mut hangup = signal(SignalKind::hangup())?;
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
        _ = hangup.recv() => {}
    }
    Ok(())
}

fn show(platform: &Platform, env_dir: &Path, begin: Instant) -> Result<()> {
    let endpoints = platform.endpoints();
    let files = env_dir.strip_prefix(checkout()).unwrap_or(env_dir);
    let mut lines = vec![
        ("API", endpoints.api.clone()),
        ("DynamoDB", endpoints.dynamodb.clone()),
        ("SQS", endpoints.sqs.clone()),
        ("Secrets", endpoints.secrets_manager.clone()),
    ];
    let invoke = |(name, url): (&String, &String)| format!("{name}: {url}");
    let functions: Vec<_> = endpoints.functions.iter().map(invoke).collect();
    lines.extend(
        endpoints
            .event_queue_url
            .iter()
            .map(|url| ("event queue", url.clone())),
    );
    lines.extend(functions.into_iter().map(|function| ("function", function)));
    lines.push(("API token", endpoints.token.clone()));
    lines.push((
        "environment",
        format!("{0}/env (shell), {0}/env.json", files.display()),
    ));
    let mut out = std::io::stdout().lock();
    for (what, value) in lines {
        writeln!(out, "{what:<12} {value}")?;
    }
    writeln!(
        out,
        "ready in {} ms; Ctrl-C stops it",
        begin.elapsed().as_millis()
    )?;
    Ok(out.flush()?)
}
