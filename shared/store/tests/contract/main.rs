//! What the store promises, kept against a real DynamoDB-compatible database: real SDK, real HTTP, the template's own tables.
#![expect(
    clippy::unwrap_used,
    reason = "the helpers of a test may fail as it may"
)]

mod activity;
mod ad_hoc;
mod allowance;
mod attempts;
mod changes;
mod claims;
mod created_ad_hoc;
mod creations;
mod dispatches;
mod events;
mod exhausted;
mod expiry;
mod front;
mod idempotency;
mod jobs;
mod lanes;
mod leases;
mod loading;
mod matching;
mod notices;
mod outages;
mod parked;
mod redelivery;
mod registered_keys;
mod removal;
mod run_history;
mod samples;
mod signing;
mod spread;
mod stage;
mod subject;
mod tenants;
mod test_deliveries;
mod tokens;
mod trouble;
mod users_dispatches;
mod webhook_lists;
mod webhooks;
