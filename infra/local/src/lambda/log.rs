//! What a sandbox writes to its standard output and error: shown to the human who runs the platform, or kept in a file.

use std::collections::VecDeque;
use std::fs::File;
use std::io::Write;
use std::sync::Arc;

use parking_lot::Mutex;

/// How many lines are kept for the case that something goes wrong.
const KEPT: usize = 50;

/// Where the lines of functions go.
#[derive(Clone)]
pub enum Destination {
    /// To the terminal.
    Terminal,
    /// To the terminal, once something went wrong.
    TerminalOnFailure,
    /// Nowhere: the function's role may not write logs.
    Nowhere,
    /// To a file, which all functions share.
    File(Arc<Mutex<File>>),
}

/// The log of one sandbox.
pub(super) struct Log {
    function: String,
    destination: Destination,
    kept: Mutex<VecDeque<String>>,
}

impl Log {
    pub(super) fn new(function: &str, destination: &Destination) -> Self {
        Log {
            function: function.to_owned(),
            destination: destination.clone(),
            kept: Mutex::default(),
        }
    }

    /// One line of the function's own.
    pub(super) fn line(&self, line: &str) {
        match &self.destination {
            Destination::Nowhere => {}
            Destination::Terminal => tracing::info!("{:<8} {line}", self.function),
            Destination::TerminalOnFailure => {
                let mut kept = self.kept.lock();
                if kept.len() == KEPT {
                    kept.pop_front();
                }
                kept.push_back(line.to_owned());
            }
            Destination::File(file) => self.write(file, line),
        }
    }

    /// An invocation failed: shows what led to it.
    pub(super) fn failure(&self, what: &str) {
        if let Destination::File(file) = &self.destination {
            return self.write(file, what);
        }
        for line in std::mem::take(&mut *self.kept.lock()) {
            tracing::error!("{:<8} {line}", self.function);
        }
        tracing::error!("{:<8} {what}", self.function);
    }

    fn write(&self, file: &Mutex<File>, line: &str) {
        // A line more or less: nothing depends on it.
        let _ = writeln!(file.lock(), "{:<8} {line}", self.function);
    }
}
