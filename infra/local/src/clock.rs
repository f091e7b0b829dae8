//! The platform's time: the machine's, which a test may move ahead, for queues and functions alike.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result};
use parking_lot::Mutex;
use tempfile::TempDir;
use time::OffsetDateTime;

/// Names the file in which functions find by how many milliseconds their clock is ahead.
pub(crate) const VARIABLE: &str = "RUNHOOKS_CLOCK";

/// Clocks that functions read from files.
pub(crate) struct Clock {
    directory: TempDir,
    /// By how much each of them is ahead of the others.
    skews: Vec<Duration>,
    ahead: Mutex<Duration>,
}

impl Clock {
    /// As many clocks as there are skews.
    pub(crate) fn with(skews: Vec<Duration>) -> Result<Self> {
        let directory = TempDir::new().context("cannot make a directory for the clock")?;
        let clock = Clock {
            directory,
            skews,
            ahead: Mutex::default(),
        };
        clock.advance(Duration::ZERO)?;
        Ok(clock)
    }

    /// The files of all clocks.
    pub(crate) fn files(&self) -> Vec<PathBuf> {
        (0..self.skews.len())
            .map(|number| self.file(number))
            .collect()
    }

    /// The platform's time.
    pub(crate) fn now(&self) -> OffsetDateTime {
        OffsetDateTime::now_utc() + *self.ahead.lock()
    }

    pub(crate) fn advance(&self, by: Duration) -> Result<()> {
        let mut ahead = self.ahead.lock();
        *ahead += by;
        for (number, skew) in self.skews.iter().enumerate() {
            set(&self.file(number), *ahead + *skew).context("cannot set the clock")?;
        }
        Ok(())
    }

    fn file(&self, number: usize) -> PathBuf {
        self.directory.path().join(format!("clock-{number}"))
    }
}

/// Moves the clock of whoever else reads that file.
pub(crate) fn advance_file(file: &Path, by: Duration) -> Result<()> {
    let failed = || format!("cannot move the clock in {}", file.display());
    let ahead = match std::fs::read_to_string(file) {
        Err(error) if error.kind() == ErrorKind::NotFound => 0,
        ahead => ahead
            .with_context(failed)?
            .trim()
            .parse()
            .with_context(failed)?,
    };
    set(file, Duration::from_millis(ahead) + by).with_context(failed)
}

/// Renamed into its place: a function never reads half of it.
fn set(file: &Path, ahead: Duration) -> std::io::Result<()> {
    let new = file.with_extension("new");
    std::fs::write(&new, ahead.as_millis().to_string())?;
    std::fs::rename(&new, file)
}
