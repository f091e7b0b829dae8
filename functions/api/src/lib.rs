//! `api`: webhooks and their dispatches over HTTP, as Apify's API v2 has them (contract §1), so that Apify's own clients work unchanged.
//!
//! The way of a request:
//!
//! 1. `routes` finds the endpoint;
//! 2. `caller` finds the user whose token it brings: everything after that is asked in this user's name;
//! 3. `path_id`, `paging` and `body` read what is asked, and refuse what they cannot read;
//! 4. the endpoint, in `webhooks` or `dispatches`, asks the store;
//! 5. `answer` and `error` put the result into its envelope.

mod answer;
mod body;
mod caller;
mod config;
mod dispatches;
mod error;
mod list;
mod paging;
mod path_id;
mod query;
mod routes;
mod webhooks;

use axum::Router;
use runtime::aws::SdkConfig;
use store::Store;

pub use config::Config;

/// The function, with everything that it needs. Made once per process.
#[derive(Clone, Debug)]
pub struct Api {
    store: Store,
    webhooks_per_user: usize,
}

impl Api {
    /// Prepares the function; makes no call.
    pub fn new(aws: &SdkConfig, config: Config) -> Self {
        Self {
            store: Store::new(aws, config.tables),
            webhooks_per_user: config.webhooks_per_user,
        }
    }

    /// Answers HTTP requests.
    pub fn router(self) -> Router {
        routes::router(self)
    }
}
