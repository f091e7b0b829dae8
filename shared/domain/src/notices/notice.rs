//! A notice: something has changed that a webhook's owner would want to know of without asking.
//!
//! There is one for each *change of state*, never for an attempt. It is written down in the
//! transaction that makes the change, so there is no change without its notice and no notice
//! without its change. The platform takes notices from a queue and tells the owner, by e-mail or at
//! the webhook's page. A notice that comes twice has the same [id](NoticeId).
//!
//! Only a standing webhook can be failing or recover: an ad hoc one is triggered once, and its
//! dispatch says all there is to say.

mod changes;
mod id;
#[cfg(test)]
mod tests;

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::dispatch_id::DispatchId;
use crate::due::Minute;
use crate::endpoint::ScopeId;
use crate::id::{JobId, RunId, UserId, WebhookId};
use crate::timestamp::Timestamp;
use crate::trace_context::TraceContext;
use crate::webhook::Webhook;

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
