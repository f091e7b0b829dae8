//! A load at a steady pace: runs that are created and succeed, some in the wrong order, some twice,
//! half of them with an ad hoc webhook.

use std::time::Duration;

use anyhow::Result;
use serde_json::json;
use time::OffsetDateTime;
use tokio::time::{Instant, MissedTickBehavior, interval};

use crate::course::{Course, PATIENCE};
use crate::figures::Latencies;
use crate::ledger::{Expected, Trigger};
use crate::manner::Manner;
use crate::platform::{Event, event_type};

/// The runs of every proof.
const RUNS: u64 = 50;

/// How many runs begin in a second then.
const RUNS_PER_SECOND: f64 = 5.0;

/// The standing webhook of the load; its deliveries are timed.
const PACED: &str = "paced";

/// Of so many runs, one has an ad hoc webhook, one ends before it is created, and one is told of
/// twice.
const AD_HOC: u64 = 2;
const REVERSED: u64 = 5;
const REPEATED: u64 = 7;

impl Course<'_> {
    /// Enough events for figures, and then the pace that was asked for, for so long.
    pub(crate) async fn keep_up_a_load(&self, time: Duration, runs_per_second: f64) -> Result<()> {
        self.report
            .step(&format!("A load: {RUNS} runs, {RUNS_PER_SECOND} a second"));
        let definition = json!({
            "eventTypes": [event_type("CREATED"), event_type("SUCCEEDED")],
            "condition": { "actorId": self.paced_actor() },
        });
        let label = self.label(PACED);
        self.define(self.main, (&label, Manner::Accept), definition)
            .await?;
        let quick = Duration::from_secs_f64(1.0 / RUNS_PER_SECOND);
        let mut begun = self.begin_runs(0, quick, |number, _| number < RUNS).await?;
        self.until_delivered(PATIENCE).await?;
        if !time.is_zero() {
            self.report.step(&format!(
                "A soak: {runs_per_second} runs a second for {} minutes",
                time.as_secs() / 60
            ));
            let slow = Duration::from_secs_f64(1.0 / runs_per_second);
            begun = self
                .begin_runs(begun, slow, |_, since| since < time)
                .await?;
            self.until_delivered(PATIENCE).await?;
        }
        self.report
            .note(format!("{begun} runs were created and have succeeded"));
        if let Some(latencies) = self.latencies() {
            self.report
                .note(format!("from event to POST, in milliseconds: {latencies}"));
        }
        Ok(())
    }

    async fn begin_runs(
        &self,
        mut number: u64,
        pace: Duration,
        goes_on: impl Fn(u64, Duration) -> bool,
    ) -> Result<u64> {
        let begin = Instant::now();
        let mut ticks = interval(pace);
        // One that comes late is made up for.
        ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
        let mut minutes = 0;
        while goes_on(number, begin.elapsed()) {
            ticks.tick().await;
            self.begin_run(number).await?;
            number += 1;
            if begin.elapsed().as_secs() / 60 > minutes {
                minutes += 1;
                let posts = self
                    .receiver
                    .arrivals()
                    .map_or(0, |arrivals| arrivals.dispatches());
                self.report.note(format!(
                    "minute {minutes}: {} events, {posts} dispatches arrived",
                    self.platform.events()
                ));
            }
        }
        Ok(number)
    }

    async fn begin_run(&self, number: u64) -> Result<()> {
        let run = self.run(self.main, &self.paced_actor(), &format!("{PACED}{number}"));
        let (created, succeeded) = self.course_of(&run, "SUCCEEDED");
        let mut message = created.clone();
        if number.is_multiple_of(AD_HOC) {
            let label = self.label(&format!("{PACED}-{number}"));
            let definition = json!([{
                "eventTypes": [event_type("SUCCEEDED")],
                "requestUrl": self.receiver.url(Manner::Accept, &label),
            }]);
            message = message.with_webhooks(&definition);
            let by = vec![succeeded.trigger.clone()];
            self.ledger.expect([Expected::ad_hoc(&label, &run.id, by)]);
        }
        let mut events = [(&message, &created), (&succeeded, &succeeded)];
        if number % REVERSED == REVERSED - 1 {
            events.reverse();
        }
        for (message, event) in events {
            self.send(message, [self.paced(event)]).await?;
            if number % REPEATED == REPEATED - 1 {
                self.platform.send(message).await?;
            }
        }
        Ok(())
    }

    fn paced(&self, event: &Event) -> Expected {
        Expected::standing(&self.label(PACED), &event.run.id, event.trigger.clone())
    }

    fn paced_actor(&self) -> String {
        format!("{}{PACED}", self.tag)
    }

    /// From each event of the load to its first POST.
    pub(crate) fn latencies(&self) -> Option<Latencies> {
        let posts = self.receiver.arrivals()?.of_label(&self.label(PACED));
        let mut first: std::collections::HashMap<String, (Trigger, String, OffsetDateTime)> =
            std::collections::HashMap::new();
        for post in posts {
            let trigger = Trigger {
                event_type: post.event_type().to_owned(),
                created_at: post.created_at().to_owned(),
            };
            first.entry(post.dispatch().to_owned()).or_insert((
                trigger,
                post.run().to_owned(),
                post.at,
            ));
        }
        let took = first.into_values().filter_map(|(trigger, run, at)| {
            let sent = self.platform.sent_at(&run, &trigger)?;
            // Clocks that differ by some milliseconds do not turn time around.
            Some((at - sent).max(time::Duration::ZERO).unsigned_abs())
        });
        Latencies::of(took.collect())
    }
}
