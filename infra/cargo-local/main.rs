//! `cargo local`.

use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    local::command::run().await
}
