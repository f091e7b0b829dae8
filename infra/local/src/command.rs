//! What the program behind `cargo local` takes from its command line, and what it does if that names
//! no command.

mod arguments;
pub mod serve;

use anyhow::Result;
use tokio::signal::unix::{SignalKind, signal};

pub use arguments::PlatformArguments;

/// Ctrl-C, a polite kill, or the end of the terminal.
pub async fn told_to_stop() -> Result<()> {
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
