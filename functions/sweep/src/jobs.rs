//! Continues redelivery jobs ([`domain::redelivery_job`]). Each redelivers its share of dispatches
//! per minute, spread over that minute.
//!
//! A job goes part by part: **record** that the part's dispatches are started again, **send** each
//! of them, then **move** the job past the part. If a sweep dies in between, the next one takes the
//! same part, sees on record what was started, and sends it again; of two messages for one attempt
//! the first leases it. If two sweeps take the same part, only one moves the job.

use std::time::Duration;

use domain::delivery_message::DeliveryMessage;
use domain::dispatch::{Dispatch, DispatchState};
use domain::redelivery::refusal;
use domain::redelivery_job::{Job, JobState, JobStep};
use domain::timestamp::Timestamp;
use futures::future::try_join_all;
use queue::Delivery;
use store::{Moved, Part, Revived, StoreError};

use crate::{Sweep, SweepError, TimeLimit, all_sent};

/// The most dispatches in one part.
const PART: usize = 100;
/// How many of them are recorded at the same time: they share a partition with the webhook's other
/// dispatches.
const AT_ONCE: usize = 20;

impl Sweep {
    /// Continues all running jobs for as long as there is time, and returns how many dispatches
    /// were redelivered. A job that fails does not hold up the others.
    pub(crate) async fn carry_jobs_on(
        &self,
        now: Timestamp,
        limit: &TimeLimit,
    ) -> Result<usize, SweepError> {
        let mut redelivered = 0;
        let mut outcome = Ok(());
        for job in self.store.running_jobs().await? {
            if limit.is_over() {
                tracing::warn!("no time left; the next sweep continues the redelivery jobs");
                break;
            }
            match self.carry_on(&job, now, limit).await {
                Ok(many) => redelivered += many,
                Err(error) => {
                    tracing::error!(job = %job.id, webhook = %job.webhook, %error, "a redelivery job failed; the next sweep retries it");
                    outcome = Err(error);
                }
            }
        }
        outcome.map(|()| redelivered)
    }

    /// Gives a job its share of this minute.
    async fn carry_on(
        &self,
        job: &Job,
        now: Timestamp,
        limit: &TimeLimit,
    ) -> Result<usize, SweepError> {
        if !job.may_go_on(now) {
            return Ok(0);
        }
        let webhook = self.store.webhook(&job.user, &job.webhook).await?;
        if let Some(refusal) = refusal(webhook.as_ref()) {
            // If another sweep was faster, the job goes on for a minute; its deliveries find the
            // same refusal.
            let _ = self.store.move_job(job, &job.stopped(refusal, now)).await?;
            return Ok(0);
        }
        let share = self.redeliveries_per_minute.get();
        let (mut job, mut done) = (job.clone(), 0);
        while done < share && job.state == JobState::Running && !limit.is_over() {
            let part = self.store.next_part(&job, PART.min(share - done)).await?;
            let many = self.redeliver(&job, &part, done, now).await?;
            let moved = job.after_part(u32::try_from(many).unwrap_or(u32::MAX), part.cursor, now);
            if self.store.move_job(&job, &moved).await? == Moved::ByAnother {
                break;
            }
            done += many;
            job = moved;
        }
        Ok(done)
    }

    /// Redelivers what has failed of a part, after this many others in the same minute, and returns
    /// how many dispatches of the part belong to the job.
    ///
    /// Repeating this is safe because the record says which dispatches the job has already started.
    async fn redeliver(
        &self,
        job: &Job,
        part: &Part,
        before: usize,
        now: Timestamp,
    ) -> Result<usize, SweepError> {
        let interval = Duration::from_secs(60).div_f64(self.redeliveries_per_minute.get() as f64);
        let begin = |(place, dispatch): &(usize, &Dispatch)| {
            let wait = interval.mul_f64((before + place) as f64);
            self.begin(job, (*dispatch).clone(), now.after(wait))
        };
        let mut own: Vec<Dispatch> = Vec::with_capacity(part.dispatches.len());
        let numbered: Vec<_> = part.dispatches.iter().enumerate().collect();
        for some in numbered.chunks(AT_ONCE) {
            let begun = try_join_all(some.iter().map(begin)).await?;
            own.extend(begun.into_iter().flatten());
        }
        let to_send = own
            .iter()
            .filter(|dispatch| job.step(dispatch) == JobStep::AskAgain);
        let deliveries: Vec<Delivery> = to_send.map(|dispatch| delivery(dispatch, now)).collect();
        all_sent(self.deliveries.send(&deliveries).await)?;
        Ok(own.len())
    }

    /// The dispatch as it is then on record, if the job redelivers it.
    async fn begin(
        &self,
        job: &Job,
        dispatch: Dispatch,
        at: Timestamp,
    ) -> Result<Option<Dispatch>, StoreError> {
        match job.step(&dispatch) {
            JobStep::Pass => Ok(None),
            JobStep::Count | JobStep::AskAgain => Ok(Some(dispatch)),
            JobStep::Redeliver => {
                let again = dispatch.redelivered(at, Some(job.id.clone()));
                if self.store.revive(&dispatch, &again, at).await? == Revived::Done {
                    return Ok(Some(again));
                }
                // Another sweep has the same part, and may die before it sends; or the owner has
                // asked for this one by name.
                let there = self.store.dispatch(&job.user, &dispatch.id).await?;
                let is_own = |there: &Dispatch| {
                    matches!(job.step(there), JobStep::AskAgain | JobStep::Count)
                };
                Ok(there.filter(is_own))
            }
        }
    }
}

fn delivery(dispatch: &Dispatch, now: Timestamp) -> Delivery {
    let due = match dispatch.state {
        DispatchState::Active { next_at } => next_at,
        DispatchState::Succeeded | DispatchState::Failed { .. } => None,
    };
    Delivery {
        message: DeliveryMessage::next_of(dispatch),
        delay: due.map_or(Duration::ZERO, |at| now.until(at)),
    }
}
