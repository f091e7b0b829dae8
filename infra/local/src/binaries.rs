//! The real function binaries: built by cargo before they are run, and found where cargo says it
//! put them.

use std::collections::{BTreeMap, BTreeSet};
use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::LazyLock;

use anyhow::{Context, Error, Result, bail};
use serde::Deserialize;
use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};
use tokio::process::Command;
use tokio::sync::Mutex;

/// What cargo is asked to build.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Target {
    /// A program of the workspace.
    Binary(String),
    /// An example of the workspace.
    Example(String),
}

/// A build, and whether it is optimised.
type Order = (BTreeSet<Target>, bool);

/// Where the targets are, or why they could not be built.
type Built = Result<BTreeMap<Target, PathBuf>, String>;

/// Each build is made once in a process, however many platforms need it: asking cargo again takes a
/// quarter of a second.
static BUILDS: LazyLock<Mutex<BTreeMap<Order, Built>>> = LazyLock::new(Mutex::default);

/// Variables that cargo sets for what it runs. A build script that watches one of them would run
/// again for nothing.
const SET_BY_CARGO: &[&str] = &[
    "CARGO_BIN_NAME",
    "CARGO_CRATE_NAME",
    "CARGO_MANIFEST_",
    "CARGO_PKG_",
];

/// Builds `targets` of this checkout and says where they are.
pub async fn build(targets: BTreeSet<Target>, release: bool) -> Result<BTreeMap<Target, PathBuf>> {
    if targets.is_empty() {
        return Ok(BTreeMap::new());
    }
    let order = (targets, release);
    let mut builds = BUILDS.lock().await;
    let built = match builds.get(&order) {
        Some(built) => built.clone(),
        None => {
            let built = run_cargo(&order)
                .await
                .map_err(|error| format!("{error:#}"));
            builds.insert(order, built.clone());
            built
        }
    };
    built.map_err(Error::msg)
}

/// Where the binaries of these functions are, by short name: those in `ready` as they are, the
/// others built.
pub(crate) async fn of_functions(
    names: impl Iterator<Item = &String>,
    ready: &BTreeMap<String, PathBuf>,
    release: bool,
) -> Result<BTreeMap<String, PathBuf>> {
    let missing = names.filter(|name| !ready.contains_key(*name));
    let built = build(missing.cloned().map(Target::Binary).collect(), release).await?;
    let mut binaries = ready.clone();
    for (target, path) in built {
        if let Target::Binary(name) = target {
            binaries.insert(name, path);
        }
    }
    Ok(binaries)
}

/// The root of the checkout that this program was built from.
pub fn checkout() -> &'static Path {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    package.ancestors().nth(2).unwrap_or(package)
}

async fn run_cargo((targets, release): &Order) -> Result<BTreeMap<Target, PathBuf>> {
    let mut cargo = command(targets, *release)
        .spawn()
        .context("cannot run cargo")?;
    let (artifacts, complaints) = futures::future::join(
        read_artifacts(cargo.stdout.take()),
        show_progress(cargo.stderr.take()),
    )
    .await;
    let status = cargo.wait().await.context("cannot wait for cargo")?;
    if !status.success() {
        bail!(
            "cargo could not build the functions\n{}",
            complaints.trim_end()
        );
    }
    if let Some(missing) = targets
        .iter()
        .find(|target| !artifacts.contains_key(target))
    {
        bail!("cargo built no {missing:?}");
    }
    Ok(artifacts)
}

fn command(targets: &BTreeSet<Target>, release: bool) -> Command {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    // The whole workspace decides on features, as in `cargo test`: nothing is built twice.
    command.args([
        "build",
        "--workspace",
        "--message-format",
        "json-render-diagnostics",
    ]);
    if !release {
        // Whatever is an example or test has cargo count the features that tests ask for. This one
        // is there already.
        command.args(["--example", "local"]);
    }
    for target in targets {
        match target {
            Target::Binary(name) => command.args(["--bin", name]),
            Target::Example(name) => command.args(["--example", name]),
        };
    }
    if release {
        command.arg("--release");
    }
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if SET_BY_CARGO.iter().any(|prefix| text.starts_with(prefix)) {
            command.env_remove(&name);
        }
    }
    command.current_dir(checkout()).kill_on_drop(true);
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// A message of cargo's, as far as we need it.
#[derive(Deserialize)]
struct Message {
    reason: String,
    target: Option<MessageTarget>,
    executable: Option<PathBuf>,
}

#[derive(Deserialize)]
struct MessageTarget {
    kind: Vec<String>,
    name: String,
}

impl Message {
    fn artifact(self) -> Option<(Target, PathBuf)> {
        let (target, path) = (self.target?, self.executable?);
        let is_artifact = self.reason == "compiler-artifact";
        match target.kind.first()?.as_str() {
            "bin" if is_artifact => Some((Target::Binary(target.name), path)),
            "example" if is_artifact => Some((Target::Example(target.name), path)),
            _ => None,
        }
    }
}

async fn read_artifacts(output: Option<impl AsyncRead + Unpin>) -> BTreeMap<Target, PathBuf> {
    let mut artifacts = BTreeMap::new();
    let Some(output) = output else {
        return artifacts;
    };
    let mut lines = BufReader::new(output).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        let message = serde_json::from_str::<Message>(&line).ok();
        artifacts.extend(message.and_then(Message::artifact));
    }
    artifacts
}

/// Shows a human what cargo does, and keeps it for the case that it fails. That it finished is no
/// news.
async fn show_progress(output: Option<impl AsyncRead + Unpin>) -> String {
    let mut complaints = String::new();
    let Some(output) = output else {
        return complaints;
    };
    let is_watched = std::io::stderr().is_terminal();
    let mut lines = BufReader::new(output).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        if is_watched && !line.trim_start().starts_with("Finished") {
            show(&line);
        }
        complaints.push_str(&line);
        complaints.push('\n');
    }
    complaints
}

#[expect(
    clippy::print_stderr,
    reason = "progress is for the terminal, not for the log"
)]
fn show(line: &str) {
    eprintln!("{line}");
}
