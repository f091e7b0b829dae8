//! The endpoint of a message: whether it is called now, and what an attempt tells about it ([`domain::endpoint`]).
//!
//! All of this is care for others, and none of it decides whether a dispatch is delivered: a health that cannot be read or written is
//! logged, and the attempt goes on as if nothing were known.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::time::Duration;

use aws_lambda_events::sqs::SqsEvent;
use domain::endpoint::{
    Endpoint, Health, Lane, PROBE, SLOW_AFTER, SLOW_FOR, SUSPECT_AFTER, SUSPECT_FOR, Sign, TRIAL,
    TRUST_FOR, Way,
};
use domain::outcome::Outcome;
use domain::timestamp::Timestamp;
use domain::webhook::Webhook;
use runtime::{chance, clock};
use store::{Load, StoreError};
use tokio::sync::OnceCell;

use crate::Deliver;

/// What is known of the endpoint that a webhook's requests go to.
#[derive(Clone, Debug)]
pub(crate) struct Target {
    pub(crate) endpoint: Endpoint,
    pub(crate) health: Health,
    company: Arc<Company>,
}

/// What the messages of a batch for one endpoint have in common: what one of them has found out, the others do not ask again.
#[derive(Debug, Default)]
struct Company {
    /// Whether this batch tries the endpoint.
    has_trial: OnceCell<bool>,
    /// Until when the endpoint is known as slow, in milliseconds.
    slow_until: AtomicI64,
    is_trusted: AtomicBool,
    /// The pause that it probes after, once it does.
    probe_until: OnceCell<Timestamp>,
}

impl Company {
    fn of(health: &Health) -> Self {
        let slow_until = health.slow_until.map_or(0, |until| until.as_millis());
        Self {
            slow_until: AtomicI64::new(slow_until),
            ..Self::default()
        }
    }
}

impl Deliver {
    /// Where the requests of each of these go, in the same order; nothing where there is no webhook. One read for all.
    pub(crate) async fn targets<E>(&self, loads: &[Result<Load, E>]) -> Vec<Option<Target>> {
        let endpoint = |load: &Result<Load, E>| {
            let webhook = load.as_ref().ok()?.webhook.as_ref()?;
            Some(Endpoint::of(&webhook.user, &webhook.definition.request_url))
        };
        let endpoints: Vec<Option<Endpoint>> = loads.iter().map(endpoint).collect();
        let asked: Vec<Endpoint> = endpoints.iter().flatten().cloned().collect();
        let healths = self.store.healths(&asked).await.unwrap_or_else(|error| {
            complain(&error);
            HashMap::new()
        });
        let mut targets: HashMap<&Endpoint, Target> = HashMap::new();
        let target = |endpoint| {
            let health = healths.get(endpoint).cloned().unwrap_or_default();
            Target {
                endpoint: endpoint.clone(),
                company: Arc::new(Company::of(&health)),
                health,
            }
        };
        endpoints
            .iter()
            .map(|endpoint| {
                let endpoint = endpoint.as_ref()?;
                let target = targets.entry(endpoint).or_insert_with(|| target(endpoint));
                Some(target.clone())
            })
            .collect()
    }

    /// The lane that a batch has come on: one queue feeds a batch.
    pub(crate) fn lane_of(&self, batch: &SqsEvent) -> Lane {
        let queue = batch.records.first();
        let queue = queue.and_then(|record| record.event_source_arn.as_deref()?.rsplit(':').next());
        let slow = self.config.slow_delivery_queue_url.rsplit('/').next();
        if queue.is_some() && queue == slow {
            Lane::Slow
        } else {
            Lane::Fast
        }
    }

    /// What is to be done about a message for this target. Of all messages that find a pause over, one probes; of all batches for
    /// an endpoint that is not known to answer, one tries it.
    pub(crate) async fn way(&self, target: &Target, lane: Lane) -> Way {
        let way = target.health.way(lane, clock::now());
        match way {
            Way::Probe => self.probe(target).await,
            Way::Trial => {
                let has_trial = target.company.has_trial.get_or_init(|| self.trial(target));
                if *has_trial.await {
                    Way::Attempt
                } else {
                    Way::SlowLane
                }
            }
            Way::Attempt | Way::SlowLane | Way::Wait(_) => way,
        }
    }

    async fn trial(&self, target: &Target) -> bool {
        let now = clock::now();
        let begun = self
            .store
            .begin_trial(&target.endpoint, now.after(TRIAL), now);
        begun.await.unwrap_or_else(|error| {
            complain(&error);
            true
        })
    }

    async fn probe(&self, target: &Target) -> Way {
        let now = clock::now();
        let until = now.after(PROBE);
        let paused = self
            .store
            .pause(&target.endpoint, &target.health, until, now);
        match paused.await {
            Ok(true) => {
                // Of a batch one message probes, so nobody has set it.
                let _ = target.company.probe_until.set(until);
                Way::Attempt
            }
            Ok(false) => Way::Wait(until),
            Err(error) => {
                complain(&error);
                Way::Attempt
            }
        }
    }

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
            let because = format!("Its endpoint has accepted nothing for {days} days");
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

pub(crate) fn complain(error: &StoreError) {
    tracing::error!(%error, "the health of an endpoint is not known");
}
