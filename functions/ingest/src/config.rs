//! What `ingest` is told by its environment. Every variable is in `infra/template.yaml`.

use std::time::Duration;

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
        settings!(env => Self {
            stack: env.text("STACK_NAME"),
            tables: Tables::both(env.text("WEBHOOKS_TABLE"), env.text("DISPATCHES_TABLE")),
            event_queue_url: env.text("EVENT_QUEUE_URL"),
            delivery_queue_url: env.text("DELIVERY_QUEUE_URL"),
            rejected_queue_url: env.text("REJECTED_QUEUE_URL"),
            ad_hoc_webhooks_per_run: env.parsed("AD_HOC_WEBHOOKS_PER_RUN", str::parse),
            record: env.parsed("RECORD_DAYS", days),
        })
    }
}
