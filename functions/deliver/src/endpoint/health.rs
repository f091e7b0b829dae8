//! What an attempt tells about its endpoint: while it waits, and when it is over.

use std::time::Duration;

use domain::counted::counted;
use domain::endpoint::{
    Failed, Lane, Outage, SLOW_AFTER, SLOW_FOR, SUSPECT_AFTER, SUSPECT_FOR, ScopeId, Sign,
    TRUST_FOR,
};
use domain::notice::{Found, Notice};
use domain::outcome::Outcome;
use domain::timestamp::Timestamp;
use runtime::{chance, clock};
use store::{Failure, Noted, Replaced, StoreError, Success};

use super::peers::Failing;
use super::{Destination, Endpoints, complain};

/// How often a webhook is switched off that others note something of meanwhile.
const ATTEMPTS: u32 = 3;

impl Endpoints {
    /// Waits for an outcome that comes by then, and notes the endpoint as slow as soon as it may
    /// be: what else waits for it is then called elsewhere.
    pub(crate) async fn watch(
        &self,
        (destination, lane): (&Destination, Lane),
        over_at: Timestamp,
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
                () = tokio::time::sleep(after) => {
                    let noted = self.note_slow((destination, lane), time, over_at).await;
                    noted.unwrap_or_else(|error| complain(&error));
                }
            }
        }
        outcome.await
    }

    /// Notes an endpoint as slow for a time, unless that is known for most of it; and that it holds
    /// a part of the fast lane, if it does.
    async fn note_slow(
        &self,
        (destination, lane): (&Destination, Lane),
        time: Duration,
        over_at: Timestamp,
    ) -> Result<(), StoreError> {
        let now = clock::now();
        let until = now.after(time);
        if !destination
            .peers
            .is_news_of_slowness(now.after(time / 2), until)
        {
            return Ok(());
        }
        let noted = self
            .store
            .note_slow(&destination.endpoint, until, now)
            .await?;
        if noted == Noted::First && lane == Lane::Fast {
            let user = &destination.endpoint.user;
            self.store.note_hang(user, over_at, now).await?;
        }
        Ok(())
    }

    /// Notes what an attempt that took so long tells about its endpoint. A webhook whose URL has
    /// failed for too long is switched off.
    pub(crate) async fn learn(
        &self,
        destination: &Destination,
        found: Found<'_>,
        outcome: &Outcome,
        took: Duration,
    ) {
        let is_slow = took > SLOW_AFTER;
        if matches!(outcome, Outcome::Answered { .. }) && took < SUSPECT_AFTER {
            let learnt = self.learn_of_prompt_answer(destination).await;
            learnt.unwrap_or_else(|error| complain(&error));
        }
        let learnt = match Sign::of(outcome) {
            Sign::None => Ok(()),
            Sign::Good => self.learn_of_success(destination, found, is_slow).await,
            Sign::Alive => self.learn_of_failure(destination, found, None).await,
            Sign::Dead(failed) => {
                self.learn_of_failure(destination, found, Some(failed))
                    .await
            }
        };
        learnt.unwrap_or_else(|error| complain(&error));
    }

    /// Its endpoint has answered at once, and is trusted from now on.
    async fn learn_of_prompt_answer(&self, destination: &Destination) -> Result<(), StoreError> {
        let now = clock::now();
        let known = destination.health.trusted_until;
        if known.is_some_and(|until| until > now.after(TRUST_FOR / 2))
            || !destination.peers.is_news_of_trust()
        {
            return Ok(());
        }
        self.store
            .note_trust(&destination.endpoint, now.after(TRUST_FOR), now)
            .await
    }

    async fn learn_of_success(
        &self,
        destination: &Destination,
        found: Found<'_>,
        is_slow: bool,
    ) -> Result<(), StoreError> {
        let known = &destination.health;
        let now = clock::now();
        if let Some(notice) = Notice::recovered(found, now)
            && destination.peers.is_news_of(found.webhook, Failing::No)
        {
            tracing::info!(webhook = %found.webhook.id, "a webhook has recovered");
            // If it was changed meanwhile, the next success tells.
            let _ = self.store.note_recovered(found.webhook, &notice).await?;
        }
        let over: Vec<&ScopeId> = destination
            .scopes
            .all()
            .filter(|scope| known.outages.contains_key(scope))
            .collect();
        if over.is_empty() && (is_slow || known.slow_until.is_none()) {
            return Ok(());
        }
        let success = Success {
            passed: &over,
            is_slow,
            of: found,
        };
        self.store
            .note_success(&destination.endpoint, known, success, now)
            .await
    }

    /// An attempt was answered, and not accepted; or this of it has failed.
    async fn learn_of_failure(
        &self,
        destination: &Destination,
        found: Found<'_>,
        failed: Option<Failed>,
    ) -> Result<(), StoreError> {
        let (known, scopes) = (&destination.health, &destination.scopes);
        let dead = failed.map(|failed| scopes.failed(failed));
        if dead.is_some_and(|dead| !destination.peers.is_news_of_silence(dead)) {
            return Ok(());
        }
        let passed: Vec<&ScopeId> = match failed {
            Some(failed) => scopes.passed(failed),
            None => scopes.all().filter(|scope| **scope != scopes.url).collect(),
        };
        let now = clock::now();
        let of_url = known.outages.get(&scopes.url);
        let is_news = dead.is_some()
            || of_url.is_none_or(|known| known.unanswered > 0 || known.paused_until.is_some())
            || passed.iter().any(|scope| known.outages.contains_key(scope));
        let health = if is_news {
            let failure = Failure {
                url: &scopes.url,
                dead,
                passed: &passed,
                of: found,
            };
            let endpoint = &destination.endpoint;
            let noted = self.store.note_failure(endpoint, known, failure, now);
            &noted.await?
        } else {
            known
        };
        let outage_of = |scope| health.outages.get(scope).cloned().unwrap_or_default();
        if outage_of(&scopes.url).has_lasted(self.disable_after, now) {
            let days = self.disable_after.as_secs() / (24 * 60 * 60);
            let days = counted(days, "day");
            let because = format!("Its endpoint has accepted nothing for {days}");
            self.disable(found, &because).await?;
        } else {
            self.learn_of_failing(destination, found, &outage_of(&scopes.url), now)
                .await?;
        }
        match dead {
            Some(dead) => {
                let outage = &outage_of(dead);
                self.pause(destination, (dead, outage), (found, now)).await
            }
            None => Ok(()),
        }
    }

    /// Notes that a webhook is failing, if its URL has accepted nothing for long enough.
    async fn learn_of_failing(
        &self,
        destination: &Destination,
        found: Found<'_>,
        outage: &Outage,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let Some(since) = outage.since else {
            return Ok(());
        };
        if !outage.has_lasted(self.failing_after, now) {
            return Ok(());
        }
        if let Some(notice) = Notice::failing(found, since, now)
            && destination.peers.is_news_of(found.webhook, Failing::Yes)
        {
            tracing::info!(webhook = %found.webhook.id, %since, "a webhook is failing");
            // If it was changed meanwhile, the next failure tells.
            let _ = self.store.note_failing(found.webhook, &notice).await?;
        }
        Ok(())
    }

    /// Leaves alone what has just failed, if it is dead.
    async fn pause(
        &self,
        destination: &Destination,
        (scope, outage): (&ScopeId, &Outage),
        (found, now): (Found<'_>, Timestamp),
    ) -> Result<(), StoreError> {
        let known = destination
            .health
            .outages
            .get(scope)
            .cloned()
            .unwrap_or_default();
        // What was known when the attempt began: of many that fail at the same time, one makes the pause.
        let seen = Outage {
            unanswered: outage.unanswered,
            paused_until: destination.peers.probe_until(scope).or(known.paused_until),
            ..known
        };
        if let Some(pause) = seen.pause() {
            // Not all at once when it is over.
            let until = now.after(pause.mul_f64(1.0 + chance::jitter() / 4.0));
            self.store
                .pause(&destination.endpoint, (scope, &seen), until, (found, now))
                .await?;
        }
        Ok(())
    }

    /// Switches a webhook off for its owner.
    pub(crate) async fn disable(&self, found: Found<'_>, because: &str) -> Result<(), StoreError> {
        tracing::warn!(webhook = %found.webhook.id, because, "a webhook is switched off");
        let mut webhook = found.webhook.clone();
        for _ in 0..ATTEMPTS {
            let read = Found {
                webhook: &webhook,
                ..found
            };
            let disabled = self.store.disable_webhook(read, because, clock::now());
            if disabled.await? == Replaced::Done {
                break;
            }
            // Another worker may have found it to be failing. If its owner has changed it just now,
            // it has another chance.
            match self.store.webhook(&webhook.user, &webhook.id).await? {
                Some(now) if now.version == webhook.version => webhook = now,
                _ => break,
            }
        }
        Ok(())
    }
}
