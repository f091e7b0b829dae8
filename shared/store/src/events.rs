//! Events, kept whole and in pieces, and what became of what they brought.

pub(crate) mod compression;
pub(crate) mod creation;
pub(crate) mod heads;
pub(crate) mod kept;
pub(crate) mod rejected;
pub(crate) mod run_history;
