//! A notice: something has changed that a webhook's owner would want to know of without asking.
//!
//! There is one for each *change of state*, never for an attempt. It is written down in the
//! transaction that makes the change, so there is no change without its notice and no notice
//! without its change. The platform takes notices from a queue and tells the owner, by e-mail or at
//! the webhook's page. A notice that comes twice has the same [id](NoticeId).
//!
//! Only a standing webhook can be failing or recover: an ad hoc one is triggered once, and its
//! dispatch says all there is to say.

mod id;
#[cfg(test)]
mod tests;

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::ad_hoc::Rejected;
use crate::counted::counted;
use crate::dispatch_id::DispatchId;
use crate::due::Minute;
use crate::endpoint::{Endpoint, ScopeId, Scopes};
use crate::event::EventKey;
use crate::id::{JobId, RunId, UserId, WebhookId};
use crate::redelivery::Refusal;
use crate::redelivery_job::{Job, JobState};
use crate::timestamp::Timestamp;
use crate::trace_context::TraceContext;
use crate::webhook::{Lifetime, Webhook, WebhookState};

pub use id::NoticeId;

/// How long a notice is shown to the webhook's owner.
pub const KEPT: Duration = Duration::from_secs(30 * 24 * 60 * 60);
/// The most dispatches that a notice names. It counts them all.
pub const MOST_DISPATCHES: usize = 10;
/// The most reasons that a notice about ad hoc webhooks gives. They are counted all the same, and
/// the run's page has more.
pub const MOST_REASONS: usize = 5;

/// Over how many partitions what is to be told is spread: each takes 500 changes a second, because
/// a change within a transaction costs twice.
pub const SHARDS: u8 = 4;

/// The partition of what is to be told of this.
pub fn shard(id: &str) -> u8 {
    id.bytes().last().unwrap_or_default() % SHARDS
}

/// How long after a minute's end its exhausted dispatches are counted: what was recorded within it
/// is there by then, as a rule. What comes later makes a notice of its own.
const COUNTED_AFTER: Duration = Duration::from_secs(10);

/// The first minute whose exhausted dispatches are not counted yet.
pub fn not_counted_yet(now: Timestamp) -> Minute {
    let after = i64::try_from(COUNTED_AFTER.as_millis()).unwrap_or(i64::MAX);
    Minute::of(Timestamp::from_millis(now.as_millis() - after).unwrap_or_default())
}

/// What has changed, for whom, and when. As JSON it is one flat object, with the change's own
/// fields beside `id`, `type`, `userId`, `createdAt` and `reason`; fields may be added.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Notice {
    /// The same whenever this notice is repeated.
    pub id: NoticeId,
    /// What has changed.
    #[serde(flatten)]
    pub change: Change,
    /// The webhook's owner.
    pub user_id: UserId,
    /// The webhook. There is none where nothing became of a definition, and none of an endpoint
    /// that is forgotten.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub webhook_id: Option<WebhookId>,
    /// When it has changed.
    pub created_at: Timestamp,
    /// Why, for the owner.
    pub reason: String,
    /// The trace of the event whose delivery has shown it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub traceparent: Option<TraceContext>,
}

/// A change of state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all_fields = "camelCase")]
pub enum Change {
    /// The webhook's URL has accepted nothing for a while.
    #[serde(rename = "webhook.failing")]
    WebhookFailing {
        /// When the first of these attempts failed.
        since: Timestamp,
    },
    /// A webhook that was failing has delivered something.
    #[serde(rename = "webhook.recovered")]
    WebhookRecovered {
        /// When it was found to be failing.
        failing_since: Timestamp,
    },
    /// The webhook was switched off, and not by its owner.
    #[serde(rename = "webhook.disabled")]
    WebhookDisabled,
    /// A webhook that was off is on.
    #[serde(rename = "webhook.enabled")]
    WebhookEnabled,
    /// The last retry of some dispatches has failed within a minute.
    #[serde(rename = "dispatch.exhausted")]
    DispatchExhausted {
        /// How many.
        count: usize,
        /// Some of them, at most [`MOST_DISPATCHES`].
        dispatch_ids: Vec<DispatchId>,
    },
    /// A redelivery of all that has failed is over.
    #[serde(rename = "redelivery.finished")]
    RedeliveryFinished {
        /// The job.
        job_id: JobId,
        /// How many dispatches it has redelivered.
        count: u32,
    },
    /// What the webhook's requests go to gives no answer, and is left alone for a while.
    #[serde(rename = "endpoint.paused")]
    EndpointPaused {
        /// What is left alone.
        #[serde(flatten)]
        paused: Paused,
        /// Until when at first. Each time that it is asked in vain then, it is left alone for longer.
        until: Timestamp,
    },
    /// What was left alone is not any more.
    #[serde(rename = "endpoint.resumed")]
    EndpointResumed {
        /// What was left alone.
        #[serde(flatten)]
        paused: Paused,
    },
    /// Some ad hoc webhooks that came with the start of a run came to nothing.
    #[serde(rename = "adHocWebhook.rejected")]
    AdHocWebhookRejected {
        /// The run.
        run_id: RunId,
        /// How many.
        count: usize,
    },
}

/// What is left alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Paused {
    /// The host, as in the webhook's URL.
    pub host: String,
    /// Names what is paused there: the same when it resumes.
    pub scope: ScopeId,
    /// How much that is, if it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub covers: Option<Covers>,
}

/// How much of a host is paused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Covers {
    /// Everything at the URL's port.
    Port,
    /// What checks the certificate there.
    Certificate,
    /// What goes to the URL.
    Url,
}

/// Dispatches of a webhook that were exhausted within a minute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exhausted {
    /// Some of them, in the order of their ids. One that was redelivered meanwhile can be there
    /// twice.
    pub dispatches: Vec<DispatchId>,
    /// The number of the first one's last attempt.
    pub attempt: u32,
    /// How many there are.
    pub count: usize,
    /// The trace of the first one's event, if it has one.
    pub trace: Option<TraceContext>,
}

/// What a notice about an attempt says of it: the webhook, and the trace of its event.
#[derive(Clone, Copy, Debug)]
pub struct Found<'w> {
    /// The webhook that the attempt was for.
    pub webhook: &'w Webhook,
    /// The trace of its event, if it has one.
    pub trace: Option<&'w TraceContext>,
}

impl Notice {
    /// The types, as they are written.
    pub const TYPES: [&'static str; 9] = [
        "webhook.failing",
        "webhook.recovered",
        "webhook.disabled",
        "webhook.enabled",
        "dispatch.exhausted",
        "redelivery.finished",
        "endpoint.paused",
        "endpoint.resumed",
        "adHocWebhook.rejected",
    ];

    fn new(
        user: &UserId,
        webhook: Option<&WebhookId>,
        (at, reason): (Timestamp, String),
        change: Change,
        distinguished_by: &[&str],
    ) -> Self {
        let id = NoticeId::of(user, webhook, change.name(), distinguished_by);
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
        let distinguished_by = [failing_since.to_string()];
        let distinguished_by = distinguished_by.each_ref().map(String::as_str);
        Some(Self::found(found, (now, reason), change, &distinguished_by))
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

    /// The notice as JSON: what is sent, and what is kept.
    pub fn to_json(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string(self)
    }

    /// Reads a notice's JSON.
    pub fn from_json(text: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(text)
    }
}

impl Change {
    /// The type, as it is written.
    pub fn name(&self) -> &'static str {
        match self {
            Self::WebhookFailing { .. } => "webhook.failing",
            Self::WebhookRecovered { .. } => "webhook.recovered",
            Self::WebhookDisabled => "webhook.disabled",
            Self::WebhookEnabled => "webhook.enabled",
            Self::DispatchExhausted { .. } => "dispatch.exhausted",
            Self::RedeliveryFinished { .. } => "redelivery.finished",
            Self::EndpointPaused { .. } => "endpoint.paused",
            Self::EndpointResumed { .. } => "endpoint.resumed",
            Self::AdHocWebhookRejected { .. } => "adHocWebhook.rejected",
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
