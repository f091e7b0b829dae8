//! The only user of DynamoDB. Two tables, no index; a method is what a caller wants done, not what DynamoDB can do.
//!
//! | table | item | pk | sk |
//! |---|---|---|---|
//! | webhooks | standing webhook | `U#<user>` | `W#<webhook>` |
//! | webhooks | ad hoc webhook | `U#<user>#R#<run>` | `W#<webhook>` |
//! | webhooks | ad hoc pointer, from a webhook's id to its run | `U#<user>` | `A#<webhook>` |
//! | webhooks | match document of an actor, task or run | `U#<user>#A#<actor>`, `#T#<task>`, `#R#<run>` | `M` |
//! | webhooks | entry in lists of a standing, a deleted, an ad hoc webhook | `U#<user>#L` | `B#`, `D#`, `O#<time>#<webhook>` |
//! | webhooks | mark that a user's entries are complete | the same | `!` |
//! | webhooks | idempotency key | `U#<user>` | `K#<key>` |
//! | webhooks | API token, to its user and what it allows | `T#<sha256 of token>` | `T` |
//! | webhooks | API token, in its user's list | `U#<user>` | `T#<sha256 of token>` |
//! | webhooks | how often a user has asked for something within a minute | `U#<user>#Y` | `<kind>#<minute>` |
//! | dispatches | kept event of a run or build | `U#<user>#R#<run>`, `#B#<build>` | `E#<time>#<hash>` |
//! | dispatches | further piece of a large event | the same | `P#<time>#<hash>#<piece>` |
//! | dispatches | why ad hoc definitions of an event came to nothing | the same | `X#<time>#<hash>` |
//! | dispatches | dispatch of a standing webhook | `U#<user>#W#<webhook>` | `D#<time>#<hash>` |
//! | dispatches | dispatch of a busy standing webhook, under a further key | `U#<user>#W#<webhook>#<key>` | `D#<time>#<hash>` |
//! | dispatches | counters of a webhook | `U#<user>#W#<webhook>` | `N` |
//! | dispatches | dispatch of an ad hoc webhook | `U#<user>#adhoc#<shard>` | `D#<time>#<hash>` |
//! | dispatches | health of an endpoint | `U#<user>#H#<host>` | `H` |
//! | dispatches | redelivery job | `U#<user>#W#<webhook>` | `J#<job>` |
//! | dispatches | mark of a job that runs | `J` | `<user>#<webhook>` |
//! | dispatches | notice that a webhook's owner can read | `U#<user>#W#<webhook>` | `V#<time>#<notice>` |
//! | dispatches | notice that was not sent yet | `N#<shard>` | `N#<time>#<notice>` |
//! | dispatches | dispatch that was exhausted, until a notice tells of it | `X#<shard>` | `X#<minute>#<user>#<webhook>#<dispatch>#<attempt>` |
//! | dispatches | parked retry | `Q#<minute>#<shard>` | `<dispatch>#<attempt>` |
//! | dispatches | cursor of the sweeper | `Q` | `C` |
//!
//! Times in keys are milliseconds in 13 digits; the creation of a run or build has 13 zeros, so
//! that there is one. Every item that is not meant to stay has `ttl`, in seconds.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use aws_config::SdkConfig;
use aws_sdk_dynamodb::Client;

mod dispatches;
mod error;
mod events;
mod health;
mod jobs;
mod notices;
mod parked;
mod rates;
mod table;
mod tokens;
mod webhooks;

pub use dispatches::claim::{Claim, Claims, Firing};
pub use dispatches::counts::Counts;
pub use dispatches::failed::Part;
pub use dispatches::lease::Leased;
pub use dispatches::list::DispatchPage;
pub use dispatches::load::{Load, Loaded, PackedEvent};
pub use dispatches::page::{LARGEST_PAGE, Page};
pub use dispatches::record::{Attempt, Recorded};
pub use dispatches::redelivery::Revived;
pub use dispatches::search::{FoundDispatches, MOST_LOOKED_AT, Search};
pub use error::StoreError;
pub use events::kept::Kept;
pub use events::run_history::RunHistory;
pub use health::allowance::Healths;
pub use health::{Failure, Noted, Success};
pub use jobs::{Moved, Started};
pub use parked::ParkedRetry;
pub use tokens::{Holder, Token};
pub use webhooks::activity::Activity;
pub use webhooks::change::Replaced;
pub use webhooks::create::{Created, Limits};
pub use webhooks::list::WebhookPage;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
/// How long what belongs to one run is kept: longer than any queue remembers, so that no message finds it gone and begins anew.
const RUN_DOCUMENTS: Duration = Duration::from_secs(90 * DAY.as_secs());
/// How long a deleted webhook's record is kept at least: longer than its dispatches may wait.
const TOMBSTONES: Duration = Duration::from_secs(30 * DAY.as_secs());

/// The two tables.
#[derive(Clone, Debug)]
pub struct Store {
    client: Client,
    tables: Tables,
    /// Whether this process has seen to it that parked retries are swept.
    sweeping_has_begun: Arc<AtomicBool>,
}

/// Names of the tables.
#[derive(Clone, Debug)]
pub struct Tables {
    /// Webhooks, match documents, tokens.
    pub webhooks: String,
    /// Kept events and dispatches.
    pub dispatches: String,
}

impl Tables {
    /// Both, if both are known.
    pub fn both(webhooks: Option<String>, dispatches: Option<String>) -> Option<Self> {
        Some(Self {
            webhooks: webhooks?,
            dispatches: dispatches?,
        })
    }
}

impl Store {
    /// The tables of these names.
    pub fn new(config: &SdkConfig, tables: Tables) -> Self {
        Self {
            client: Client::new(config),
            tables,
            sweeping_has_begun: Arc::default(),
        }
    }
}
