//! What has to arrive.

use std::time::Duration;

use anyhow::{Result, bail};

use super::arrivals::Arrivals;

/// Long enough for a slow machine.
pub(super) const PATIENCE: Duration = Duration::from_secs(60);

/// Which events of which runs have to arrive where; nothing else may.
#[derive(Default)]
pub(super) struct Expectation(Vec<Expected>);

/// One POST: where to, about which run, of which event.
pub(super) type Expected = (String, String, String);

impl Expectation {
    pub(super) fn add(&mut self, path: &str, run: &str, event: &str) {
        let event = format!("ACTOR.RUN.{event}");
        self.0.push((path.to_owned(), run.to_owned(), event));
    }

    pub(super) fn count(&self) -> usize {
        self.0.len()
    }

    /// Waits until everything has arrived, and says what has not.
    pub(super) async fn meet(&self, arrivals: &Arrivals, when: &str) -> Result<()> {
        let arrived = tokio::time::timeout(PATIENCE, arrivals.wait_for(self.count()));
        let arrived = arrived.await.unwrap_or_else(|_| arrivals.all());
        let mut surplus = arrived.clone();
        let mut missing = Vec::new();
        for expected in &self.0 {
            match surplus.iter().position(|arrived| arrived == expected) {
                Some(place) => drop(surplus.swap_remove(place)),
                None => missing.push(expected),
            }
        }
        if missing.is_empty() && surplus.is_empty() {
            return Ok(());
        }
        bail!("{when}, these POSTs are missing: {missing:?}, and these are too many: {surplus:?}")
    }
}
