//! The options of every command that starts a platform.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, value_parser};
use ipnet::IpNet;

use crate::faults::{Faults, Plan};
use crate::options::Options;

/// How to start a platform.
#[derive(Args)]
pub struct PlatformArguments {
    /// The first of six ports in a row: API, DynamoDB, SQS, Lambda, Secrets Manager, the rest of
    /// AWS; 0 takes any that are free [default: 4400]
    #[arg(long, value_name = "PORT")]
    port_base: Option<u16>,

    /// A template parameter, as in `sam deploy --parameter-overrides`; may be repeated
    #[arg(long = "parameter", value_name = "NAME=VALUE", value_parser = parse_parameter)]
    parameters: Vec<(String, String)>,

    /// Use the DynamoDB at this address, such as http://127.0.0.1:4566 [default: an embedded one]
    #[arg(long, value_name = "URL")]
    dynamodb: Option<String>,

    /// Use the SQS at this address [default: an embedded one]
    #[arg(long, value_name = "URL")]
    sqs: Option<String>,

    /// Keep tables and queues in this directory across restarts [default: in memory]
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,

    /// Run every schedule this often, such as 1s
    #[arg(long, value_name = "DURATION", value_parser = parse_duration)]
    tick: Option<Duration>,

    /// A network that deliveries may reach although it is not public, such as 10.0.0.0/8; may be
    /// repeated. `none` is no such network, as in AWS [default: 127.0.0.0/8 and ::1/128]
    #[arg(long = "allow-target", value_name = "CIDR|none", value_parser = parse_target)]
    allowed_targets: Vec<AllowedTarget>,

    /// How many invocations the account may run at once, as its Lambda quota says; what does not
    /// fit is throttled. A new account has 10
    #[arg(long, value_name = "COUNT", default_value = "1000", value_parser = value_parser!(u32).range(1..))]
    account_concurrency: u32,

    /// Throttle what is more than a new table of DynamoDB, or one of its partition keys, takes in a
    /// second
    #[arg(long)]
    limit_throughput: bool,

    /// Let whoever wants to move the clock of queues and functions on: a POST to RUNHOOKS_CLOCK_URL
    #[arg(long)]
    clock_moves: bool,

    /// What goes wrong on purpose: all, none, or names with commas between them
    #[arg(long, value_name = "FAULTS", default_value = "none")]
    faults: Faults,

    /// What the faults are chosen by
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    seed: u64,

    /// How many times as likely as usual each fault is
    #[arg(long, value_name = "NUMBER", default_value_t = 1.0)]
    fault_factor: f64,

    /// The only function whose calls meet faults [default: every function's do]
    #[arg(long, value_name = "NAME")]
    fault_function: Option<String>,

    /// Build the functions for speed
    #[arg(long)]
    release: bool,

    /// Run this program as a function, instead of building it; may be repeated
    #[arg(long = "function", value_name = "NAME=PROGRAM", value_parser = parse_function)]
    functions: Vec<(String, PathBuf)>,
}

/// A network, or the word for none.
#[derive(Clone, Debug, PartialEq, Eq)]
struct AllowedTarget(Option<IpNet>);

impl From<PlatformArguments> for Options {
    fn from(arguments: PlatformArguments) -> Self {
        let default = Options::default();
        let allowed = arguments.allowed_targets;
        Options {
            parameters: arguments.parameters.into_iter().collect(),
            port_base: arguments.port_base,
            dynamodb: arguments.dynamodb,
            sqs: arguments.sqs,
            data: arguments.data,
            tick: arguments.tick,
            clock_moves: arguments.clock_moves,
            faults: (arguments.faults != Faults::default()).then_some(Plan {
                seed: arguments.seed,
                faults: arguments.faults,
                factor: arguments.fault_factor,
                function: arguments.fault_function,
            }),
            allowed_targets: match allowed.is_empty() {
                true => default.allowed_targets,
                false => allowed.into_iter().filter_map(|target| target.0).collect(),
            },
            limits_throughput: arguments.limit_throughput,
            account_concurrency: arguments.account_concurrency,
            release: arguments.release,
            executables: arguments.functions.into_iter().collect(),
            ..default
        }
    }
}

fn parse_parameter(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("there is no = in it")?;
    Ok((name.to_owned(), value.to_owned()))
}

fn parse_function(text: &str) -> Result<(String, PathBuf), String> {
    let (name, program) = text.split_once('=').ok_or("there is no = in it")?;
    Ok((name.to_owned(), program.into()))
}

fn parse_target(text: &str) -> Result<AllowedTarget, String> {
    if text == "none" {
        return Ok(AllowedTarget(None));
    }
    let network = text.parse().map(|network| AllowedTarget(Some(network)));
    network.map_err(|_| "it is no network such as 10.0.0.0/8".to_owned())
}

fn parse_duration(text: &str) -> Result<Duration, String> {
    let digits = text.trim_end_matches(|letter: char| letter.is_ascii_alphabetic());
    let count: u32 = digits
        .parse()
        .map_err(|_| "it is not a whole number and a unit")?;
    let unit = match &text[digits.len()..] {
        "ms" => Duration::from_millis(1),
        "s" => Duration::from_secs(1),
        "m" => Duration::from_secs(60),
        _ => return Err("its unit is none of ms, s, m".to_owned()),
    };
    match count {
        0 => Err("it is no time at all".to_owned()),
        count => Ok(unit * count),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_a_unit() {
        assert_eq!(parse_duration("250ms"), Ok(Duration::from_millis(250)));
        assert_eq!(parse_duration("1s"), Ok(Duration::from_secs(1)));
        assert_eq!(parse_duration("2m"), Ok(Duration::from_secs(120)));
        for bad in ["", "1", "s", "1h", "-1s", "0s", "1.5s"] {
            assert!(parse_duration(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_parameter_may_have_any_value() {
        assert_eq!(parse_parameter("A=1,2=3"), Ok(("A".into(), "1,2=3".into())));
        assert!(parse_parameter("A").is_err());
    }

    #[test]
    fn targets_that_are_given_replace_loopback() {
        #[derive(clap::Parser)]
        struct Command {
            #[command(flatten)]
            platform: PlatformArguments,
        }
        for (arguments, expected) in [
            ("", "127.0.0.0/8 ::1/128"),
            ("--allow-target none", ""),
            (
                "--allow-target 10.0.0.0/8 --allow-target fd00::/8",
                "10.0.0.0/8 fd00::/8",
            ),
        ] {
            let arguments = ["local"].into_iter().chain(arguments.split_whitespace());
            let command = <Command as clap::Parser>::parse_from(arguments);
            let allowed = Options::from(command.platform).allowed_targets;
            let allowed: Vec<_> = allowed.iter().map(ToString::to_string).collect();
            assert_eq!(allowed.join(" "), expected);
        }
    }

    #[test]
    fn a_target_is_a_network_or_none() {
        let network = parse_target("10.0.0.0/8").unwrap();
        assert_eq!(network, AllowedTarget(Some("10.0.0.0/8".parse().unwrap())));
        assert_eq!(parse_target("none"), Ok(AllowedTarget(None)));
        for bad in ["", "10.0.0.1", "localhost", "10.0.0.0/33", "all"] {
            assert!(parse_target(bad).is_err(), "{bad}");
        }
    }
}
