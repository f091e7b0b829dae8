//! One machine that plays AWS: reads `infra/template.yaml` and runs it on loopback.
//!
//! [`Platform::start`](platform::Platform::start) does it all: tables in an embedded DynamoDB, queues in an SQS of our own, the real
//! function binaries as processes under a Lambda host of our own, mappings that carry messages to them, a URL, schedules. It imports
//! none of our other crates: a double that shared our code would share our bugs.
//!
//! It can have bad days ([`faults`]), which `cargo local soak` makes use of: a load, and a ledger of what became of it.

pub mod access;
mod api_client;
pub mod aws;
mod bench;
pub mod binaries;
mod body;
mod clock;
pub mod cloudwatch;
pub mod command;
mod control_plane;
mod demo;
mod dynamodb;
mod elsewhere;
pub mod endpoints;
pub mod env_file;
pub mod faults;
mod function_url;
pub mod gateway;
pub mod iam;
pub mod lambda;
mod mapping;
pub mod options;
pub mod platform;
mod ports;
mod queues;
mod schedule;
mod secrets_manager;
mod soak;
pub mod sqs;
mod stand_in;
mod tasks;
pub mod template;
mod token;
mod wire;
