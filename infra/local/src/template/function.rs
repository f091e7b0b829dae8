//! `AWS::Serverless::Function`, and what makes it run: queues, a URL, schedules.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

use super::limits;
use super::patience::Patience;
use super::properties::Properties;
use super::queue::name_in;
use super::reference::short_name;
use super::role;
use super::scope::Scope;

/// A function to run.
#[derive(Clone, Debug)]
pub struct Function {
    /// Its package and binary: the last segment of its `CodeUri`.
    pub short_name: String,
    /// Its name in Lambda.
    pub name: String,
    /// The ARN of the role that it assumes.
    pub role: String,
    /// The name of the log group that it writes to.
    pub log_group: String,
    /// Whether its role lets Lambda keep what it writes there.
    pub keeps_log: bool,
    /// How long one invocation may take.
    pub timeout: Duration,
    /// Its memory.
    pub memory_megabytes: u32,
    /// How many invocations may run at once; `None` is no limit of its own.
    pub reserved_concurrency: Option<u32>,
    /// What becomes of events that it does not take.
    pub patience: Patience,
    /// Its own environment variables, and those that say how it logs.
    pub environment: BTreeMap<String, String>,
    /// The least severe of Lambda's own lines that are kept.
    pub system_log_level: String,
    /// The queues that it is fed from.
    pub sources: Vec<QueueSource>,
    /// When it runs by the clock.
    pub schedules: Vec<Schedule>,
    /// Whether it answers HTTP requests at a URL of its own.
    pub has_url: bool,
    /// Whether Lambda lets it send itself messages again and again.
    pub may_loop: bool,
}

/// A queue that feeds a function.
#[derive(Clone, Debug)]
pub struct QueueSource {
    /// The queue's name in SQS.
    pub queue: String,
    /// How many messages one invocation takes at most.
    pub batch_size: u32,
    /// How long to wait for a fuller batch.
    pub batch_window: Duration,
    /// Whether the function says which messages of a batch failed.
    pub reports_failures: bool,
    /// How many invocations may run at once.
    pub maximum_concurrency: Option<u32>,
}

/// A function's hour.
#[derive(Clone, Debug)]
pub struct Schedule {
    /// The name of the event in the template.
    pub name: String,
    /// How often it is due.
    pub every: Duration,
    /// What the function is given instead of the usual event.
    pub input: Option<String>,
}

impl Function {
    pub(super) fn read(scope: &Scope<'_>, id: &str, resource: &Value) -> Result<Self> {
        let globals = scope.document.pointer("/Globals/Function");
        let properties = Properties::of(scope, resource)?.over(globals);
        ensure!(
            properties.value("Policies")?.is_none(),
            "Policies: the local platform plays roles that are written out"
        );
        let name = scope.physical_name(id)?;
        let role = properties.text("Role")?;
        let logging = properties.map("LoggingConfig")?;
        let log_group = logging.text("LogGroup")?;
        let mut function = Function {
            short_name: short_name(id, resource)?,
            role: role.unwrap_or_else(|| role::made_by_sam(id).arn),
            log_group: log_group.unwrap_or_else(|| format!("/aws/lambda/{name}")),
            name,
            keeps_log: true,
            timeout: seconds(properties.whole_number("Timeout")?.unwrap_or(3)),
            memory_megabytes: properties.whole_number("MemorySize")?.unwrap_or(128),
            reserved_concurrency: properties.whole_number("ReservedConcurrentExecutions")?,
            patience: Patience::read(&properties)?,
            environment: environment_of(&properties)?,
            system_log_level: logging
                .text("SystemLogLevel")?
                .unwrap_or_else(|| "INFO".to_owned()),
            sources: Vec::new(),
            schedules: Vec::new(),
            has_url: has_url(&properties)?,
            may_loop: may_loop(&properties)?,
        };
        for (name, event) in properties.map("Events")?.maps()? {
            function
                .add_event(&name, &event)
                .with_context(|| format!("event {name}"))?;
        }
        Ok(function)
    }

    fn add_event(&mut self, name: &str, event: &Properties<'_>) -> Result<()> {
        let properties = event.map("Properties")?;
        match event.text("Type")?.as_deref() {
            Some("SQS") => self.sources.extend(QueueSource::read(&properties)?),
            Some("Schedule") => {
                let schedule = Schedule::read(name, &properties, "Schedule")?;
                self.schedules.extend(schedule);
            }
            Some("ScheduleV2") => {
                let schedule = Schedule::read(name, &properties, "ScheduleExpression")?;
                self.schedules.extend(schedule);
            }
            other => bail!("has the type {other:?}, which the local platform does not play"),
        }
        Ok(())
    }
}

impl QueueSource {
    /// `None` where the mapping is switched off.
    fn read(properties: &Properties<'_>) -> Result<Option<Self>> {
        if properties.flag("Enabled")? == Some(false) {
            return Ok(None);
        }
        for unknown in ["FilterCriteria", "ProvisionedPollerConfig"] {
            let is_there = properties.value(unknown)?.is_some();
            ensure!(!is_there, "the local platform does not play {unknown}");
        }
        let arn = properties.text("Queue")?.context("Queue is missing")?;
        let batch_size = properties.whole_number("BatchSize")?.unwrap_or(10);
        let window = properties.whole_number("MaximumBatchingWindowInSeconds")?;
        let window = window.unwrap_or(0);
        ensure!(
            batch_size <= 10 || window >= 1,
            "a BatchSize of {batch_size} needs a MaximumBatchingWindowInSeconds of at least 1"
        );
        let types = properties
            .value("FunctionResponseTypes")?
            .unwrap_or_default();
        let scaling = properties.map("ScalingConfig")?;
        Ok(Some(QueueSource {
            queue: name_in(&arn),
            batch_size,
            batch_window: seconds(window),
            reports_failures: types.to_string().contains("ReportBatchItemFailures"),
            maximum_concurrency: scaling.whole_number("MaximumConcurrency")?,
        }))
    }
}

impl Schedule {
    /// `None` where the schedule is switched off.
    fn read(name: &str, properties: &Properties<'_>, expression: &str) -> Result<Option<Self>> {
        let disabled = properties.text("State")?.as_deref() == Some("DISABLED");
        if disabled || properties.flag("Enabled")? == Some(false) {
            return Ok(None);
        }
        let rate = properties.text(expression)?;
        let rate = rate.with_context(|| format!("{expression} is missing"))?;
        Ok(Some(Schedule {
            name: name.to_owned(),
            every: every(&rate)?,
            input: properties.text("Input")?,
        }))
    }
}

fn environment_of(properties: &Properties<'_>) -> Result<BTreeMap<String, String>> {
    let variables = properties.map("Environment")?.map("Variables")?.texts()?;
    limits::check_environment(&variables)?;
    let mut environment = BTreeMap::from_iter(variables);
    let logging = properties.map("LoggingConfig")?;
    for (variable, property) in [
        ("AWS_LAMBDA_LOG_FORMAT", "LogFormat"),
        ("AWS_LAMBDA_LOG_LEVEL", "ApplicationLogLevel"),
    ] {
        environment.extend(
            logging
                .text(property)?
                .map(|text| (variable.to_owned(), text)),
        );
    }
    Ok(environment)
}

fn has_url(properties: &Properties<'_>) -> Result<bool> {
    let config = properties.map("FunctionUrlConfig")?;
    // A function URL without it leaves everything to the function, as it is played here.
    if config.names().any(|name| name == "Cors") {
        bail!(
            "FunctionUrlConfig: the local platform does not play Cors; the function answers itself"
        );
    }
    match config.text("AuthType")?.as_deref() {
        None => Ok(false),
        Some("NONE") => Ok(true),
        Some(other) => {
            bail!("FunctionUrlConfig: the local platform does not play AuthType {other}")
        }
    }
}

fn may_loop(properties: &Properties<'_>) -> Result<bool> {
    match properties.text("RecursiveLoop")?.as_deref() {
        None | Some("Terminate") => Ok(false),
        Some("Allow") => Ok(true),
        Some(other) => bail!("RecursiveLoop: {other:?} is neither Allow nor Terminate"),
    }
}

fn every(rate: &str) -> Result<Duration> {
    let inside = rate
        .strip_prefix("rate(")
        .and_then(|rest| rest.strip_suffix(')'));
    let parsed = inside.and_then(|inside| {
        let (count, unit) = inside.trim().split_once(' ')?;
        let unit = match unit.trim().trim_end_matches('s') {
            "minute" => 60,
            "hour" => 60 * 60,
            "day" => 24 * 60 * 60,
            _ => return None,
        };
        count
            .parse()
            .ok()
            .filter(|count| *count > 0)
            .map(|count: u32| seconds(unit) * count)
    });
    parsed.with_context(|| {
        format!("{rate:?} is not a rate(...), the only schedule that is played here")
    })
}

fn seconds(count: u32) -> Duration {
    Duration::from_secs(count.into())
}
