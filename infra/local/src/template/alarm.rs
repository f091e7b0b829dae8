//! `AWS::CloudWatch::Alarm`.

use std::collections::BTreeMap;
use std::str::FromStr;

use anyhow::{Context, Result, anyhow, bail, ensure};
use serde_json::Value;

use super::properties::Properties;
use super::scope::Scope;
use super::value::text_of;
use crate::cloudwatch::{Comparison, Metric, MissingData, Statistic};

/// What an alarm is made of.
const PLAYED: &[&str] = &[
    "AlarmDescription",
    "AlarmName",
    "ComparisonOperator",
    "DatapointsToAlarm",
    "Dimensions",
    "EvaluationPeriods",
    "ExtendedStatistic",
    "MetricName",
    "Namespace",
    "Period",
    "Statistic",
    "Threshold",
    "TreatMissingData",
];

/// What becomes of it in AWS: nobody is told on one machine.
const ONLY_IN_AWS: &[&str] = &[
    "ActionsEnabled",
    "AlarmActions",
    "InsufficientDataActions",
    "OKActions",
    "Tags",
];

/// An alarm to evaluate.
#[derive(Clone, Debug)]
pub struct Alarm {
    /// Its logical id.
    pub id: String,
    /// Its name in CloudWatch.
    pub name: String,
    /// What it means.
    pub description: String,
    /// What it watches.
    pub metric: Metric,
    /// What the measurements of a period are reduced to.
    pub statistic: Statistic,
    /// The minutes that make a datapoint.
    pub period_minutes: u32,
    /// How many datapoints decide.
    pub evaluation_periods: u32,
    /// How many of these must breach.
    pub datapoints_to_alarm: u32,
    /// What datapoints are compared to.
    pub threshold: f64,
    /// How.
    pub comparison: Comparison,
    /// What a missing datapoint counts as.
    pub missing_data: MissingData,
}

impl Alarm {
    pub(super) fn read(scope: &Scope<'_>, id: &str, resource: &Value) -> Result<Self> {
        let properties = Properties::of(scope, resource)?;
        let known = |name: &&str| PLAYED.contains(name) || ONLY_IN_AWS.contains(name);
        if let Some(unknown) = properties.names().find(|name| !known(name)) {
            bail!("has {unknown}, which the local platform does not play");
        }
        let needed = |name: &str| {
            let text = properties.text(name)?;
            text.with_context(|| format!("{name} is missing"))
        };
        let namespace = needed("Namespace")?;
        let of_database = namespace == "AWS/DynamoDB";
        let evaluation_periods = number(&properties, "EvaluationPeriods")?;
        let datapoints_to_alarm = match properties.whole_number("DatapointsToAlarm")? {
            None => evaluation_periods,
            Some(count) => count,
        };
        ensure!(
            (1..=evaluation_periods).contains(&datapoints_to_alarm),
            "DatapointsToAlarm: {datapoints_to_alarm} is not between 1 and {evaluation_periods}"
        );
        Ok(Alarm {
            id: id.to_owned(),
            name: scope.physical_name(id)?,
            description: properties.text("AlarmDescription")?.unwrap_or_default(),
            statistic: statistic(&properties)?,
            period_minutes: period_minutes(&properties)?,
            evaluation_periods,
            datapoints_to_alarm,
            threshold: threshold(&needed("Threshold")?)?,
            comparison: parsed("ComparisonOperator", &needed("ComparisonOperator")?)?,
            missing_data: match properties.text("TreatMissingData")? {
                Some(text) => parsed("TreatMissingData", &text)?,
                // The database sends nothing while all is well: CloudWatch makes an exception of
                // it.
                None if of_database => MissingData::Ignore,
                None => MissingData::Missing,
            },
            metric: Metric {
                namespace,
                name: needed("MetricName")?,
                dimensions: dimensions(&properties)?,
            },
        })
    }
}

fn statistic(properties: &Properties<'_>) -> Result<Statistic> {
    let plain = properties.text("Statistic")?;
    let extended = properties.text("ExtendedStatistic")?;
    match (plain, extended) {
        (Some(plain), None) => parsed("Statistic", &plain),
        (None, Some(extended)) => parsed("ExtendedStatistic", &extended),
        _ => bail!("needs either Statistic or ExtendedStatistic"),
    }
}

fn period_minutes(properties: &Properties<'_>) -> Result<u32> {
    let seconds = number(properties, "Period")?;
    ensure!(
        seconds.is_multiple_of(60),
        "Period: {seconds} is no whole number of minutes, the only ones that are played here"
    );
    Ok(seconds / 60)
}

fn dimensions(properties: &Properties<'_>) -> Result<BTreeMap<String, String>> {
    let value = properties.value("Dimensions")?.unwrap_or_default();
    let dimensions = match &value {
        Value::Null => &[],
        Value::Array(dimensions) => dimensions.as_slice(),
        other => bail!("Dimensions: {other} is not a list"),
    };
    let dimension = |dimension: &Value| {
        let part = |name: &str| {
            let part = dimension.get(name);
            text_of(part.with_context(|| format!("Dimensions: {dimension} has no {name}"))?)
        };
        Ok((part("Name")?, part("Value")?))
    };
    dimensions.iter().map(dimension).collect()
}

fn number(properties: &Properties<'_>, name: &str) -> Result<u32> {
    let number = properties.whole_number(name)?;
    let number = number.with_context(|| format!("{name} is missing"))?;
    ensure!(number > 0, "{name}: 0 is too few");
    Ok(number)
}

fn threshold(text: &str) -> Result<f64> {
    let threshold = text.parse();
    threshold.with_context(|| format!("Threshold: {text:?} is not a number"))
}

fn parsed<T: FromStr<Err = String>>(name: &str, text: &str) -> Result<T> {
    text.parse().map_err(|error| anyhow!("{name}: {error}"))
}
