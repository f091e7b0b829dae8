//! The program behind `cargo smoke`.

use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Error, Result, anyhow, bail};
use clap::Parser;
use tokio::signal::unix::{SignalKind, signal};
use url::Url;

use crate::made::Made;
use crate::proof;
use crate::refusal::Refusal;

/// Where the clock of a `cargo local` is moved, if it was started so.
const CLOCK: &str = "RUNHOOKS_CLOCK_URL";

/// Proves a stack: sends events through it, lets receivers accept, fail and hang, and holds what
/// arrives against what was promised.
///
/// Credentials and the region come from the environment, as in every AWS tool. Whatever is made for
/// the proof is removed in the end. The exit code is 0 if all holds, 1 if anything does not, and 2
/// if there can be no proof.
#[derive(Parser)]
#[command(name = "cargo smoke", bin_name = "cargo smoke", version)]
pub(crate) struct Arguments {
    /// The name of the stack
    #[arg(long, value_name = "NAME")]
    pub(crate) stack: String,

    /// Its region [default: that of the environment]
    #[arg(long, value_name = "REGION")]
    pub(crate) region: Option<String>,

    /// Keep up a load for so many minutes
    #[arg(long, value_name = "MINUTES", default_value_t = 0)]
    minutes: u32,

    /// How many runs begin in a second of that load
    #[arg(long, value_name = "RUNS", default_value = "1", value_parser = parse_pace)]
    pub(crate) pace: f64,

    /// A receiver of yours, which accepts every POST; what arrives there is not seen [default: one
    /// that is deployed and removed, or one in this process where the stack is on this machine]
    #[arg(long, value_name = "URL")]
    pub(crate) receiver: Option<Url>,

    /// Where function URLs answer, if not at their own names: an emulator
    #[arg(long, value_name = "URL")]
    pub(crate) function_urls: Option<Url>,

    /// Deploy the receiver, although the stack is on this machine: an emulator
    #[arg(long, conflicts_with = "receiver")]
    pub(crate) deploy_receiver: bool,
}

impl Arguments {
    /// For how long a load is kept up.
    pub(crate) fn soak(&self) -> Duration {
        Duration::from_secs(60) * self.minutes
    }
}

/// Does what the command line says.
pub async fn run() -> ExitCode {
    let arguments = Arguments::parse();
    match carry_out(&arguments).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            complain(&error);
            match error.downcast_ref::<Refusal>() {
                Some(_) => ExitCode::from(2),
                None => ExitCode::FAILURE,
            }
        }
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "a variable for whoever runs the command, not for a function"
)]
async fn carry_out(arguments: &Arguments) -> Result<()> {
    let clock = std::env::var(CLOCK).ok();
    let made = Made::default();
    let result = tokio::select! {
        result = proof::run(arguments, clock, &made) => result,
        stop = told_to_stop() => stop.and_then(|()| bail!("told to stop")),
    };
    // Whoever cannot wait for that is told what is left.
    let removed = tokio::select! {
        removed = made.remove() => removed,
        stop = told_to_stop() => stop.and_then(|()| Err(anyhow!("left behind: {}", made.names()))),
    };
    match (result, removed) {
        (Err(error), Err(left)) => {
            complain(&left);
            Err(error)
        }
        (result, removed) => result.and(removed),
    }
}

/// Ctrl-C, a polite kill, or the end of the terminal.
async fn told_to_stop() -> Result<()> {
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

fn parse_pace(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(pace) if (0.01..=100.0).contains(&pace) => Ok(pace),
        _ => Err("it is no number from 0.01 to 100".to_owned()),
    }
}

#[expect(clippy::print_stderr, reason = "the last words are for the terminal")]
fn complain(error: &Error) {
    eprintln!("error: {error:#}");
}
