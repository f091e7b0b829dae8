//! A webhook that an event has triggered: its record, its name, and doing it once more.

pub mod counted;
pub mod dispatch;
pub mod dispatch_filter;
pub mod dispatch_id;
pub mod redelivery;
pub mod redelivery_job;
pub mod spread;
