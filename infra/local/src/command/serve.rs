//! `cargo local`: serves until it is told to stop.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::Result;
use serde_json::Value;
use tokio::sync::broadcast::error::RecvError;

use super::told_to_stop;
use crate::binaries::checkout;
use crate::cloudwatch::{CloudWatch, State};
use crate::env_file;
use crate::options::Options;
use crate::platform::Platform;

/// An actor to look at: every id can be started.
const ACTOR: &str = "fW4MyDhgwtMLrB987";
/// The first port, where none is given.
const PORT_BASE: u16 = 4400;

/// Serves until it is told to stop, and writes where everything is to files in `env_dir`, or else in
/// `target/local`.
pub async fn run(options: Options, env_dir: Option<PathBuf>) -> Result<()> {
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
    let alarms = show_alarms(platform.cloudwatch());
    let notices = show_notices(&platform);
    tokio::select! {
        stop = &mut told_to_stop => stop?,
        shown = alarms => shown?,
        shown = notices => shown?,
    }
    platform.stop().await
}

/// A line for each alarm that goes on, and for each that goes off again, for as long as there may be more.
async fn show_alarms(cloudwatch: &CloudWatch) -> Result<()> {
    let mut changes = cloudwatch.changes();
    loop {
        let change = match changes.recv().await {
            Ok(change) => change,
            // The oldest lines are lost, and the newest count.
            Err(RecvError::Lagged(_)) => continue,
            Err(RecvError::Closed) => return Ok(()),
        };
        let line = match (change.from, change.to) {
            (_, State::Alarm) => format!("is on: {} ({})", change.description, change.reason),
            (State::Alarm, _) => "is off again".to_owned(),
            _ => continue,
        };
        let at = change.at.time();
        let mut out = std::io::stdout().lock();
        let (hour, minute) = (at.hour(), at.minute());
        writeln!(
            out,
            "alarm        {hour:02}:{minute:02} UTC {} {line}",
            change.id
        )?;
    }
}

/// A line for each notice that is sent, for as long as there may be more. They stay on their queue.
async fn show_notices(platform: &Platform) -> Result<()> {
    // Another template may have none.
    let Ok(queue) = platform.queue("NoticeQueue") else {
        return std::future::pending().await;
    };
    let mut sent = queue.sent()?;
    loop {
        let message = match sent.recv().await {
            Ok(message) => message,
            Err(RecvError::Lagged(_)) => continue,
            // The queue was deleted.
            Err(RecvError::Closed) => return std::future::pending().await,
        };
        let notice: Value = serde_json::from_str(&message.body).unwrap_or_default();
        let text = |name: &str| notice[name].as_str().unwrap_or_default();
        let (kind, user, reason) = (text("type"), text("userId"), text("reason"));
        let about = ["webhookId", "runId"].map(text).concat();
        let mut out = std::io::stdout().lock();
        writeln!(out, "notice       {kind} to {user} about {about}: {reason}")?;
    }
}

fn show(platform: &Platform, env_dir: &Path, begin: Instant) -> Result<()> {
    let endpoints = platform.endpoints();
    let files = env_dir.strip_prefix(checkout()).unwrap_or(env_dir);
    let mut lines = vec![
        ("API", endpoints.api.clone()),
        ("DynamoDB", endpoints.dynamodb.clone()),
        ("SQS", endpoints.sqs.clone()),
        ("Secrets", endpoints.secrets_manager.clone()),
        ("alarms", endpoints.alarms.clone()),
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
    let user_token = endpoints.user_token.iter();
    lines.extend(user_token.map(|token| ("user token", token.clone())));
    lines.push((
        "console",
        format!("{}/console/#token={}", endpoints.api, endpoints.token),
    ));
    lines.push((
        "actor page",
        format!("{}/actors/{ACTOR}#token={}", endpoints.api, endpoints.token),
    ));
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
