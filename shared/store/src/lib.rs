//! The only user of DynamoDB. Two tables, no index; a method is what a caller wants done, not what DynamoDB can do.
//!
//! | table | item | pk | sk |
//! |---|---|---|---|
//! | webhooks | standing webhook | `U#<user>` | `W#<webhook>` |
//! | webhooks | ad hoc webhook | `U#<user>#R#<run>` | `W#<webhook>` |
//! | webhooks | ad hoc pointer, from a webhook's id to its run | `U#<user>` | `A#<webhook>` |
//! | webhooks | match document of an actor, task or run | `U#<user>#A#<actor>`, `#T#<task>`, `#R#<run>` | `M` |
//! | webhooks | idempotency key | `U#<user>` | `K#<key>` |
//! | webhooks | API token | `T#<sha256 of token>` | `T` |
//! | dispatches | kept event of a run or build | `U#<user>#R#<run>`, `#B#<build>` | `E#<time>#<hash>` |
//! | dispatches | further piece of a large event | the same | `P#<time>#<hash>#<piece>` |
//! | dispatches | dispatch of a standing webhook | `U#<user>#W#<webhook>` | `D#<time>#<hash>` |
//! | dispatches | dispatch of an ad hoc webhook | `U#<user>#adhoc#<shard>` | `D#<time>#<hash>` |
//!
//! Times in keys are milliseconds in 13 digits. Every item that is not meant to stay has `ttl`, in seconds.

use std::time::Duration;

use aws_config::SdkConfig;
use aws_sdk_dynamodb::Client;

mod attribute;
mod batch;
mod claim;
mod collision;
mod compression;
mod delivering;
mod dispatch_item;
mod dispatches;
mod error;
mod kept_event;
mod key;
mod match_document;
mod register;
mod tokens;
mod transaction;
mod webhook_item;
mod webhooks;

pub use claim::{Claim, Firing};
pub use delivering::{Load, Recorded};
pub use dispatches::{DispatchPage, Page};
pub use error::StoreError;
pub use webhooks::Created;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
/// How long what belongs to one run is kept: longer than any queue remembers, so that no message finds it gone and begins anew.
const RUN_DOCUMENTS: Duration = Duration::from_secs(90 * DAY.as_secs());
/// How long a deleted webhook's record is kept: as long as its dispatches may wait, and more.
const TOMBSTONES: Duration = Duration::from_secs(30 * DAY.as_secs());

/// The two tables.
#[derive(Clone, Debug)]
pub struct Store {
    client: Client,
    tables: Tables,
}

/// Names of the tables.
#[derive(Clone, Debug)]
pub struct Tables {
    /// Webhooks, match documents, tokens.
    pub webhooks: String,
    /// Kept events and dispatches.
    pub dispatches: String,
}

impl Store {
    /// The tables of these names.
    pub fn new(config: &SdkConfig, tables: Tables) -> Self {
        Self {
            client: Client::new(config),
            tables,
        }
    }
}
