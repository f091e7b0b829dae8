//! Webhooks: what is defined, what waits for which events, and lists of them.

pub(crate) mod activity;
pub(crate) mod change;
pub(crate) mod create;
pub(crate) mod deleted;
pub(crate) mod entry;
pub(crate) mod failing;
pub(crate) mod idempotency;
pub(crate) mod item;
pub(crate) mod list;
pub(crate) mod match_document;
pub(crate) mod pace;
pub(crate) mod read;
pub(crate) mod register;
pub(crate) mod spread;
