//! The Lambda host and what feeds it, with a real program on the real runtime.

#[path = "lambda/fixture.rs"]
mod fixture;
#[path = "lambda/function_url.rs"]
mod function_url;
#[path = "lambda/gateway.rs"]
mod gateway;
#[path = "lambda/host.rs"]
mod host;
#[path = "lambda/http_api.rs"]
mod http_api;
#[path = "lambda/mapping.rs"]
mod mapping;
#[path = "lambda/program.rs"]
mod program;
#[path = "lambda/schedule.rs"]
mod schedule;
#[path = "lambda/stand_in.rs"]
mod stand_in;
