//! What a sandbox writes to its standard output and error: shown to the human who runs the
//! platform, or kept in a file.

use std::collections::VecDeque;
use std::fs::File;
use std::io::Write;
use std::sync::Arc;

use parking_lot::Mutex;

use super::Surroundings;
use crate::cloudwatch::EmbeddedMetrics;
use crate::template;

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

/// What the logs of all sandboxes of a function have in common.
#[derive(Clone)]
pub(super) struct Logging {
    function: String,
    destination: Destination,
    metrics: EmbeddedMetrics,
}

/// The log of one sandbox.
pub(super) struct Log {
    logging: Logging,
    kept: Mutex<VecDeque<String>>,
}

impl Logging {
    pub(super) fn of(settings: &template::Function, surroundings: &Surroundings) -> Self {
        let cloudwatch = surroundings.cloudwatch.clone();
        let (name, group) = (&settings.short_name, &settings.log_group);
        if !settings.keeps_log {
            tracing::warn!("{name:<8} its lines are lost: its role may not write to {group}");
        }
        Logging {
            function: name.clone(),
            destination: match settings.keeps_log {
                true => surroundings.log.clone(),
                false => Destination::Nowhere,
            },
            metrics: EmbeddedMetrics::new(cloudwatch, &settings.environment),
        }
    }
}

impl Log {
    pub(super) fn new(logging: &Logging) -> Self {
        Log {
            logging: logging.clone(),
            kept: Mutex::default(),
        }
    }

    /// One line of the function's own.
    pub(super) fn line(&self, line: &str) {
        let Logging {
            function,
            destination,
            metrics,
        } = &self.logging;
        // What is not in the log is not in the metrics either.
        let keeps = !matches!(destination, Destination::Nowhere);
        if keeps && let Err(error) = metrics.read(line) {
            let what = "CloudWatch takes no metrics from this line";
            tracing::error!("{function:<8} {what}: {error:#}: {line}");
        }
        match destination {
            Destination::Nowhere => {}
            Destination::Terminal => tracing::info!("{function:<8} {line}"),
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
        if let Destination::File(file) = &self.logging.destination {
            return self.write(file, what);
        }
        for line in std::mem::take(&mut *self.kept.lock()) {
            tracing::error!("{:<8} {line}", self.logging.function);
        }
        tracing::error!("{:<8} {what}", self.logging.function);
    }

    fn write(&self, file: &Mutex<File>, line: &str) {
        // A line more or less: nothing depends on it.
        let _ = writeln!(file.lock(), "{:<8} {line}", self.logging.function);
    }
}
