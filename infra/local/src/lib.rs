#![doc = include_str!("../README.md")]

pub mod access;
pub mod api_client;
pub mod aws;
pub mod binaries;
mod body;
mod clock;
pub mod cloudwatch;
pub mod command;
mod control_plane;
pub mod demo;
mod dynamodb;
mod elsewhere;
pub mod endpoints;
pub mod env_file;
pub mod faults;
pub mod function_url;
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
mod stand_in;
pub mod tasks;
pub mod template;
pub mod token;
mod user_tokens;
mod wire;

pub use sqs;
