//! `cargo local`.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Result, bail};
use bench::BenchArguments;
use clap::{Parser, Subcommand};
use local::command::{PlatformArguments, serve, told_to_stop};
use local::demo;
use soak::SoakArguments;
use tracing_subscriber::EnvFilter;

/// Runs Runhooks on this machine: reads infra/template.yaml and plays AWS on loopback, with the
/// real function binaries.
#[derive(Parser)]
#[command(name = "cargo local", bin_name = "cargo local", version)]
struct Arguments {
    #[command(flatten)]
    platform: PlatformArguments,

    /// Where to write env, lambda.env and env.json [default: target/local]
    #[arg(long, value_name = "DIR")]
    env_dir: Option<PathBuf>,

    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Shows the main job, start to finish, on free ports
    Demo,
    /// Measures what a delivery takes of time, calls, capacity and money
    Bench(BenchArguments),
    /// Sends a load of events under faults, and keeps a ledger of what became of every webhook
    Soak(SoakArguments),
}

/// Bad usage ends the process with 2, anything else that goes wrong with 1.
#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    show_log();
    match carry_out(arguments).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            complain(&error);
            ExitCode::FAILURE
        }
    }
}

async fn carry_out(arguments: Arguments) -> Result<()> {
    let options = arguments.platform.into();
    match arguments.command {
        None => serve::run(options, arguments.env_dir).await,
        Some(Command::Demo) => unless_told_to_stop(demo::run(options)).await,
        Some(Command::Bench(arguments)) => {
            unless_told_to_stop(bench::run(options, arguments)).await
        }
        Some(Command::Soak(arguments)) => unless_told_to_stop(soak::run(options, arguments)).await,
    }
}

/// What is dropped in the middle takes its processes with it; what is killed would leave them
/// behind.
async fn unless_told_to_stop(command: impl Future<Output = Result<()>>) -> Result<()> {
    tokio::select! {
        done = command => done,
        stop = told_to_stop() => stop.and_then(|()| bail!("told to stop")),
    }
}

/// The log is for the human at the terminal: the functions' own lines, which bring their own times
/// and levels.
fn show_log() {
    tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::new("local=info,bench=info,soak=info"))
        .with_writer(std::io::stderr)
        .with_level(false)
        .with_target(false)
        .without_time()
        .init();
}

#[expect(clippy::print_stderr, reason = "the last words are for the terminal")]
fn complain(error: &anyhow::Error) {
    eprintln!("error: {error:#}");
}
