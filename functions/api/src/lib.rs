//! `api`: webhooks and their dispatches over HTTP, as Apify's API v2 has them, so that Apify's own
//! clients work unchanged.
//!
//! The way of a request:
//!
//! 1. `event` reads what Lambda hands over; `cors` answers a browser that asks first;
//!    `method_override` may give it another method, `from_delivery` refuses it if it is a delivery
//!    that asks for a change, and `routes` finds the endpoint;
//! 2. `caller` finds the user whose token it brings, be it one of ours or one that the platform has
//!    signed (`platform_tokens`): everything after that is asked in this user's name, as far as the
//!    token allows what the route needs;
//! 3. `path_id`, `paging` and `body` read what is asked, and refuse what they cannot read;
//! 4. the endpoint, in `webhooks`, `dispatches` or `runs`, has it counted, where it costs more than
//!    it looks (`rates`), and asks the store;
//! 5. `answer` and `error` put the result into its envelope.
//!
//! `console` shows the same to people: pages, which ask the store as the endpoints do.
//! `description` is the same in the words of OpenAPI, for programs. `jwks` has the public keys of the
//! credentials that deliveries to the platform's own API carry.

mod answer;
mod body;
mod caller;
mod config;
mod console;
mod cors;
mod description;
mod dispatches;
mod enqueue;
mod envelope;
mod error;
mod event;
mod from_delivery;
mod jwks;
mod list;
mod method_override;
mod paging;
mod path_id;
mod platform_tokens;
mod query;
mod range;
mod rates;
mod routes;
mod runs;
#[cfg(test)]
mod samples;
mod webhooks;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use domain::platform_api::PlatformApi;
use domain::target::Targets;
use queue::{DeliveryQueue, EventQueue};
use runtime::aws::SdkConfig;
use secrets::Keys;
use store::{Limits, Store};

use console::ContentPolicy;

pub use config::Config;
pub use event::Event;
pub use platform_tokens::PlatformTokens;
pub use rates::Rates;

/// The function, with everything that it needs. Made once per process.
#[derive(Clone, Debug)]
pub struct Api {
    store: Store,
    events: EventQueue,
    deliveries: DeliveryQueue,
    keys: Arc<Keys>,
    limits: Limits,
    rates: Rates,
    record: Duration,
    targets: Targets,
    console_policy: ContentPolicy,
    platform_tokens: Option<Arc<PlatformTokens>>,
    platform_api: Option<Arc<PlatformApi>>,
}

impl Api {
    /// Prepares the function; makes no call.
    pub fn new(aws: &SdkConfig, config: Config) -> Self {
        Self {
            store: Store::new(aws, config.tables),
            events: EventQueue::new(aws, config.event_queue_url),
            deliveries: DeliveryQueue::new(aws, config.delivery_queue_url),
            keys: Arc::new(Keys::new(aws, config.master_key_arn)),
            limits: config.limits,
            rates: config.rates,
            record: config.record,
            targets: config.targets,
            console_policy: ContentPolicy::of(&config.console_origins),
            platform_tokens: config.platform_tokens.map(Arc::new),
            platform_api: config.platform_api.map(Arc::new),
        }
    }

    /// Answers HTTP requests.
    pub fn router(self) -> Router {
        routes::router(self)
    }
}
