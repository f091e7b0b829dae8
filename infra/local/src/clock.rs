//! The platform's time: the machine's, which a test may move ahead, for queues and functions alike.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result};
use parking_lot::Mutex;
use tempfile::TempDir;

/// Names the file in which functions find by how many milliseconds their clock is ahead.
pub(crate) const VARIABLE: &str = "RUNHOOKS_CLOCK";

/// A clock that functions read from a file.
pub(crate) struct Clock {
    directory: TempDir,
    ahead: Mutex<Duration>,
}

impl Clock {
    pub(crate) fn new() -> Result<Self> {
        let directory = TempDir::new().context("cannot make a directory for the clock")?;
        let clock = Clock {
            directory,
            ahead: Mutex::default(),
        };
        clock.advance(Duration::ZERO)?;
        Ok(clock)
    }

    pub(crate) fn file(&self) -> PathBuf {
        self.directory.path().join("clock")
    }

    pub(crate) fn advance(&self, by: Duration) -> Result<()> {
        let mut ahead = self.ahead.lock();
        *ahead += by;
        // Renamed into its place: a function never reads half of it.
        let new = self.directory.path().join("new");
        std::fs::write(&new, ahead.as_millis().to_string())
            .and_then(|()| std::fs::rename(&new, self.file()))
            .context("cannot set the clock")
    }
}
