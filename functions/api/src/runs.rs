//! Runs, as far as their events matter to webhooks.

mod view;
mod webhook_matches;

pub(crate) use webhook_matches::webhook_matches;
