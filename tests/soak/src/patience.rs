//! A client of the API that asks again: functions are killed under its requests, too.

use std::time::Duration;

use anyhow::Result;
use serde_json::Value;
use tokio::time::sleep;

/// How often it asks.
const ATTEMPTS: u32 = 20;

/// The answer, once there is one.
pub(super) async fn patiently<F>(ask: impl Fn() -> F) -> Result<Value>
where
    F: Future<Output = Result<Value>>,
{
    let mut attempt = 1;
    loop {
        match ask().await {
            Err(error) if attempt < ATTEMPTS => {
                tracing::debug!("asking again: {error:#}");
                sleep(Duration::from_millis(50) * attempt).await;
                attempt += 1;
            }
            answer => return answer,
        }
    }
}
