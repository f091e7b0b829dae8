//! The endpoint of a message: whether it is called now ([`domain::endpoint`]), and in `lesson` what an attempt tells about it.
//!
//! All of this is care for others, and none of it decides whether a dispatch is delivered: a health that cannot be read or written is
//! logged, and the attempt goes on as if nothing were known.

mod lesson;

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU32};

use aws_lambda_events::sqs::SqsEvent;
use domain::endpoint::{Endpoint, Health, Lane, PROBE, TRIAL, Way};
use domain::timestamp::Timestamp;
use runtime::clock;
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
    /// The pause that it probes after, once one has asked to.
    probe_until: OnceCell<Timestamp>,
    /// How many of its attempts were not answered.
    unanswered: AtomicU32,
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
        // Of a batch one message asks.
        if target.company.probe_until.set(until).is_err() {
            return Way::Wait(until);
        }
        let paused = self
            .store
            .pause(&target.endpoint, &target.health, until, now);
        match paused.await {
            Ok(true) => Way::Attempt,
            Ok(false) => Way::Wait(until),
            Err(error) => {
                complain(&error);
                Way::Attempt
            }
        }
    }
}

fn complain(error: &StoreError) {
    tracing::error!(%error, "the health of an endpoint is not known");
}
