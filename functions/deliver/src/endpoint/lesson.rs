//! What an attempt tells about its endpoint: while it waits, and when it is over.

use std::sync::atomic::Ordering;
use std::time::Duration;

use domain::counted::counted;
use domain::endpoint::{
    DEAD_AFTER, Health, SLOW_AFTER, SLOW_FOR, SUSPECT_AFTER, SUSPECT_FOR, Sign, TRUST_FOR,
};
use domain::outcome::Outcome;
use domain::webhook::Webhook;
use runtime::{chance, clock};
use store::StoreError;

use super::{Target, complain};
use crate::Deliver;

impl Deliver {
    /// Waits for an outcome, and notes the endpoint as slow as soon as it may be: what else waits for it is then called elsewhere.
    pub(crate) async fn watch(
        &self,
        target: &Target,
        outcome: impl Future<Output = Outcome>,
    ) -> Outcome {
        tokio::pin!(outcome);
        let steps = [
            (SUSPECT_AFTER, SUSPECT_FOR),
            (SLOW_AFTER - SUSPECT_AFTER, SLOW_FOR),
        ];
        for (after, time) in steps {
            tokio::select! {
                outcome = &mut outcome => return outcome,
                () = tokio::time::sleep(after) => self.note_slow(target, time).await,
            }
        }
        outcome.await
    }

    /// Notes an endpoint as slow for a time, unless that is known for most of it.
    async fn note_slow(&self, target: &Target, time: Duration) {
        let now = clock::now();
        let until = now.after(time);
        let known = target.company.slow_until.load(Ordering::Relaxed);
        if known > now.after(time / 2).as_millis() {
            return;
        }
        let noted_until = until.as_millis();
        target
            .company
            .slow_until
            .store(noted_until, Ordering::Relaxed);
        let noted = self.store.note_slow(&target.endpoint, until, now);
        noted.await.unwrap_or_else(|error| complain(&error));
    }

    /// Notes what an attempt that took so long tells about its endpoint. A webhook whose endpoint has failed for too long is switched off.
    pub(crate) async fn learn(
        &self,
        target: &Target,
        webhook: &Webhook,
        outcome: &Outcome,
        took: Duration,
    ) {
        let is_slow = took > SLOW_AFTER;
        if matches!(outcome, Outcome::Answered { .. }) && took < SUSPECT_AFTER {
            let learnt = self.learn_of_prompt_answer(target).await;
            learnt.unwrap_or_else(|error| complain(&error));
        }
        let learnt = match Sign::of(outcome) {
            Sign::None => Ok(()),
            Sign::Good => self.learn_of_success(target, is_slow).await,
            Sign::Alive => self.learn_of_failure(target, webhook, true).await,
            Sign::Dead => self.learn_of_failure(target, webhook, false).await,
        };
        learnt.unwrap_or_else(|error| complain(&error));
    }

    /// Its endpoint has answered at once, and is trusted from now on.
    async fn learn_of_prompt_answer(&self, target: &Target) -> Result<(), StoreError> {
        let now = clock::now();
        let known = target.health.trusted_until;
        if known.is_some_and(|until| until > now.after(TRUST_FOR / 2))
            || target.company.is_trusted.swap(true, Ordering::Relaxed)
        {
            return Ok(());
        }
        self.store
            .note_trust(&target.endpoint, now.after(TRUST_FOR), now)
            .await
    }

    async fn learn_of_success(&self, target: &Target, is_slow: bool) -> Result<(), StoreError> {
        let troubles = target.health.troubles();
        if troubles == Health::default() {
            return Ok(());
        }
        let slow_only = Health {
            slow_until: troubles.slow_until,
            ..Health::default()
        };
        if is_slow && troubles == slow_only {
            return Ok(());
        }
        self.store
            .note_success(&target.endpoint, is_slow, clock::now())
            .await
    }

    async fn learn_of_failure(
        &self,
        target: &Target,
        webhook: &Webhook,
        answered: bool,
    ) -> Result<(), StoreError> {
        // Of a batch no more is noted than what makes an endpoint dead.
        if !answered && target.company.unanswered.fetch_add(1, Ordering::Relaxed) >= DEAD_AFTER {
            return Ok(());
        }
        let now = clock::now();
        let known = &target.health;
        let is_news = !answered
            || known.failing_since.is_none()
            || known.unanswered > 0
            || known.paused_until.is_some();
        let health = if is_news {
            self.store
                .note_failure(&target.endpoint, answered, now)
                .await?
        } else {
            known.clone()
        };
        if health.has_failed_for(self.config.disable_after, now) {
            let days = self.config.disable_after.as_secs() / (24 * 60 * 60);
            let days = counted(days, "day");
            let because = format!("Its endpoint has accepted nothing for {days}");
            self.disable(webhook, &because).await?;
        }
        // What was known when the attempt began: of many that fail at the same time, one makes the pause.
        let seen = Health {
            unanswered: health.unanswered,
            paused_until: target
                .company
                .probe_until
                .get()
                .copied()
                .or(known.paused_until),
            ..known.clone()
        };
        if let Some(pause) = seen.pause() {
            // Not all at once when it is over.
            let until = now.after(pause.mul_f64(1.0 + chance::jitter() / 4.0));
            self.store
                .pause(&target.endpoint, &seen, until, now)
                .await?;
        }
        Ok(())
    }

    /// Switches a webhook off for its owner.
    pub(crate) async fn disable(&self, webhook: &Webhook, because: &str) -> Result<(), StoreError> {
        tracing::warn!(webhook = %webhook.id, because, "a webhook is switched off");
        // If its owner has changed it just now, it has another chance.
        let _ = self
            .store
            .disable_webhook(webhook, because, clock::now())
            .await?;
        Ok(())
    }
}
