//! What `api` is told by its environment. Every variable is in `infra/template.yaml`.

use runtime::environment::{Environment, EnvironmentError};
use store::Tables;

/// The settings of the function.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where everything is kept.
    pub tables: Tables,
    /// How many standing webhooks a user may have.
    pub webhooks_per_user: usize,
}

impl Config {
    /// Reads all variables; the error lists everything that is missing or bad.
    pub fn from_env() -> Result<Self, EnvironmentError> {
        let mut env = Environment::of_process();
        let webhooks = env.text("WEBHOOKS_TABLE");
        let dispatches = env.text("DISPATCHES_TABLE");
        let webhooks_per_user = env.parsed("WEBHOOKS_PER_USER", str::parse);
        let (Some(webhooks), Some(dispatches), Some(webhooks_per_user)) =
            (webhooks, dispatches, webhooks_per_user)
        else {
            return Err(env.error());
        };
        let tables = Tables {
            webhooks,
            dispatches,
        };
        Ok(Self {
            tables,
            webhooks_per_user,
        })
    }
}
