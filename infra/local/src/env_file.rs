//! The files that tell other programs where everything is: `env` for a shell, `lambda.env` for
//! cargo-lambda, `env.json` for the rest.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use crate::aws::REGION;
use crate::platform::Platform;

/// Variables of the host's own: whoever runs a function elsewhere sets these itself.
const OF_THE_HOST: &[&str] = &["AWS_LAMBDA_", "PATH", "_HANDLER"];

/// Writes the files of `platform` into `directory`.
pub fn write(platform: &Platform, directory: &Path) -> Result<()> {
    write_files(platform, directory)
        .with_context(|| format!("cannot write to {}", directory.display()))
}

fn write_files(platform: &Platform, directory: &Path) -> Result<()> {
    fs::create_dir_all(directory)?;
    let variables = variables_of(platform);
    let lines =
        |line: fn((&String, &String)) -> String| variables.iter().map(line).collect::<String>();
    fs::write(directory.join("env"), lines(shell_line))?;
    fs::write(directory.join("lambda.env"), lines(lambda_line))?;
    let json = serde_json::to_string_pretty(platform.endpoints())?;
    fs::write(directory.join("env.json"), format!("{json}\n"))?;
    Ok(())
}

fn variables_of(platform: &Platform) -> BTreeMap<String, String> {
    let mut variables = BTreeMap::new();
    for function in platform.functions() {
        let own = function.environment().iter();
        let own =
            own.filter(|(name, _)| !OF_THE_HOST.iter().any(|prefix| name.starts_with(prefix)));
        variables.extend(own.map(|(name, value)| (name.clone(), value.clone())));
    }
    let endpoints = platform.endpoints();
    let queue = endpoints.event_queue_url.as_deref();
    let control_plane = Some(endpoints.control_plane.as_str());
    let clock = format!("{}/clock", endpoints.control_plane);
    let general = [
        ("AWS_ACCESS_KEY_ID", Some("local")),
        ("AWS_SECRET_ACCESS_KEY", Some("local")),
        ("AWS_REGION", Some(REGION)),
        ("AWS_ENDPOINT_URL_CLOUDFORMATION", control_plane),
        ("AWS_ENDPOINT_URL_CLOUDWATCH", control_plane),
        ("AWS_ENDPOINT_URL_CLOUDWATCH_LOGS", control_plane),
        ("AWS_ENDPOINT_URL_DYNAMODB", Some(&endpoints.dynamodb)),
        (
            "AWS_ENDPOINT_URL_SECRETS_MANAGER",
            Some(&endpoints.secrets_manager),
        ),
        ("AWS_ENDPOINT_URL_SQS", Some(&endpoints.sqs)),
        ("EVENT_QUEUE_URL", queue),
        ("RUNHOOKS_API", Some(&endpoints.api)),
        (
            "RUNHOOKS_CLOCK_URL",
            platform.clock_moves().then_some(&clock),
        ),
        ("RUNHOOKS_TOKEN", Some(&endpoints.token)),
        ("RUNHOOKS_USER_TOKEN", endpoints.user_token.as_deref()),
    ];
    let general = general
        .into_iter()
        .filter_map(|(name, value)| Some((name.to_owned(), value?.to_owned())));
    variables.extend(general);
    variables
}

fn shell_line((name, value): (&String, &String)) -> String {
    // Within single quotes, only a single quote has a meaning.
    format!("export {name}='{}'\n", value.replace('\'', r"'\''"))
}

/// cargo-lambda takes a value as it is, unless it has quotation marks, as JSON has; then it has to
/// stand in single quotes.
fn lambda_line((name, value): (&String, &String)) -> String {
    match value.contains('"') {
        true => format!("{name}='{value}'\n"),
        false => format!("{name}={value}\n"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cargo_lambda_takes_json_in_quotes() {
        for (value, expected) in [("a=b", "A=a=b\n"), (r#"{"a": 1}"#, "A='{\"a\": 1}'\n")] {
            let (name, value) = ("A".to_owned(), value.to_owned());
            assert_eq!(lambda_line((&name, &value)), expected);
        }
    }

    #[test]
    fn a_shell_takes_any_value_as_it_is() {
        let (name, value) = ("A".to_owned(), "it's $HOME, 1 2".to_owned());
        assert_eq!(
            shell_line((&name, &value)),
            "export A='it'\\''s $HOME, 1 2'\n"
        );
    }
}
