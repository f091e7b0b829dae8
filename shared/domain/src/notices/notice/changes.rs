//! Which changes are told of, and in which words.

use super::{
    Change, Covers, Exhausted, Found, MOST_DISPATCHES, MOST_REASONS, Notice, NoticeId, Paused,
};
use crate::ad_hoc::Rejected;
use crate::counted::counted;
use crate::dispatch_id::DispatchId;
use crate::due::Minute;
use crate::endpoint::{Endpoint, ScopeId, Scopes};
use crate::event::EventKey;
use crate::id::{RunId, UserId, WebhookId};
use crate::redelivery::Refusal;
use crate::redelivery_job::{Job, JobState};
use crate::timestamp::Timestamp;
use crate::trace_context::TraceContext;
use crate::webhook::{Lifetime, Webhook, WebhookState};

impl Notice {
    fn new(
        user: &UserId,
        webhook: Option<&WebhookId>,
        (at, reason): (Timestamp, String),
        change: Change,
        distinguished_by: &[&str],
    ) -> Self {
        let id = NoticeId::of(user, webhook, change.name(), distinguished_by);
        // No message of SQS may have these, and a definition may.
        let is_allowed = |c: &char| !matches!(c, '\u{FFFE}' | '\u{FFFF}');
        let reason = reason.chars().filter(is_allowed).collect();
        Self {
            id,
            change,
            user_id: user.clone(),
            webhook_id: webhook.cloned(),
            created_at: at,
            reason,
            traceparent: None,
        }
    }

    fn found(
        found: Found<'_>,
        told: (Timestamp, String),
        change: Change,
        distinguished_by: &[&str],
    ) -> Self {
        let Found { webhook, trace } = found;
        Self {
            traceparent: trace.cloned(),
            ..Self::new(
                &webhook.user,
                Some(&webhook.id),
                told,
                change,
                distinguished_by,
            )
        }
    }

    /// The URL of this webhook has accepted nothing since a time. `None` if nobody is to be told:
    /// the webhook is ad hoc, known to be failing, or not in force.
    pub fn failing(found: Found<'_>, since: Timestamp, now: Timestamp) -> Option<Self> {
        let webhook = found.webhook;
        let is_news = webhook.lifetime == Lifetime::Standing
            && webhook.state == WebhookState::Enabled
            && webhook.failing_since.is_none();
        is_news.then(|| {
            let reason = format!("Its endpoint has accepted nothing since {since}");
            let change = Change::WebhookFailing { since };
            Self::found(found, (now, reason), change, &[&now.to_string()])
        })
    }

    /// This webhook has delivered something. `None` if it was not known to be failing.
    pub fn recovered(found: Found<'_>, now: Timestamp) -> Option<Self> {
        let failing_since = found.webhook.failing_since?;
        let reason = "Its endpoint accepts requests again".to_owned();
        let change = Change::WebhookRecovered { failing_since };
        let told = (now, reason);
        Some(Self::found(
            found,
            told,
            change,
            &[&failing_since.to_string()],
        ))
    }

    /// What is to be told when a webhook is changed: that it was switched off for its owner, or is
    /// on again.
    pub fn of_change(
        before: &Webhook,
        after: &Webhook,
        trace: Option<&TraceContext>,
    ) -> Option<Self> {
        let (change, reason) = match (before.state, after.state) {
            (WebhookState::Enabled, WebhookState::Disabled) => {
                (Change::WebhookDisabled, after.disabled_because.clone()?)
            }
            (WebhookState::Disabled, WebhookState::Enabled) => {
                let reason = "Its owner has switched it on".to_owned();
                (Change::WebhookEnabled, reason)
            }
            _ => return None,
        };
        let found = Found {
            webhook: after,
            trace,
        };
        let version = after.version.to_string();
        let told = (after.modified_at, reason);
        Some(Self::found(found, told, change, &[&version]))
    }

    /// These dispatches of a webhook were exhausted within a minute. What is noted too late for this
    /// notice makes another, which begins with another dispatch, and so has another id.
    pub fn exhausted(
        (user, webhook): (&UserId, &WebhookId),
        minute: Minute,
        exhausted: &Exhausted,
    ) -> Self {
        let dispatches = &exhausted.dispatches;
        let first = dispatches.first().map_or("", DispatchId::as_str);
        let count = exhausted.count;
        let reason = match count {
            1 => "The last retry of a dispatch has failed".to_owned(),
            count => format!("The last retries of {count} dispatches have failed"),
        };
        let change = Change::DispatchExhausted {
            count,
            dispatch_ids: dispatches.iter().take(MOST_DISPATCHES).cloned().collect(),
        };
        let (minute_number, attempt) = (minute.number().to_string(), exhausted.attempt.to_string());
        let distinguished_by = [minute_number.as_str(), first, &attempt];
        let told = (minute.end(), reason);
        Self {
            traceparent: exhausted.trace.clone(),
            ..Self::new(user, Some(webhook), told, change, &distinguished_by)
        }
    }

    /// This job has ended; `None` while it runs.
    pub fn finished(job: &Job) -> Option<Self> {
        let count = job.progress.redelivered;
        let many = counted(u64::from(count), "dispatch");
        let (at, reason) = match job.state {
            JobState::Running => return None,
            JobState::Finished { at } => (at, format!("{many} redelivered")),
            JobState::Stopped { at, refusal } => {
                let why = match refusal {
                    Refusal::WebhookRemoved => "the webhook was deleted",
                    Refusal::WebhookDisabled => "the webhook is switched off",
                };
                (at, format!("Stopped after {many}, because {why}"))
            }
        };
        let job_id = job.id.clone();
        let id = job.id.as_str();
        let change = Change::RedeliveryFinished { job_id, count };
        let told = (at, reason);
        Some(Self::new(
            &job.user,
            Some(&job.webhook),
            told,
            change,
            &[id],
        ))
    }

    /// A scope of an endpoint is left alone until a time, after an attempt that failed.
    pub fn paused(
        found: Found<'_>,
        (endpoint, scope): (&Endpoint, &ScopeId),
        (unanswered, until): (u32, Timestamp),
        now: Timestamp,
    ) -> Self {
        let covers = Covers::of(found.webhook, scope);
        let (host, times) = (&endpoint.host, counted(u64::from(unanswered), "time"));
        let reason = match covers {
            Some(Covers::Port) => {
                format!("No connection to {host} could be made, {times} in a row")
            }
            Some(Covers::Certificate) => {
                format!("No secure connection to {host} could be made, {times} in a row")
            }
            Some(Covers::Url) | None => {
                format!("{host} did not answer requests to the URL, {times} in a row")
            }
        };
        let paused = Paused::of(endpoint, scope, covers);
        let change = Change::EndpointPaused { paused, until };
        let distinguished_by = [scope.as_str(), &now.to_string()];
        Self::found(found, (now, reason), change, &distinguished_by)
    }

    /// A scope of an endpoint that was left alone until a time is there again, as an attempt has
    /// shown.
    pub fn resumed(
        found: Found<'_>,
        (endpoint, scope): (&Endpoint, &ScopeId),
        was_paused_until: Timestamp,
        now: Timestamp,
    ) -> Self {
        let covers = Covers::of(found.webhook, scope);
        let paused = Paused::of(endpoint, scope, covers);
        let distinguished_by = [scope.as_str(), &was_paused_until.to_string()];
        if covers.is_some() {
            let reason = "It answers again".to_owned();
            let change = Change::EndpointResumed { paused };
            return Self::found(found, (now, reason), change, &distinguished_by);
        }
        // Whose requests go there is not known from this attempt: it was for another scope, which
        // needs the room.
        let reason = "So much else of the host fails that this is not kept any longer".to_owned();
        let change = Change::EndpointResumed { paused };
        let told = (now, reason);
        Self::new(&endpoint.user, None, told, change, &distinguished_by)
    }

    /// These ad hoc webhooks that came with an event came to nothing.
    pub fn rejected(
        (user, run): (&UserId, &RunId),
        event: &EventKey,
        rejected: &Rejected,
        trace: Option<&TraceContext>,
        now: Timestamp,
    ) -> Self {
        let reasons = rejected.reasons.iter().take(MOST_REASONS);
        let reasons: Vec<_> = reasons.map(|known| known.reason.as_str()).collect();
        let mut reason = reasons.join("; ");
        if rejected.count > reasons.len() {
            reason.push_str(&format!("; and {} more", rejected.count - reasons.len()));
        }
        let change = Change::AdHocWebhookRejected {
            run_id: run.clone(),
            count: rejected.count,
        };
        let distinguished_by = [run.as_str(), &event.hash, &reason.clone()];
        Self {
            traceparent: trace.cloned(),
            ..Self::new(user, None, (now, reason), change, &distinguished_by)
        }
    }
}

impl Paused {
    fn of(endpoint: &Endpoint, scope: &ScopeId, covers: Option<Covers>) -> Self {
        Self {
            host: endpoint.host.clone(),
            scope: scope.clone(),
            covers,
        }
    }
}

impl Covers {
    /// What a scope is to this webhook's requests; `None` if it does not concern them.
    fn of(webhook: &Webhook, scope: &ScopeId) -> Option<Self> {
        let definition = &webhook.definition;
        let scopes = Scopes::of(&definition.request_url, !definition.ignore_ssl_errors);
        if *scope == scopes.connection {
            Some(Self::Port)
        } else if scopes.certificate.as_ref() == Some(scope) {
            Some(Self::Certificate)
        } else {
            (*scope == scopes.url).then_some(Self::Url)
        }
    }
}
