//! The Lambda host and what feeds it, with a real program on the real runtime.
#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "all of this is a test"
)]

mod alarms;
mod concurrency;
mod faults;
mod fixture;
mod function_url;
mod gateway;
mod host;
mod http_api;
mod limits;
mod mapping;
mod program;
mod schedule;
mod stand_in;
mod throughput;
