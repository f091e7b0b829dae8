//! The queue service, as a real SDK sees it: what a client may count on, and what it is refused.

#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "the helpers of a test may fail as it may"
)]

mod age;
mod attributes;
mod batches;
mod dead_letters;
mod limits;
mod move_tasks;
mod queues;
mod receiving;
mod restart;
mod sending;
mod served;
mod time;
mod visibility;
