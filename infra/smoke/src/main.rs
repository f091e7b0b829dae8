//! `cargo smoke`.

use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    smoke::command::run().await
}
