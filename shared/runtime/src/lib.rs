//! What every function needs of the place where it runs: its environment, where its requests may go, logs, metrics, the clock, chance, and a
//! connection to AWS.

pub mod aws;
pub mod chance;
pub mod clock;
pub mod environment;
pub mod metrics;
mod targets;

/// Writes logs as Lambda's logging controls ask for: JSON lines at the chosen level.
pub fn init_logs() {
    lambda_runtime::tracing::init_default_subscriber();
}
