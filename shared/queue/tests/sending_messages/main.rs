//! What the senders promise, tested against a queue service: real SDK, real HTTP, the template's
//! own queues.
#![expect(
    clippy::unwrap_used,
    reason = "the helpers of a test may fail as it may"
)]

mod delays;
mod deliveries;
mod events;
mod front;
mod hiding;
mod refusals;
mod rejected;
mod stage;
