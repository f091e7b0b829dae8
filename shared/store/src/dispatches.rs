//! Dispatches: claiming and loading them, what is recorded of their attempts, and lists of them.

pub(crate) mod claim;
pub(crate) mod counts;
pub(crate) mod exhausted;
pub(crate) mod failed;
pub(crate) mod item;
pub(crate) mod lease;
pub(crate) mod list;
pub(crate) mod load;
pub(crate) mod merge;
pub(crate) mod page;
pub(crate) mod record;
pub(crate) mod redelivery;
pub(crate) mod search;
