//! What Runhooks promises, shown end to end: real function binaries, real SDKs, real sockets, on the local platform.
//!
//! The files `g1` to `g7` hold the rows of the README's guarantees table. Every test has a platform and a receiver of its own.

#![cfg(test)]

mod api;
mod bad_environment;
mod bad_events;
mod documentation_page;
mod g1_nothing_is_lost;
mod g2_ad_hoc_fires_once;
mod g3_one_dispatch_per_event;
mod g4_one_id_for_all_attempts;
mod g5_a_2xx_status_line_is_final;
mod g6_neighbours_are_unharmed;
mod g7_order_does_not_matter;
mod permissions;
mod receiver;
mod run;
mod stage;
mod templates;
mod tree;
