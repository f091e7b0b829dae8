//! The table as everything else uses it: keys, items, and many of them in few calls.

pub(crate) mod attribute;
pub(crate) mod batch;
pub(crate) mod collision;
pub(crate) mod conditional;
pub(crate) mod key;
pub(crate) mod query;
pub(crate) mod statement;
pub(crate) mod transaction;
