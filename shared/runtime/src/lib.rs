//! What every function needs of the place where it runs: its environment, where its requests may go, logs, metrics, the clock, chance, and a
//! connection to AWS.

pub mod aws;
pub mod chance;
pub mod clock;
pub mod environment;
mod logs;
pub mod metrics;
mod targets;

pub use logs::init_logs;
