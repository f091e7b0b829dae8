//! What `sweep` reads from its environment. Every variable is in `infra/template.yaml`.

use std::num::NonZeroUsize;

use runtime::environment::{Environment, EnvironmentError};
use runtime::settings;
use store::Tables;

/// The settings of the function.
#[derive(Clone, Debug)]
pub struct Config {
    /// The stack, for the metrics.
    pub stack: String,
    /// The tables.
    pub tables: Tables,
    /// The queue that retries go to.
    pub delivery_queue_url: String,
    /// The queue that notices go to.
    pub notice_queue_url: String,
    /// The most dispatches that a redelivery job redelivers in a minute.
    pub redeliveries_per_minute: NonZeroUsize,
}

impl Config {
    /// Reads all variables; the error lists everything that is missing or bad.
    pub fn from_env() -> Result<Self, EnvironmentError> {
        let mut env = Environment::of_process();
        settings!(env => Self {
            stack: env.text("STACK_NAME"),
            tables: Tables::both(env.text("WEBHOOKS_TABLE"), env.text("DISPATCHES_TABLE")),
            delivery_queue_url: env.text("DELIVERY_QUEUE_URL"),
            notice_queue_url: env.text("NOTICE_QUEUE_URL"),
            redeliveries_per_minute: env.parsed("REDELIVERIES_PER_MINUTE", str::parse),
        })
    }
}
