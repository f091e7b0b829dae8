//! What `api` is told by its environment. Every variable is in `infra/template.yaml`.

use std::time::Duration;

use domain::platform_api::PlatformApi;
use domain::target::Targets;
use runtime::environment::{Environment, EnvironmentError, days};
use runtime::settings;
use store::{Limits, Tables};

use crate::platform_tokens::TokenKeys;
use crate::{PlatformTokens, Rates};

/// The settings of the function.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where everything is kept.
    pub tables: Tables,
    /// Where events come from: some are put back there.
    pub event_queue_url: String,
    /// Where deliveries go.
    pub delivery_queue_url: String,
    /// The secret that signatures come from.
    pub master_key_arn: String,
    /// How many webhooks there may be.
    pub limits: Limits,
    /// How often a user may ask for what costs more than it looks.
    pub rates: Rates,
    /// How long dispatches are kept.
    pub record: Duration,
    /// Whose pages may have the console in a frame.
    pub console_origins: String,
    /// Where requests may go.
    pub targets: Targets,
    /// What the platform's own tokens are verified with; `None`: only ours are taken.
    pub platform_tokens: Option<PlatformTokens>,
    /// Where requests get a credential that starts actors; `None`: nowhere.
    pub platform_api: Option<PlatformApi>,
}

impl Config {
    /// Reads all variables; the error lists everything that is missing or bad.
    pub fn from_env() -> Result<Self, EnvironmentError> {
        let mut env = Environment::of_process();
        settings!(env => Self {
            tables: Tables::both(env.text("WEBHOOKS_TABLE"), env.text("DISPATCHES_TABLE")),
            event_queue_url: env.text("EVENT_QUEUE_URL"),
            delivery_queue_url: env.text("DELIVERY_QUEUE_URL"),
            master_key_arn: env.text("MASTER_KEY_ARN"),
            limits: limits(&mut env),
            rates: rates(&mut env),
            record: env.parsed("RECORD_DAYS", days),
            console_origins: env.text("CONSOLE_ORIGINS"),
            targets: env.targets(),
            platform_tokens: platform_tokens(&mut env),
            platform_api: env.optional("PLATFORM_API_ORIGIN", PlatformApi::parse),
        })
    }
}

fn limits(env: &mut Environment) -> Option<Limits> {
    let standing_per_user = env.parsed("WEBHOOKS_PER_USER", str::parse);
    let ad_hoc_per_run = env.parsed("AD_HOC_WEBHOOKS_PER_RUN", str::parse);
    Some(Limits {
        standing_per_user: standing_per_user?,
        ad_hoc_per_run: ad_hoc_per_run?,
    })
}

fn rates(env: &mut Environment) -> Option<Rates> {
    let mut per_minute = |name| env.parsed(name, str::parse);
    let tests = per_minute("TESTS_PER_MINUTE");
    let redeliveries = per_minute("REDELIVERY_REQUESTS_PER_MINUTE");
    let changes = per_minute("WEBHOOK_CHANGES_PER_MINUTE");
    let heavy_reads = per_minute("HEAVY_READS_PER_MINUTE");
    Some(Rates {
        tests: tests?,
        redeliveries: redeliveries?,
        changes: changes?,
        heavy_reads: heavy_reads?,
    })
}

/// Without keys, no issuer and no audience is looked for.
fn platform_tokens(env: &mut Environment) -> Option<Option<PlatformTokens>> {
    let keys = env.optional_unshown("TOKEN_KEYS", TokenKeys::parse)?;
    if keys.is_empty() {
        return Some(None);
    }
    let (issuer, audience) = (env.text("TOKEN_ISSUER"), env.text("TOKEN_AUDIENCE"));
    Some(PlatformTokens::new(keys, issuer?, audience?))
}
