//! The end: the ledger, the signatures, what must be quiet, and what it took.

use std::time::Duration;

use anyhow::Result;
use time::OffsetDateTime;

use super::rotation::ROTATED;
use crate::cost::Cost;
use crate::course::{Course, PATIENCE};
use crate::figures::{self, Invocations};
use crate::ledger::Findings;
use crate::record::Record;
use crate::signature;
use crate::watch::Sight;

/// CloudWatch needs a while to tell of what has happened: of alarms, and in logs.
const CLOUDWATCH: Duration = Duration::from_secs(120);

impl Course<'_> {
    /// Everything that can only be said when all is over.
    pub(crate) async fn sum_up(&self, before: &Sight, since: OffsetDateTime) -> Result<()> {
        self.report
            .step("The ledger: what should have happened, against what did");
        let records = self.hold_to_account().await?;
        self.verify_signatures(&records).await?;
        self.report.step("What must be quiet");
        if self.clock.moves() || !self.stack.is_here() {
            self.clock.pass(CLOUDWATCH).await?;
        }
        self.look_around(before).await?;
        self.report.step("What it took");
        self.show_figures(&records, since).await
    }

    async fn hold_to_account(&self) -> Result<Vec<Record>> {
        let posts = || self.receiver.arrivals().map(|arrivals| arrivals.all());
        let look = async || {
            let findings = self.ledger.audit(posts(), self.records().await?);
            Ok((!findings.may_mend()).then_some(()))
        };
        self.clock.until(PATIENCE, look).await?;
        let records = self.records().await?;
        let findings = self.ledger.audit(posts(), records.clone());
        self.say_what_was_found(&findings);
        Ok(records)
    }

    fn say_what_was_found(&self, findings: &Findings) {
        let Findings {
            expected, posts, ..
        } = findings;
        self.report.note(match self.receiver.arrivals() {
            Some(_) => format!("{expected} dispatches were expected, and {posts} POSTs arrived"),
            None => format!("{expected} dispatches were expected; what arrived is not seen here"),
        });
        for (promise, cases) in findings.by_promise() {
            self.report.check_none(&format!("none {promise}"), cases);
        }
    }

    async fn verify_signatures(&self, records: &[Record]) -> Result<()> {
        let Some(arrivals) = self.receiver.arrivals() else {
            return Ok(());
        };
        let rotated = self.label(ROTATED);
        let posts = arrivals.all().into_iter();
        let posts: Vec<_> = posts.filter(|post| post.label != rotated).collect();
        let users = [self.main, self.troubled];
        let wrong = signature::wrongly_signed(&users, &posts, records, !self.clock.moves());
        self.report.check_none(
            "every POST is signed with its webhook's secret, as the library standardwebhooks has it",
            &wrong.await?,
        );
        Ok(())
    }

    async fn look_around(&self, before: &Sight) -> Result<()> {
        let after = Sight::now(self.account, self.stack).await?;
        self.report.check_none(
            "no message was parked on a dead letter queue or as rejected",
            &after.parked_since(before),
        );
        self.report.check_none(
            &format!("none of the {} alarms went on", self.stack.alarms.len()),
            &after.alarms_since(before),
        );
        Ok(())
    }

    async fn show_figures(&self, records: &[Record], since: OffsetDateTime) -> Result<()> {
        if let Some(latencies) = self.latencies() {
            self.report
                .note(format!("from event to POST, in milliseconds: {latencies}"));
        }
        let calls: usize = records.iter().map(|record| record.calls.len()).sum();
        let per = |count: usize| count as f64 / records.len().max(1) as f64;
        self.report.note(format!(
            "{calls} calls of receivers for {} dispatches, {:.2} each",
            records.len(),
            per(calls)
        ));
        if !self.stack.settings.has_reports() {
            self.report.note(format!(
                "with LogLevel={} the logs do not say what invocations took",
                self.stack.settings.log_level
            ));
            return Ok(());
        }
        let invocations = figures::invocations(self.account, self.stack, since).await?;
        self.report.note(Invocations::HEADS);
        for one in &invocations {
            self.report.note(one);
        }
        let all: usize = invocations.iter().map(|one| one.all).sum();
        self.report
            .note(format!("{:.2} invocations for each dispatch", per(all)));
        let is_arm = self.stack.settings.is_arm;
        let cost = Cost::of(&invocations, is_arm, self.platform.events(), records.len());
        self.report.note(cost);
        Ok(())
    }
}
