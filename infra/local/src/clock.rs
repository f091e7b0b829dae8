//! The platform's time: the machine's, which a test may move ahead, for queues and functions alike.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result};
use tempfile::TempDir;
use time::OffsetDateTime;
use tokio::sync::watch;
use tokio::time::{Instant, timeout_at};

/// Names the file in which functions find by how many milliseconds their clock is ahead.
pub(crate) const VARIABLE: &str = "RUNHOOKS_CLOCK";

/// Clocks that functions read from files.
pub(crate) struct Clock {
    directory: TempDir,
    /// By how much each of them is ahead of the others.
    skews: Vec<Duration>,
    ahead: watch::Sender<Duration>,
}

impl Clock {
    /// As many clocks as there are skews.
    pub(crate) fn with(skews: Vec<Duration>) -> Result<Self> {
        let directory = TempDir::new().context("cannot make a directory for the clock")?;
        let clock = Clock {
            directory,
            skews,
            ahead: watch::Sender::default(),
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
        OffsetDateTime::now_utc() + *self.ahead.borrow()
    }

    /// How far it was moved in all.
    pub(crate) fn ahead(&self) -> Duration {
        *self.ahead.borrow()
    }

    pub(crate) fn advance(&self, by: Duration) -> Result<()> {
        let mut set = Ok(());
        self.ahead.send_modify(|ahead| {
            *ahead += by;
            set = self.set(*ahead);
        });
        set.context("cannot set the clock")
    }

    /// Moves it back: it goes on more slowly than the machine's.
    pub(crate) fn retreat(&self, by: Duration) -> Result<()> {
        let mut set = Ok(());
        self.ahead.send_modify(|ahead| {
            *ahead = ahead.saturating_sub(by);
            set = self.set(*ahead);
        });
        set.context("cannot set the clock")
    }

    /// Waits until so much time has passed on this clock, by itself or because it was moved; from
    /// now on, whenever that is awaited.
    pub(crate) fn pass(&self, time: Duration) -> impl Future<Output = ()> {
        let (begin, mut ahead) = (Instant::now(), self.ahead.subscribe());
        let before = *ahead.borrow();
        async move {
            loop {
                let moved = ahead.borrow_and_update().saturating_sub(before);
                let end = begin + time.saturating_sub(moved);
                if timeout_at(end, ahead.changed()).await.is_err() {
                    return;
                }
            }
        }
    }

    fn set(&self, ahead: Duration) -> std::io::Result<()> {
        let mut clocks = self.skews.iter().enumerate();
        clocks.try_for_each(|(number, skew)| set(&self.file(number), ahead + *skew))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn time_that_is_waited_for_passes_when_the_clock_is_moved() {
        let clock = Clock::with(vec![Duration::ZERO]).unwrap();
        let mut hour = std::pin::pin!(clock.pass(Duration::from_secs(3600)));
        clock.advance(Duration::from_secs(1800)).unwrap();
        assert!(futures::poll!(hour.as_mut()).is_pending());
        clock.advance(Duration::from_secs(1799)).unwrap();
        assert!(futures::poll!(hour.as_mut()).is_pending());
        clock.advance(Duration::from_secs(1)).unwrap();
        hour.await;
    }

    #[tokio::test]
    async fn time_passes_by_itself() {
        let clock = Clock::with(vec![Duration::ZERO]).unwrap();
        clock.pass(Duration::from_millis(1)).await;
    }
}
