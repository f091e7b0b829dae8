//! Functions that run by the clock.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use tokio::time::{Instant, MissedTickBehavior, interval_at};
use uuid::Uuid;

use crate::aws::{self, ACCOUNT, REGION};
use crate::lambda::Function;
use crate::template::Schedule;

/// Invokes the function whenever it is due, until this is dropped. The first time is one period
/// from now, as in AWS. It is an asynchronous invocation: one that fails is tried again beside
/// those that follow.
pub(crate) async fn run(function: Arc<Function>, schedule: Schedule, tick: Option<Duration>) {
    let period = tick.unwrap_or(schedule.every);
    let mut timer = interval_at(Instant::now() + period, period);
    timer.set_missed_tick_behavior(MissedTickBehavior::Skip);
    loop {
        timer.tick().await;
        let attempted = function.invoke_later(event(&schedule).into());
        if tick.is_some() {
            // AWS would not wait; but no two would meet there, if the schedule's own period is
            // longer than they take.
            attempted.await;
        }
    }
}

fn event(schedule: &Schedule) -> String {
    if let Some(input) = &schedule.input {
        return input.clone();
    }
    let now = OffsetDateTime::now_utc().replace_nanosecond(0);
    let event = json!({
        "version": "0",
        "id": Uuid::new_v4().to_string(),
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": ACCOUNT,
        "time": now.ok().and_then(|now| now.format(&Rfc3339).ok()),
        "region": REGION,
        "resources": [aws::arn("events", &format!("rule/{}", schedule.name))],
        "detail": {},
    });
    event.to_string()
}
