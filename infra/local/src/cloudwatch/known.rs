//! The metrics of AWS's own namespaces that are computed here.

use anyhow::{Result, bail, ensure};

use super::metric::Metric;
use crate::template::Template;

/// Of a queue.
const OF_QUEUES: &[&str] = &[
    "ApproximateAgeOfOldestMessage",
    "ApproximateNumberOfMessagesDelayed",
    "ApproximateNumberOfMessagesNotVisible",
    "ApproximateNumberOfMessagesVisible",
];

/// Of a function.
const OF_FUNCTIONS: &[&str] = &[
    "ConcurrentExecutions",
    "Duration",
    "Errors",
    "Invocations",
    "RecursiveInvocationsDropped",
    "Throttles",
];

/// Of a function's URL.
const OF_URLS: &[&str] = &[
    "Url4xxCount",
    "Url5xxCount",
    "UrlRequestCount",
    "UrlRequestLatency",
];

/// Of a table.
const OF_TABLES: &[&str] = &["ReadThrottleEvents", "WriteThrottleEvents"];

/// Refuses a metric that would never have a datapoint. What functions write in the embedded format
/// may be anything.
pub(crate) fn check_known(metric: &Metric, template: &Template) -> Result<()> {
    let name = metric.name.as_str();
    let (dimension, names): (_, Vec<&str>) = match metric.namespace.as_str() {
        "AWS/SQS" if OF_QUEUES.contains(&name) => {
            let queues = template.queues.values();
            ("QueueName", queues.map(|queue| &*queue.name).collect())
        }
        "AWS/Lambda" if OF_FUNCTIONS.contains(&name) || OF_URLS.contains(&name) => {
            let functions = template.functions.values();
            let functions = functions.filter(|it| it.has_url || !OF_URLS.contains(&name));
            ("FunctionName", functions.map(|it| &*it.name).collect())
        }
        "AWS/DynamoDB" if OF_TABLES.contains(&name) => {
            let tables = template.tables.values();
            ("TableName", tables.map(|table| &*table.name).collect())
        }
        custom if !custom.starts_with("AWS/") => return Ok(()),
        _ => bail!("watches {metric}, which the local platform does not compute"),
    };
    let given: Vec<_> = metric.dimensions.keys().collect();
    ensure!(
        given == [dimension],
        "watches {metric}, which has no dimension but {dimension}"
    );
    ensure!(
        names.contains(&metric.dimensions[dimension].as_str()),
        "watches {metric}, and there is none of that name in the template"
    );
    Ok(())
}
