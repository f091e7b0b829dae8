//! Retries that wait longer than a queue can hold them: parked in the bucket of their minute, and
//! brought back by the sweeper.

use std::time::Duration;

use anyhow::Result;
use domain::due::Minute;
use domain::timestamp::Timestamp;
use serde_json::Value;
use store::Store;
use tokio::time::{Instant, sleep};

use super::trouble::PARKED;
use crate::account::store_failed;
use crate::course::{Course, PATIENCE, all_are, as_found};
use crate::ledger::End;
use crate::manner::Manner;
use crate::record::{Record, Status};

/// What a queue can hold a message back for.
const LONGEST_DELAY: Duration = Duration::from_secs(15 * 60);

/// After this time all of them are back: the longest wait that receivers ask for, and some for the
/// sweeper.
pub(crate) const BACK: Duration = Duration::from_secs(28 * 60);

/// How far time is moved at once where it can be, so that the sweeper finds a few at a time.
const STEP: Duration = Duration::from_secs(60);

/// How long the sweeper is waited for after each step, and how often it is looked for.
const SWEEP: Duration = Duration::from_secs(2);
const LOOK: Duration = Duration::from_millis(50);

impl Course<'_> {
    /// Looks for each of them where the sweeper looks.
    pub(crate) async fn retries_are_parked(&self, webhook: &Value) -> Result<()> {
        self.report
            .step("Retries that wait longer than a queue can hold them");
        let wait = |records: &[Record]| {
            let waits = records
                .iter()
                .filter(|record| record.next_attempt_at.is_some());
            waits.count() == PARKED
        };
        let records = self
            .until_recorded(self.troubled, webhook, PATIENCE, wait)
            .await?;
        let store = Store::new(&self.account.config, self.stack.tables.clone());
        let mut missing = Vec::new();
        for record in &records {
            if !self.is_parked(&store, record).await? {
                missing.push(as_found(std::slice::from_ref(record)));
            }
        }
        if records.len() != PARKED {
            missing.push(format!(
                "{} of {PARKED} dispatches are on record",
                records.len()
            ));
        }
        self.report.check_none(
            "a retry that a receiver puts off for more than 15 minutes is parked",
            &missing,
        );
        self.change(
            self.troubled,
            webhook,
            (&self.label("comes-back"), Manner::Accept),
        )
        .await
    }

    async fn is_parked(&self, store: &Store, record: &Record) -> Result<bool> {
        let next = record.next_attempt_at.as_deref().map(Timestamp::parse);
        let Some(Ok(at)) = next else {
            return Ok(false);
        };
        let last = record
            .calls
            .last()
            .map(|call| Timestamp::parse(&call.started_at));
        let Some(Ok(last)) = last else {
            return Ok(false);
        };
        let due = store.due_in(Minute::of(at)).await.map_err(store_failed)?;
        let mut parked = due.into_iter().filter_map(Result::ok);
        let is_there = parked.any(|due| due.message.dispatch.as_str() == record.id);
        Ok(is_there && last.until(at) > LONGEST_DELAY)
    }

    /// Gives the sweeper some time to take what it can take now.
    async fn until_swept(&self, store: &Store) -> Result<()> {
        let now = i64::try_from(self.clock.now().unix_timestamp_nanos() / 1_000_000)?;
        let now = Timestamp::from_millis(now).unwrap_or_default();
        let last = Minute::to_take(Minute::of(now), now).last();
        let begin = Instant::now();
        while begin.elapsed() < SWEEP {
            if store.taken_minute().await.map_err(store_failed)? >= last {
                break;
            }
            sleep(LOOK).await;
        }
        Ok(())
    }

    /// Waits until all of them were made, where there is time for that.
    pub(crate) async fn parked_retries_come_back(&self, webhook: &Value) -> Result<()> {
        self.report.step("The parked retries come back");
        self.ledger.amend(&self.label("comes-back"), |expected| {
            expected.end = End::Delivered
        });
        let mut patience = BACK;
        if self.clock.moves() {
            let store = Store::new(&self.account.config, self.stack.tables.clone());
            for _ in 0..BACK.as_secs() / STEP.as_secs() {
                self.clock.pass(STEP).await?;
                self.until_swept(&store).await?;
            }
            patience = PATIENCE;
        }
        let all = all_are(Status::Succeeded, PARKED);
        let records = self
            .until_recorded(self.troubled, webhook, patience, &all)
            .await?;
        let late = records
            .iter()
            .filter(|record| record.status != Status::Succeeded);
        let late: Vec<_> = late
            .map(|record| as_found(std::slice::from_ref(record)))
            .collect();
        self.report
            .check_none("the sweeper brings every parked retry back", &late);
        Ok(())
    }
}
