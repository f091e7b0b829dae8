//! What must stay as it was: queues that nothing should be on, and alarms.

use std::collections::BTreeSet;

use anyhow::Result;
use aws_sdk_cloudwatch::types::StateValue;
use aws_sdk_sqs::types::QueueAttributeName;

use crate::account::{Account, failed};
use crate::stack::Stack;

/// CloudWatch takes no more names at a time.
const NAMES: u16 = 100;

/// What there was to see at one time.
pub(crate) struct Sight {
    /// How many messages are on each queue.
    parked: Vec<(&'static str, u64)>,
    /// The alarms that are on.
    pub(crate) alarms: BTreeSet<String>,
}

impl Sight {
    /// What there is to see now.
    pub(crate) async fn now(account: &Account, stack: &Stack) -> Result<Self> {
        let mut parked = Vec::new();
        for (what, url) in &stack.parking_places {
            parked.push((*what, messages_on(account, url).await?));
        }
        let mut alarms = BTreeSet::new();
        for names in stack.alarms.chunks(NAMES.into()) {
            alarms.extend(on(account, names).await?);
        }
        Ok(Sight { parked, alarms })
    }

    /// What there was to see already: a line each.
    pub(crate) fn complaints(&self) -> Vec<String> {
        let parked = self.parked.iter().filter(|(_, messages)| *messages > 0);
        let parked = parked.map(|(what, messages)| format!("{messages} messages on {what}"));
        let alarms = self
            .alarms
            .iter()
            .map(|alarm| format!("the alarm {alarm} is on"));
        parked.chain(alarms).collect()
    }

    /// What is parked now that was not.
    pub(crate) fn parked_since(&self, before: &Sight) -> Vec<String> {
        let pairs = self.parked.iter().zip(&before.parked);
        let more = pairs.filter(|((_, now), (_, before))| now > before);
        let line = |((what, now), (_, before)): (&(&str, u64), &(&str, u64))| {
            format!("{} messages came to {what}", now - before)
        };
        more.map(line).collect()
    }

    /// The alarms that are on now and were not.
    pub(crate) fn alarms_since(&self, before: &Sight) -> Vec<String> {
        self.alarms.difference(&before.alarms).cloned().collect()
    }
}

async fn messages_on(account: &Account, url: &str) -> Result<u64> {
    let counts = [
        QueueAttributeName::ApproximateNumberOfMessages,
        QueueAttributeName::ApproximateNumberOfMessagesDelayed,
        QueueAttributeName::ApproximateNumberOfMessagesNotVisible,
    ];
    let asked = account.sqs.get_queue_attributes().queue_url(url);
    let asked = asked
        .set_attribute_names(Some(counts.to_vec()))
        .send()
        .await;
    let told = asked.map_err(|error| failed("sqs:GetQueueAttributes", error))?;
    let attributes = told.attributes.unwrap_or_default();
    let counts = attributes
        .values()
        .filter_map(|count| count.parse::<u64>().ok());
    Ok(counts.sum())
}

async fn on(account: &Account, names: &[String]) -> Result<Vec<String>> {
    let asked = account.cloudwatch.describe_alarms();
    let asked = asked
        .set_alarm_names(Some(names.to_vec()))
        .max_records(NAMES.into());
    let told = asked.send().await;
    let told = told.map_err(|error| failed("cloudwatch:DescribeAlarms", error))?;
    let alarms = told.metric_alarms.unwrap_or_default().into_iter();
    let on = alarms.filter(|alarm| alarm.state_value == Some(StateValue::Alarm));
    Ok(on.filter_map(|alarm| alarm.alarm_name).collect())
}
