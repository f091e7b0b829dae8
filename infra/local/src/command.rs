//! The program behind `cargo local`.

mod arguments;
mod serve;

use std::process::ExitCode;

use anyhow::Result;
use clap::Parser;
use tracing_subscriber::EnvFilter;

use arguments::PlatformArguments;

/// Runs Runhooks on this machine: reads infra/template.yaml and plays AWS on loopback, with the real function binaries.
#[derive(Parser)]
#[command(name = "cargo local", bin_name = "cargo local", version)]
struct Arguments {
    #[command(flatten)]
    platform: PlatformArguments,
}

/// Does what the command line says. Bad usage ends the process with 2, anything else that goes wrong with 1.
pub async fn run() -> ExitCode {
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
    serve::run(arguments.platform.into()).await
}

/// The log is for the human at the terminal: the functions' own lines, which bring their own times and levels.
fn show_log() {
    tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::new("local=info"))
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
