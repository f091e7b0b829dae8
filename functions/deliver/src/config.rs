//! What `deliver` is told by its environment. Every variable is in `infra/template.yaml`.

use std::num::{NonZeroU64, ParseIntError};
use std::time::Duration;

use domain::retry::Schedule;
use runtime::environment::{Environment, EnvironmentError};
use store::Tables;

/// The settings of the function.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where everything is kept.
    pub tables: Tables,
    /// Where deliveries come from, and where retries go.
    pub delivery_queue_url: String,
    /// When failed deliveries are tried again.
    pub schedule: Schedule,
    /// How long one request may take in all.
    pub request_timeout: Duration,
    /// How long connecting may take, TLS handshake included.
    pub connect_timeout: Duration,
}

impl Config {
    /// Reads all variables; the error lists everything that is missing or bad.
    pub fn from_env() -> Result<Self, EnvironmentError> {
        let mut env = Environment::of_process();
        let webhooks = env.text("WEBHOOKS_TABLE");
        let dispatches = env.text("DISPATCHES_TABLE");
        let delivery_queue_url = env.text("DELIVERY_QUEUE_URL");
        let schedule = env.parsed("RETRY_SCHEDULE_SECONDS", Schedule::parse);
        let request_timeout = env.parsed("REQUEST_TIMEOUT_SECONDS", seconds);
        let connect_timeout = env.parsed("CONNECT_TIMEOUT_SECONDS", seconds);
        let (
            Some(webhooks),
            Some(dispatches),
            Some(delivery_queue_url),
            Some(schedule),
            Some(request_timeout),
            Some(connect_timeout),
        ) = (
            webhooks,
            dispatches,
            delivery_queue_url,
            schedule,
            request_timeout,
            connect_timeout,
        )
        else {
            return Err(env.error());
        };
        let tables = Tables {
            webhooks,
            dispatches,
        };
        Ok(Self {
            tables,
            delivery_queue_url,
            schedule,
            request_timeout,
            connect_timeout,
        })
    }
}

fn seconds(text: &str) -> Result<Duration, ParseIntError> {
    let seconds: NonZeroU64 = text.parse()?;
    Ok(Duration::from_secs(seconds.get()))
}
