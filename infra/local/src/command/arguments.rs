//! The options of every command that starts a platform.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use crate::options::Options;

/// How to start a platform.
#[derive(Args)]
pub(super) struct PlatformArguments {
    /// The first of four ports in a row: API, DynamoDB, SQS, Lambda; 0 takes any that are free [default: 4400]
    #[arg(long, value_name = "PORT")]
    port_base: Option<u16>,

    /// A template parameter, as in `sam deploy --parameter-overrides`; may be repeated
    #[arg(long = "parameter", value_name = "NAME=VALUE", value_parser = parse_parameter)]
    parameters: Vec<(String, String)>,

    /// Keep tables and queues in this directory across restarts [default: in memory]
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,

    /// Run every schedule this often, such as 1s
    #[arg(long, value_name = "DURATION", value_parser = parse_duration)]
    tick: Option<Duration>,

    /// Build the functions for speed
    #[arg(long)]
    release: bool,
}

impl From<PlatformArguments> for Options {
    fn from(arguments: PlatformArguments) -> Self {
        Options {
            parameters: arguments.parameters.into_iter().collect(),
            port_base: arguments.port_base,
            data: arguments.data,
            tick: arguments.tick,
            release: arguments.release,
            ..Options::default()
        }
    }
}

fn parse_parameter(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("there is no = in it")?;
    Ok((name.to_owned(), value.to_owned()))
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
}
