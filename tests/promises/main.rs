//! What Runhooks promises, shown end to end: real function binaries, real SDKs, real sockets, on
//! the local platform.
//!
//! The files that begin with `g` hold the guarantees of the README, row by row. Every test has a
//! platform and a receiver of its own.

#![cfg(test)]

mod ad_hoc_definitions;
mod alarms;
mod api;
mod api_lists;
mod api_manners;
mod api_memory;
mod bad_environment;
mod bad_events;
mod chains;
mod console;
mod console_tokens;
mod definitions;
mod do_not_retry;
mod documentation_page;
mod endpoints;
mod event_types;
mod failures_of_ours;
mod g11_redelivery;
mod g12_signatures;
mod g1_every_retry_is_made;
mod g1_every_trial_is_made;
mod g1_nothing_is_lost;
mod g2_ad_hoc_fires_once;
mod g3_one_dispatch_per_event;
mod g4_one_id_for_all_attempts;
mod g5_a_2xx_status_line_is_final;
mod g6_crowds_cost_little;
mod g6_hostile_receivers;
mod g6_memory;
mod g6_neighbours_are_unharmed;
mod g6_slow_crowds;
mod g6_unknown_endpoints_are_on_trial;
mod g7_ad_hoc_through_the_api;
mod g7_order_does_not_matter;
mod g8_only_public_addresses;
mod g9_users_are_separate;
mod growth;
mod log;
mod logs_keep_secrets;
mod master_key;
mod mortal;
mod notices;
mod notices_are_read;
mod permissions;
mod platform_tokens;
mod reading_dispatches;
mod receiver;
mod resurrected_runs;
mod run;
mod rust_client;
mod searching_dispatches;
mod small_accounts;
mod stage;
mod templates;
mod throttling;
mod tokens;
mod traces;
mod tree;
mod webhook_changes;
mod what_was_sent;
mod why_it_fired;
mod wire;
