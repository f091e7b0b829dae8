//! The stack, as CloudFormation shows it to whoever may look.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Context, Result};
use aws_sdk_cloudformation::error::ProvideErrorMetadata;
use aws_sdk_cloudformation::types::Stack as Description;
use store::Tables;
use url::{Host, Url};

use crate::account::{Account, failed};
use crate::refusal::refusal;

/// The functions, each with the output that names its log group.
const LOG_GROUPS: [(&str, &str); 4] = [
    ("ingest", "IngestLogGroupName"),
    ("deliver", "DeliverLogGroupName"),
    ("sweep", "SweepLogGroupName"),
    ("api", "ApiLogGroupName"),
];

/// The queues that nothing should be on, each with the output that names it.
const PARKING_PLACES: [(&str, &str); 3] = [
    ("the dead letter queue of events", "EventDeadLetterQueueUrl"),
    (
        "the dead letter queue of deliveries",
        "DeliveryDeadLetterQueueUrl",
    ),
    ("the queue of rejected events", "RejectedQueueUrl"),
];

/// A stack that is up.
pub(crate) struct Stack {
    pub(crate) name: String,
    /// The address of the API, without a slash at its end.
    pub(crate) api: String,
    pub(crate) event_queue: String,
    /// What each queue that must be empty is called, and its URL.
    pub(crate) parking_places: Vec<(&'static str, String)>,
    pub(crate) tables: Tables,
    /// Functions and their log groups.
    pub(crate) log_groups: Vec<(&'static str, String)>,
    /// The names of its alarms.
    pub(crate) alarms: Vec<String>,
    pub(crate) settings: Settings,
}

/// What its parameters make of it.
pub(crate) struct Settings {
    /// The wait before each retry.
    pub(crate) retries: Vec<Duration>,
    pub(crate) request_timeout: Duration,
    pub(crate) is_arm: bool,
    /// The least severe lines of its logs.
    pub(crate) log_level: String,
}

impl Stack {
    /// The stack of this name. `function_urls` is where function URLs answer if not under their own
    /// names.
    pub(crate) async fn find(
        account: &Account,
        name: &str,
        function_urls: Option<&Url>,
    ) -> Result<Self> {
        let description = describe(account, name).await?;
        refuse_unfinished(&description)?;
        let outputs = Outputs::of(name, &description);
        let parameters = parameters_of(&description);
        let settings = Settings::read(name, &parameters)?;
        let named = |(what, key): &(&'static str, &str)| Ok((*what, outputs.get(key)?));
        let api = address_of(&outputs.get("ApiUrl")?, function_urls)?;
        Ok(Stack {
            api: api.trim_end_matches('/').to_owned(),
            event_queue: outputs.get("EventQueueUrl")?,
            parking_places: PARKING_PLACES.iter().map(named).collect::<Result<_>>()?,
            tables: Tables {
                webhooks: outputs.get("WebhooksTableName")?,
                dispatches: outputs.get("DispatchesTableName")?,
            },
            log_groups: LOG_GROUPS.iter().map(named).collect::<Result<_>>()?,
            alarms: alarms_of(account, name).await?,
            settings,
            name: name.to_owned(),
        })
    }

    /// Whether it is played on this machine.
    pub(crate) fn is_here(&self) -> bool {
        let url = Url::parse(&self.api).ok();
        match url.as_ref().and_then(Url::host) {
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
            None => false,
        }
    }
}

async fn describe(account: &Account, name: &str) -> Result<Description> {
    let described = account.cloudformation.describe_stacks().stack_name(name);
    let described = described.send().await.map_err(|error| match error.code() {
        Some("ValidationError") => refusal(format!(
            "there is no stack {name} in {}: say --stack and --region as in sam deploy",
            account.region
        )),
        _ => failed("cloudformation:DescribeStacks", error),
    })?;
    let stack = described.stacks.unwrap_or_default().pop();
    stack.context("cloudformation:DescribeStacks shows no stack")
}

fn refuse_unfinished(stack: &Description) -> Result<()> {
    let status = stack
        .stack_status()
        .map_or("unknown", |status| status.as_str());
    let is_up = status.ends_with("_COMPLETE")
        && !["ROLLBACK_COMPLETE", "DELETE_COMPLETE"].contains(&status);
    match is_up {
        true => Ok(()),
        false => Err(refusal(format!(
            "the stack {} is {status}: wait until it is up, or deploy it again",
            stack.stack_name().unwrap_or_default()
        ))),
    }
}

async fn alarms_of(account: &Account, name: &str) -> Result<Vec<String>> {
    let pages = account.cloudformation.list_stack_resources();
    let resources = pages.stack_name(name).into_paginator().items().send();
    let resources = resources.collect::<Result<Vec<_>, _>>().await;
    let resources =
        resources.map_err(|error| failed("cloudformation:ListStackResources", error))?;
    let alarms = resources
        .into_iter()
        .filter(|resource| resource.resource_type() == Some("AWS::CloudWatch::Alarm"));
    Ok(alarms
        .filter_map(|alarm| alarm.physical_resource_id)
        .collect())
}

/// A stack's outputs.
struct Outputs<'a> {
    stack: &'a str,
    values: BTreeMap<&'a str, &'a str>,
}

impl<'a> Outputs<'a> {
    fn of(stack: &'a str, description: &'a Description) -> Self {
        let outputs = description.outputs().iter();
        let values =
            outputs.filter_map(|output| Some((output.output_key()?, output.output_value()?)));
        Outputs {
            stack,
            values: values.collect(),
        }
    }

    fn get(&self, key: &str) -> Result<String> {
        let value = self.values.get(key).map(|value| (*value).to_owned());
        value.ok_or_else(|| {
            refusal(format!(
                "the stack {} has no output {key}: it is none of Runhooks, or an older one; deploy infra/template.yaml",
                self.stack
            ))
        })
    }
}

fn parameters_of(description: &Description) -> BTreeMap<&str, &str> {
    let parameters = description.parameters().iter();
    parameters
        .filter_map(|parameter| Some((parameter.parameter_key()?, parameter.parameter_value()?)))
        .collect()
}

impl Settings {
    fn read(stack: &str, parameters: &BTreeMap<&str, &str>) -> Result<Self> {
        let get = |name: &str| {
            let value = parameters.get(name).copied();
            value.ok_or_else(|| {
                refusal(format!(
                    "the stack {stack} has no parameter {name}: it is none of Runhooks, or an older one; deploy infra/template.yaml"
                ))
            })
        };
        for switch in ["EventsEnabled", "DeliveriesEnabled"] {
            if get(switch)? == "false" {
                return Err(refusal(format!(
                    "the stack {stack} is switched off: deploy it with {switch}=true"
                )));
            }
        }
        let seconds = |text: &str| {
            let seconds = text.trim().parse().map(Duration::from_secs);
            seconds.with_context(|| format!("{text:?} is no number of seconds"))
        };
        let retries = get("RetryScheduleSeconds")?.split(',').map(seconds);
        Ok(Settings {
            retries: retries.collect::<Result<_>>()?,
            request_timeout: seconds(get("RequestTimeoutSeconds")?)?,
            is_arm: get("Architecture")? == "arm64",
            log_level: get("LogLevel")?.to_owned(),
        })
    }

    /// Whether the logs have Lambda's own lines about each invocation.
    pub(crate) fn has_reports(&self) -> bool {
        !["WARN", "ERROR"].contains(&self.log_level.as_str())
    }

    /// The longest that the first retry may wait.
    pub(crate) fn first_retry(&self) -> Duration {
        let first = self.retries.first().copied().unwrap_or_default();
        first.mul_f64(1.25)
    }
}

/// Where a function URL answers: at its own address, or, where an emulator has them all, below this
/// one by its id.
pub(crate) fn address_of(url: &str, function_urls: Option<&Url>) -> Result<String> {
    let Some(base) = function_urls else {
        return Ok(url.to_owned());
    };
    let parsed = Url::parse(url).with_context(|| format!("{url:?} is no URL"))?;
    let host = parsed.host_str().unwrap_or_default();
    match host.split_once(".lambda-url.") {
        Some((id, _)) => Ok(format!("{}/{id}/", base.as_str().trim_end_matches('/'))),
        None => Ok(url.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_function_url_is_found_below_the_address_of_an_emulator() {
        let url = "https://abc123.lambda-url.us-east-1.on.aws/";
        assert_eq!(address_of(url, None).unwrap(), url);
        let base = Url::parse("http://127.0.0.1:4566/_aws/lambda-url").unwrap();
        let expected = "http://127.0.0.1:4566/_aws/lambda-url/abc123/";
        assert_eq!(address_of(url, Some(&base)).unwrap(), expected);
        let other = "http://127.0.0.1:4400/";
        assert_eq!(address_of(other, Some(&base)).unwrap(), other);
    }

    #[test]
    fn a_stack_that_is_switched_off_is_refused() {
        let mut parameters = BTreeMap::from([
            ("Architecture", "arm64"),
            ("DeliveriesEnabled", "true"),
            ("EventsEnabled", "true"),
            ("LogLevel", "INFO"),
            ("RequestTimeoutSeconds", "120"),
            ("RetryScheduleSeconds", "60,120"),
        ]);
        let settings = Settings::read("s", &parameters).unwrap();
        assert_eq!(settings.first_retry(), Duration::from_secs(75));
        assert!(settings.has_reports() && settings.is_arm);
        parameters.insert("EventsEnabled", "false");
        let refused = Settings::read("s", &parameters).map(drop).unwrap_err();
        assert!(refused.to_string().contains("EventsEnabled=true"));
        parameters.remove("EventsEnabled");
        let refused = Settings::read("s", &parameters).map(drop).unwrap_err();
        assert!(refused.to_string().contains("no parameter EventsEnabled"));
    }
}
