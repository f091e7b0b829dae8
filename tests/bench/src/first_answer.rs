//! How long the first client waits: from the start of a function's process to its answer to one
//! HTTP request.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Result, bail, ensure};
use http::Request;
use local::endpoints::Endpoints;
use local::function_url::event;
use serde_json::Value;

use super::host::{Host, Said};
use super::start_up;

/// What is asked: a list, so that the token is looked up and something is read.
pub(super) const ASKED: &str = "/v2/webhooks";

/// Starts a program once, and returns the time to its first answer. Its calls go to the endpoints
/// in its environment.
pub(super) async fn first_answer(
    program: &Path,
    environment: &BTreeMap<String, String>,
    endpoints: &Endpoints,
) -> Result<Duration> {
    // Served until the process is gone, so that it has no failure to report.
    let mut host = Host::serve(vec![request(endpoints)?]).await?;
    let begin = Instant::now();
    let mut process = start_up::start(program, environment, host.address())?;
    let said = tokio::select! {
        said = host.said() => said?,
        status = process.wait() => bail!("{} has ended: {}", program.display(), status?),
    };
    process.kill().await?;
    let Said::Answer(answer) = said else {
        bail!("{} was never asked", program.display());
    };
    let body: Value = serde_json::from_slice(&answer.body)?;
    ensure!(body["statusCode"] == 200, "GET {ASKED} was answered {body}");
    Ok(answer.at - begin)
}

fn request(endpoints: &Endpoints) -> Result<String> {
    let authorization = format!("Bearer {}", endpoints.token);
    let request = Request::get(ASKED)
        .header("authorization", authorization)
        .header("host", "localhost");
    let (head, ()) = request.body(())?.into_parts();
    Ok(event::of(&head, b""))
}
