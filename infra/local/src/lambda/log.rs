//! What a sandbox writes to its standard output and error, shown to the human who runs the platform.

use std::collections::VecDeque;

use parking_lot::Mutex;

/// How many lines are kept for the case that something goes wrong.
const KEPT: usize = 50;

/// The log of one sandbox.
pub(super) struct Log {
    function: String,
    /// `Some` where lines are only shown when something went wrong.
    kept: Option<Mutex<VecDeque<String>>>,
}

impl Log {
    pub(super) fn new(function: &str, quiet: bool) -> Self {
        Log {
            function: function.to_owned(),
            kept: quiet.then(Mutex::default),
        }
    }

    /// One line of the function's own.
    pub(super) fn line(&self, line: &str) {
        let Some(kept) = &self.kept else {
            tracing::info!("{:<8} {line}", self.function);
            return;
        };
        let mut kept = kept.lock();
        if kept.len() == KEPT {
            kept.pop_front();
        }
        kept.push_back(line.to_owned());
    }

    /// An invocation failed: shows what led to it.
    pub(super) fn failure(&self, what: &str) {
        for line in self
            .kept
            .iter()
            .flat_map(|kept| std::mem::take(&mut *kept.lock()))
        {
            tracing::error!("{:<8} {line}", self.function);
        }
        tracing::error!("{:<8} {what}", self.function);
    }
}
