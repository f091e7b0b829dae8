//! What `deliver` is told by its environment. Every variable is in `infra/template.yaml`, but for
//! the memory's size, which is Lambda's, and what `targets` reads: Lambda's, and the local
//! platform's.

use std::num::{NonZeroU64, ParseIntError};
use std::time::Duration;

use domain::platform_api::PlatformApi;
use domain::retry::Schedule;
use domain::target::Targets;
use runtime::environment::{Environment, EnvironmentError, days};
use runtime::settings;
use store::Tables;

/// The settings of the function.
#[derive(Clone, Debug)]
pub struct Config {
    /// Whose metrics are counted.
    pub stack: String,
    /// Where everything is kept.
    pub tables: Tables,
    /// Where deliveries come from, and where retries go.
    pub delivery_queue_url: String,
    /// Where deliveries to endpoints that hang go.
    pub slow_delivery_queue_url: String,
    /// The secret that signatures come from.
    pub master_key_arn: String,
    /// When failed deliveries are tried again.
    pub schedule: Schedule,
    /// After how long without a success an endpoint's webhooks are switched off.
    pub disable_after: Duration,
    /// After how long without a success an endpoint's webhooks are failing.
    pub failing_after: Duration,
    /// How long one request may take in all.
    pub request_timeout: Duration,
    /// How long connecting may take, from the host's name to the TLS handshake.
    pub connect_timeout: Duration,
    /// How much memory the function has.
    pub memory_mebibytes: usize,
    /// Where requests may go.
    pub targets: Targets,
    /// Where requests get a credential that starts actors; `None`: nowhere.
    pub platform_api: Option<PlatformApi>,
}

impl Config {
    /// Reads all variables; the error lists everything that is missing or bad.
    pub fn from_env() -> Result<Self, EnvironmentError> {
        let mut env = Environment::of_process();
        settings!(env => Self {
            stack: env.text("STACK_NAME"),
            tables: Tables::both(env.text("WEBHOOKS_TABLE"), env.text("DISPATCHES_TABLE")),
            delivery_queue_url: env.text("DELIVERY_QUEUE_URL"),
            slow_delivery_queue_url: env.text("SLOW_DELIVERY_QUEUE_URL"),
            disable_after: env.parsed("DISABLE_AFTER_DAYS", days),
            failing_after: env.parsed("FAILING_AFTER_MINUTES", minutes),
            master_key_arn: env.text("MASTER_KEY_ARN"),
            schedule: env.parsed("RETRY_SCHEDULE_SECONDS", Schedule::parse),
            request_timeout: env.parsed("REQUEST_TIMEOUT_SECONDS", seconds),
            connect_timeout: env.parsed("CONNECT_TIMEOUT_SECONDS", seconds),
            memory_mebibytes: env.memory_mebibytes(),
            targets: env.targets(),
            platform_api: env.optional("PLATFORM_API_ORIGIN", PlatformApi::parse),
        })
    }
}

fn minutes(text: &str) -> Result<Duration, ParseIntError> {
    Ok(seconds(text)? * 60)
}

fn seconds(text: &str) -> Result<Duration, ParseIntError> {
    let seconds: NonZeroU64 = text.parse()?;
    Ok(Duration::from_secs(seconds.get()))
}
