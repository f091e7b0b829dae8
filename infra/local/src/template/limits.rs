//! What Lambda refuses of a function's settings, as far as it fits this machine's template.

use std::ops::RangeInclusive;
use std::time::Duration;

use anyhow::{Context, Result, ensure};

use super::{Function, QueueSource, Template};

const MEMORY_MEGABYTES: RangeInclusive<u32> = 128..=10_240;
const TIMEOUT_SECONDS: RangeInclusive<u64> = 1..=900;
const BATCH_SIZE: RangeInclusive<u32> = 1..=10_000;
const BATCH_WINDOW_SECONDS: RangeInclusive<u64> = 0..=300;
const MAXIMUM_CONCURRENCY: RangeInclusive<u32> = 2..=1_000;

/// All variables of a function together, with their names.
const ENVIRONMENT_BYTES: usize = 4 * 1024;

/// Variables that only Lambda sets, besides those whose names begin like its own.
const RESERVED_VARIABLES: &[&str] = &[
    "AWS_ACCESS_KEY",
    "AWS_ACCESS_KEY_ID",
    "AWS_DEFAULT_REGION",
    "AWS_EXECUTION_ENV",
    "AWS_REGION",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "LAMBDA_RUNTIME_DIR",
    "LAMBDA_TASK_ROOT",
    "_HANDLER",
    "_X_AMZN_TRACE_ID",
];
const RESERVED_PREFIX: &str = "AWS_LAMBDA_";

/// How long a queue hides messages that does not say.
const USUAL_VISIBILITY: Duration = Duration::from_secs(30);

impl Template {
    /// Refuses functions that Lambda would refuse.
    pub(super) fn check_limits(&self) -> Result<()> {
        for (id, function) in &self.functions {
            self.check_function(function).with_context(|| id.clone())?;
        }
        Ok(())
    }

    /// For how long the queue of that name hides messages that are received.
    pub(crate) fn visibility_of(&self, queue: &str) -> Duration {
        let mut queues = self.queues.values();
        let queue = queues.find(|declared| declared.name == queue);
        let seconds = queue.and_then(|queue| queue.attributes.get("VisibilityTimeout"));
        let seconds = seconds.and_then(|seconds| seconds.parse().ok());
        seconds.map_or(USUAL_VISIBILITY, Duration::from_secs)
    }

    fn check_function(&self, function: &Function) -> Result<()> {
        within("MemorySize", function.memory_megabytes, &MEMORY_MEGABYTES)?;
        within("Timeout", function.timeout.as_secs(), &TIMEOUT_SECONDS)?;
        for source in &function.sources {
            let check = self.check_source(source, function);
            check.with_context(|| format!("the mapping from {}", source.queue))?;
        }
        Ok(())
    }

    fn check_source(&self, source: &QueueSource, function: &Function) -> Result<()> {
        let window = source.batch_window.as_secs();
        within("BatchSize", source.batch_size, &BATCH_SIZE)?;
        within(
            "MaximumBatchingWindowInSeconds",
            window,
            &BATCH_WINDOW_SECONDS,
        )?;
        if let Some(maximum) = source.maximum_concurrency {
            within("MaximumConcurrency", maximum, &MAXIMUM_CONCURRENCY)?;
        }
        let visibility = self.visibility_of(&source.queue);
        ensure!(
            visibility >= function.timeout,
            "Queue visibility timeout: {} seconds is less than Function timeout: {} seconds",
            visibility.as_secs(),
            function.timeout.as_secs()
        );
        Ok(())
    }
}

/// Refuses variables of a template that Lambda would refuse. It measures them as JSON. In AWS many
/// are longer: URLs, ARNs, names of tables.
pub(super) fn check_environment(variables: &[(String, String)]) -> Result<()> {
    let variables: serde_json::Map<_, _> = variables
        .iter()
        .map(|(name, value)| (name.clone(), value.as_str().into()))
        .collect();
    for name in variables.keys() {
        ensure!(
            !RESERVED_VARIABLES.contains(&name.as_str()) && !name.starts_with(RESERVED_PREFIX),
            "the variable {name} is reserved by Lambda"
        );
        let is_name = name.len() >= 2
            && name.starts_with(|first: char| first.is_ascii_alphabetic())
            && name
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        ensure!(is_name, "{name:?} is no name of a variable in Lambda");
    }
    let size = serde_json::to_string(&variables)?.len();
    ensure!(
        size <= ENVIRONMENT_BYTES,
        "the environment variables are {size} bytes together, and exceed Lambda's limit of {ENVIRONMENT_BYTES}"
    );
    Ok(())
}

fn within<T>(name: &str, value: T, range: &RangeInclusive<T>) -> Result<()>
where
    T: PartialOrd + std::fmt::Display,
{
    ensure!(
        range.contains(&value),
        "{name} is {value}; Lambda takes {} to {}",
        range.start(),
        range.end()
    );
    Ok(())
}
