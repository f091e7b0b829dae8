//! `cargo smoke`: proof on a real stack. It is an outsider: it has the credentials of an operator
//! and the tokens of two users, and knows what the documentation promises.
//!
//! 1. CloudFormation shows the `stack`; what is parked and which alarms are on is noted before
//!    (`watch`).
//! 2. Two `user`s get tokens, and a `receiver` is set up. Whatever is made is noted in `made`, and
//!    removed however it ends.
//! 3. The `steps`: events go in as the job `platform` sends them, and receivers accept, fail and
//!    hang as the path of their URL says.
//! 4. The `ledger` holds what should have happened against what arrived and what is on record;
//!    every `signature` is verified.
//! 5. What must be quiet is looked at again, and the `figures` are read from the logs.
//!
//! The same command runs against AWS, against `cargo local` and against an emulator: where the
//! stack is on this machine, the receiver is a server in this process, and where a `cargo local`
//! has a `clock` that moves, nobody waits for a retry.

mod account;
mod arrivals;
mod clock;
pub mod command;
mod cost;
mod course;
mod figures;
mod ledger;
mod made;
mod manner;
mod platform;
mod proof;
mod receiver;
mod record;
mod refusal;
mod report;
mod signature;
mod stack;
mod steps;
mod user;
mod watch;
mod web;
