//! What the store promises, kept against a real DynamoDB-compatible database: real SDK, real HTTP, the template's own tables.
#![expect(
    clippy::unwrap_used,
    reason = "the helpers of a test may fail as it may"
)]

mod ad_hoc;
mod attempts;
mod claims;
mod dispatches;
mod events;
mod front;
mod loading;
mod matching;
mod removal;
mod samples;
mod stage;
mod tenants;
mod tokens;
mod trouble;
mod webhooks;
