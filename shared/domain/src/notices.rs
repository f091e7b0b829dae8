//! What a webhook's owner is told when something has changed.

pub mod notice;
