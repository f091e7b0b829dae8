//! What `ingest` is told by its environment. Every variable is in `infra/template.yaml`.

use std::time::Duration;

use runtime::environment::{Environment, EnvironmentError, days};
use store::Tables;

/// The settings of the function.
#[derive(Clone, Debug)]
pub struct Config {
    /// Whose metrics are counted.
    pub stack: String,
    /// Where everything is kept.
    pub tables: Tables,
    /// Where events come from.
    pub event_queue_url: String,
    /// Where deliveries go.
    pub delivery_queue_url: String,
    /// Where bad events go.
    pub rejected_queue_url: String,
    /// How many ad hoc webhooks may come with the start of one run.
    pub ad_hoc_webhooks_per_run: usize,
    /// How long events and dispatches are kept.
    pub record: Duration,
}

impl Config {
    /// Reads all variables; the error lists everything that is missing or bad.
    pub fn from_env() -> Result<Self, EnvironmentError> {
        let mut env = Environment::of_process();
        let stack = env.text("STACK_NAME");
        let webhooks = env.text("WEBHOOKS_TABLE");
        let dispatches = env.text("DISPATCHES_TABLE");
        let event_queue_url = env.text("EVENT_QUEUE_URL");
        let delivery_queue_url = env.text("DELIVERY_QUEUE_URL");
        let rejected_queue_url = env.text("REJECTED_QUEUE_URL");
        let ad_hoc_webhooks_per_run = env.parsed("AD_HOC_WEBHOOKS_PER_RUN", str::parse);
        let record = env.parsed("RECORD_DAYS", days);
        let (
            Some(stack),
            Some(webhooks),
            Some(dispatches),
            Some(event_queue_url),
            Some(delivery_queue_url),
            Some(rejected_queue_url),
            Some(ad_hoc_webhooks_per_run),
            Some(record),
        ) = (
            stack,
            webhooks,
            dispatches,
            event_queue_url,
            delivery_queue_url,
            rejected_queue_url,
            ad_hoc_webhooks_per_run,
            record,
        )
        else {
            return Err(env.error());
        };
        let tables = Tables {
            webhooks,
            dispatches,
        };
        Ok(Self {
            stack,
            tables,
            event_queue_url,
            delivery_queue_url,
            rejected_queue_url,
            ad_hoc_webhooks_per_run,
            record,
        })
    }
}
