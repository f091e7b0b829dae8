//! What every function needs from the place where it runs: its environment, allowed targets, logs,
//! metrics, the clock, random numbers, and a connection to AWS.

pub mod aws;
pub mod chance;
pub mod clock;
pub mod environment;
mod logs;
pub mod metrics;
mod targets;

pub use logs::init_logs;
