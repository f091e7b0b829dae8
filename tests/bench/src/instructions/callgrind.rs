//! One process of a function under callgrind.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use local::lambda::Function;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use tokio::process::{Child, Command};
use tokio::time::timeout;

use super::super::host::{Host, Said};
use super::super::start_up;

/// How long a process may stay silent. It is some fifty times as slow as by itself.
const PATIENCE: Duration = Duration::from_secs(120);

/// The instructions that a function takes for these invocations: from its start until it polls and
/// there is none left.
pub(super) async fn count(function: &Function, invocations: Vec<String>) -> Result<u64> {
    let directory = tempfile::tempdir()?;
    let file = directory.path().join("counts");
    let mut host = Host::serve(invocations).await?;
    let mut command = Command::new("valgrind");
    command
        .args(["--quiet", "--tool=callgrind"])
        .arg(format!("--callgrind-out-file={}", file.display()))
        .arg(function.binary());
    let mut process = start_up::spawn(&mut command, function.environment(), host.address())
        .context("cannot run valgrind, which is to be installed")?;
    let name = &function.settings().short_name;
    let idle = timeout(PATIENCE, until_idle(&mut host));
    tokio::select! {
        idle = idle => idle.with_context(|| format!("{name} says nothing"))??,
        status = process.wait() => bail!("{name} has ended under valgrind: {}", status?),
    }
    end(&mut process).await?;
    total(&file)
}

/// Waits until all is answered, and nothing was refused.
async fn until_idle(host: &mut Host) -> Result<()> {
    while let Said::Answer(answer) = host.said().await? {
        let body: Value = serde_json::from_slice(&answer.body)?;
        let failures = body["batchItemFailures"].as_array();
        let is_good = !answer.is_error && failures.is_none_or(Vec::is_empty);
        ensure!(is_good, "it has answered {body}");
    }
    Ok(())
}

/// Ends a process in such a way that callgrind can write down what it has counted.
async fn end(process: &mut Child) -> Result<()> {
    let id = process.id().context("it has ended before")?;
    let id = Pid::from_raw(id.try_into()?).context("it has no number")?;
    kill_process(id, Signal::TERM)?;
    let ended = timeout(PATIENCE, process.wait()).await;
    ended.context("valgrind does not end")??;
    Ok(())
}

fn total(file: &Path) -> Result<u64> {
    let counts = std::fs::read_to_string(file)
        .with_context(|| format!("valgrind has left no {}", file.display()))?;
    total_in(&counts).context("callgrind has counted nothing")
}

fn total_in(counts: &str) -> Option<u64> {
    let mut lines = counts.lines().rev();
    lines
        .find_map(|line| line.strip_prefix("totals: "))?
        .trim()
        .parse()
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_total_is_what_all_functions_add_up_to() {
        let counts = "# callgrind format\nsummary: 12\n\nfn=(1)\n0 5\n\ntotals: 1234567\n";
        assert_eq!(total_in(counts), Some(1_234_567));
        assert_eq!(total_in("# callgrind format\n"), None);
    }
}
