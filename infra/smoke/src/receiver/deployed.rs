//! A receiver in AWS: `infra/smoke.yaml`, a function that puts what arrives on a queue, from which
//! it is read here.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use aws_sdk_cloudformation::error::ProvideErrorMetadata;
use aws_sdk_cloudformation::types::{Capability, OnFailure, Stack};
use reqwest::Method;
use serde::Deserialize;
use time::OffsetDateTime;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep};
use url::Url;

use super::reader::Reader;
use crate::account::{Account, failed};
use crate::arrivals::Arrivals;
use crate::refusal::refusal;
use crate::stack::address_of;
use crate::web;

/// What is deployed.
const TEMPLATE: &str = include_str!("../../../smoke.yaml");

/// Longer than CloudFormation takes for so little, both ways.
const PATIENCE: Duration = Duration::from_secs(300);

/// How long to wait between two looks.
const LOOK: Duration = Duration::from_secs(2);

/// How long a new function URL may take until it answers.
const OPENING: Duration = Duration::from_secs(60);

/// How often the receiver's clock is read: the quickest answer is the best.
const READINGS: usize = 5;

/// A function, its queue, and the stack that they are in.
pub(crate) struct Deployed {
    pub(super) url: String,
    pub(super) arrivals: Arc<Arrivals>,
    reader: JoinHandle<()>,
}

/// What the function says of its clock.
#[derive(Deserialize)]
struct Now {
    now: i64,
}

/// The name of the receiver's stack.
pub(crate) fn stack_name(stack: &str, tag: &str) -> String {
    format!("{stack}-smoke-{tag}")
}

impl Deployed {
    /// Creates the stack of this name, and waits until the function answers.
    pub(crate) async fn deploy(
        account: &Account,
        name: &str,
        tag: &str,
        function_urls: Option<&Url>,
        http: &reqwest::Client,
    ) -> Result<Self> {
        let id = create(account, name).await?;
        let stack = up(account, &id).await?;
        let output = |key: &str| {
            let outputs = stack.outputs().iter();
            let mut outputs = outputs.filter(|output| output.output_key() == Some(key));
            let value = outputs.next().and_then(|output| output.output_value());
            value.with_context(|| format!("the receiver's stack has no output {key}"))
        };
        let url = address_of(output("Url")?, function_urls)?;
        let ahead = clock_of(http, &url).await?;
        let arrivals = Arc::new(Arrivals::of(tag));
        let reader = Reader {
            sqs: account.sqs.clone(),
            queue: output("QueueUrl")?.to_owned(),
            arrivals: Arc::clone(&arrivals),
            ahead,
            seen: HashSet::new(),
        };
        reader.ensure_allowed().await?;
        Ok(Deployed {
            url: url.trim_end_matches('/').to_owned(),
            arrivals,
            reader: tokio::spawn(reader.run()),
        })
    }
}

impl Drop for Deployed {
    fn drop(&mut self) {
        self.reader.abort();
    }
}

async fn create(account: &Account, name: &str) -> Result<String> {
    let created = account
        .cloudformation
        .create_stack()
        .stack_name(name)
        .template_body(TEMPLATE)
        .capabilities(Capability::CapabilityIam)
        .on_failure(OnFailure::Delete)
        .send()
        .await;
    let created = created.map_err(|error| {
        let message = error.message().unwrap_or_default();
        // There is no code of its own for that.
        match message.contains("AWS::Lambda::Url") {
            true => refusal(format!(
                "{} has no function URLs: name a receiver of yours with --receiver",
                account.region
            )),
            false => failed("cloudformation:CreateStack", error),
        }
    })?;
    created.stack_id.context("a new stack has no id")
}

/// Waits until the stack is up.
async fn up(account: &Account, id: &str) -> Result<Stack> {
    let begin = Instant::now();
    while begin.elapsed() < PATIENCE {
        let stack = described(account, id)
            .await?
            .context("the receiver's stack is gone")?;
        match status(&stack) {
            "CREATE_COMPLETE" => return Ok(stack),
            "CREATE_IN_PROGRESS" => sleep(LOOK).await,
            _ => return Err(why_not(account, id).await),
        }
    }
    bail!(
        "the receiver's stack was not up after {} s",
        PATIENCE.as_secs()
    )
}

/// The first thing that went wrong with a stack.
async fn why_not(account: &Account, id: &str) -> anyhow::Error {
    let events = account.cloudformation.describe_stack_events();
    let events = events.stack_name(id).into_paginator().items().send();
    let events = match events.collect::<Result<Vec<_>, _>>().await {
        Ok(events) => events,
        Err(error) => return failed("cloudformation:DescribeStackEvents", error),
    };
    // The last comes first.
    let mut failures = events.iter().rev().filter(|event| {
        let status = event.resource_status().map(|status| status.as_str());
        status == Some("CREATE_FAILED")
    });
    let (resource, why) = match failures.next() {
        Some(event) => (event.logical_resource_id(), event.resource_status_reason()),
        None => (None, None),
    };
    let (resource, why) = (
        resource.unwrap_or("something"),
        why.unwrap_or("no reason is given"),
    );
    refusal(format!(
        "the receiver could not be deployed: {resource}: {why}; mend that, or name a receiver of yours with --receiver"
    ))
}

async fn described(account: &Account, name: &str) -> Result<Option<Stack>> {
    let described = account.cloudformation.describe_stacks().stack_name(name);
    match described.send().await {
        Ok(described) => Ok(described.stacks.unwrap_or_default().pop()),
        // It is not there.
        Err(error) if error.code() == Some("ValidationError") => Ok(None),
        Err(error) => Err(failed("cloudformation:DescribeStacks", error)),
    }
}

fn status(stack: &Stack) -> &str {
    let status = stack.stack_status().map(|status| status.as_str());
    status.unwrap_or_default()
}

/// Deletes the stack of this name, and waits until it is gone.
pub(crate) async fn remove(account: &Account, name: &str) -> Result<()> {
    // By its id it can be seen when it is gone; a stack of which nothing is known never came to be.
    let Some(stack) = described(account, name).await? else {
        return Ok(());
    };
    let id = stack.stack_id().unwrap_or(name);
    let deleted = account.cloudformation.delete_stack().stack_name(id).send();
    deleted
        .await
        .map_err(|error| failed("cloudformation:DeleteStack", error))?;
    let begin = Instant::now();
    while begin.elapsed() < PATIENCE {
        let stack = described(account, id).await?;
        match stack.as_ref().map(status) {
            None | Some("DELETE_COMPLETE") => return Ok(()),
            Some("DELETE_FAILED") => bail!("the stack {name} cannot be deleted"),
            Some(_) => sleep(LOOK).await,
        }
    }
    bail!(
        "the stack {name} is not gone after {} s",
        PATIENCE.as_secs()
    )
}

/// How far the receiver's clock is ahead of this machine's, in milliseconds, as soon as it answers.
async fn clock_of(http: &reqwest::Client, url: &str) -> Result<i64> {
    let begin = Instant::now();
    let mut readings = Vec::new();
    while readings.len() < READINGS {
        let sent = OffsetDateTime::now_utc();
        let answer = web::ask(http, Method::GET, url, None, None).await;
        let took = OffsetDateTime::now_utc() - sent;
        let now: Option<Now> = answer
            .ok()
            .filter(web::Answer::is_success)
            .and_then(|answer| serde_json::from_value(answer.body).ok());
        match now {
            Some(Now { now }) => readings.push((took, now - millis(sent + took / 2))),
            None if begin.elapsed() > OPENING => {
                return Err(refusal(format!(
                    "the receiver at {url} cannot be reached from here: see whether a proxy or a firewall is in the way, or name one of yours with --receiver"
                )));
            }
            None => sleep(LOOK).await,
        }
    }
    let quickest = readings.into_iter().min_by_key(|(took, _)| *took);
    Ok(quickest.map_or(0, |(_, ahead)| ahead))
}

fn millis(at: OffsetDateTime) -> i64 {
    i64::try_from(at.unix_timestamp_nanos() / 1_000_000).unwrap_or_default()
}
