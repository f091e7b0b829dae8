//! What `deliver` is told by its environment. Every variable is in `infra/template.yaml`, but for
//! the memory's size, which is Lambda's, and what `targets` reads: Lambda's, and the local
//! platform's.

use std::num::{NonZeroU64, ParseIntError};
use std::time::Duration;

use domain::platform_api::PlatformApi;
use domain::retry::{Schedule, TEST_RETRIES};
use domain::target::Targets;
use runtime::environment::{Environment, EnvironmentError, days};
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
    /// The same for test deliveries: its first few retries.
    pub test_schedule: Schedule,
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
        let stack = env.text("STACK_NAME");
        let tables = tables(&mut env);
        let delivery_queue_url = env.text("DELIVERY_QUEUE_URL");
        let slow_delivery_queue_url = env.text("SLOW_DELIVERY_QUEUE_URL");
        let disable_after = env.parsed("DISABLE_AFTER_DAYS", days);
        let failing_after = env.parsed("FAILING_AFTER_MINUTES", minutes);
        let master_key_arn = env.text("MASTER_KEY_ARN");
        let schedule = env.parsed("RETRY_SCHEDULE_SECONDS", Schedule::parse);
        let request_timeout = env.parsed("REQUEST_TIMEOUT_SECONDS", seconds);
        let connect_timeout = env.parsed("CONNECT_TIMEOUT_SECONDS", seconds);
        let memory_mebibytes = env.memory_mebibytes();
        let targets = env.targets();
        let platform_api = env.optional("PLATFORM_API_ORIGIN", PlatformApi::parse);
        let (
            Some(stack),
            Some(tables),
            Some(delivery_queue_url),
            Some(slow_delivery_queue_url),
            Some(disable_after),
            Some(failing_after),
            Some(master_key_arn),
            Some(schedule),
            Some(request_timeout),
            Some(connect_timeout),
            Some(memory_mebibytes),
            Some(targets),
            Some(platform_api),
        ) = (
            stack,
            tables,
            delivery_queue_url,
            slow_delivery_queue_url,
            disable_after,
            failing_after,
            master_key_arn,
            schedule,
            request_timeout,
            connect_timeout,
            memory_mebibytes,
            targets,
            platform_api,
        )
        else {
            return Err(env.error());
        };
        Ok(Self {
            stack,
            tables,
            delivery_queue_url,
            slow_delivery_queue_url,
            disable_after,
            failing_after,
            master_key_arn,
            test_schedule: schedule.first(TEST_RETRIES),
            schedule,
            request_timeout,
            connect_timeout,
            memory_mebibytes,
            targets,
            platform_api,
        })
    }
}

fn tables(env: &mut Environment) -> Option<Tables> {
    let (webhooks, dispatches) = (env.text("WEBHOOKS_TABLE"), env.text("DISPATCHES_TABLE"));
    Some(Tables {
        webhooks: webhooks?,
        dispatches: dispatches?,
    })
}

fn minutes(text: &str) -> Result<Duration, ParseIntError> {
    Ok(seconds(text)? * 60)
}

fn seconds(text: &str) -> Result<Duration, ParseIntError> {
    let seconds: NonZeroU64 = text.parse()?;
    Ok(Duration::from_secs(seconds.get()))
}
