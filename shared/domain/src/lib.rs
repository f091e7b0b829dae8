//! What Runhooks decides, without touching anything: no network, no clock, no chance. `now` and jitter are arguments.
//!
//! # The story
//!
//! A job platform runs *actors*. When a *run* changes state, the platform reports an [`event`]. The report is an [`event_message`] on a
//! queue, and it may bring [`ad_hoc`] webhooks with it: those of the request that started the run.
//!
//! Users have defined [`webhook`]s. Each waits at one [`condition`], which is all runs of an actor,
//! all runs of a task, or one run; [`matching`] says which of them an event triggers, and [`late`]
//! says which earlier events count for one that comes when its run has begun. A webhook triggered by an event is a
//! [`dispatch`]. Its [id](dispatch_id::DispatchId) is derived from the two, so everyone who sees
//! the same event names the same dispatch, and a repeated event finds the dispatch that is there. A
//! *standing* webhook makes one dispatch for each event; an *ad hoc* webhook makes one, ever.
//! Whoever defines webhooks or reads dispatches shows an [`api_token`], or a [`platform_token`]
//! that the platform has signed: it says whose they are, and its [`grant`] what may be done with
//! them.
//!
//! What a webhook does is its [`action_type`]: up to now, an HTTP request. A [`delivery_message`]
//! asks for one attempt of a dispatch. The attempt sends the [`payload`], or
//! what the webhook's [`template`] makes of the event, to a [`target`] that anybody can reach, with
//! a [`signature`], and ends in an [`outcome`]; [`dispatch::after`] decides what follows: it is
//! done, it has failed, or it is tried again as the [`retry`] schedule says. Its owner can ask for
//! it once more: that is a [`redelivery`], of one dispatch or, by a [`redelivery_job`], of all that
//! have failed; and can ask [`why`] an event has triggered a webhook. How often a user may ask is a
//! matter of the [`rate`]. An event may belong to a trace, and its [`trace_context`] goes on to
//! receivers. A request to the [`platform_api`] can start another actor for the webhook's owner. When
//! the state of a webhook or of what it calls has changed, its owner gets a [`notice`].
//! Whatever is our own fault is on no record: the message comes again, after a [`backoff`].
//!
//! # Glossary
//!
//! | word | what it is |
//! |---|---|
//! | event | a change of a run's or build's state, as the platform reports it: [`event::Event`] |
//! | webhook | what a user defines: which events, what to send, and where: [`webhook::Webhook`] |
//! | condition | the runs that a webhook is for: an actor's, a task's, or one: [`condition::Condition`] |
//! | standing | of a webhook: every matching event triggers it, until it is deleted: [`webhook::Lifetime`] |
//! | ad hoc | of a webhook: it belongs to one run and is triggered once: [`webhook::Lifetime`] |
//! | dispatch | a webhook triggered by an event, from its claim to its end: [`dispatch::Dispatch`] |
//! | attempt | one try to deliver a dispatch: a request, or what kept it from being sent |
//! | call | an attempt as it is recorded: [`dispatch::Call`] |
//! | delivery message | what asks for an attempt, on a queue: [`delivery_message::DeliveryMessage`] |
//! | lane | one of the two delivery queues, fast and slow: [`endpoint::Lane`] |
//! | endpoint | everything of one user behind one host: [`endpoint::Endpoint`] |
//! | pause | a time for which an endpoint that has failed for long is not called: [`endpoint::Outage`] |
//! | probe | the one attempt that shows whether an endpoint is back after a pause: [`endpoint::PROBE`] |
//! | redelivery | a dispatch once more, because its owner asks: [`redelivery`] |
//! | notice | what a webhook's owner is told when something has changed: [`notice::Notice`] |

mod access;
mod attempts;
mod dispatches;
mod endpoints;
mod events;
mod notices;
mod requests;
mod values;
mod webhooks;

use values::{base62, depth, digest};

pub use access::{api_token, grant, platform_token, rate};
pub use attempts::{backoff, delivery_message, due, outcome, retry, retry_after};
pub use dispatches::{
    counted, dispatch, dispatch_filter, dispatch_id, redelivery, redelivery_job, spread,
};
pub use endpoints::{endpoint, request_url, target};
pub use events::{event, event_message, event_type, late, trace_context};
pub use notices::notice;
pub use requests::{payload, platform_api, signature, template};
pub use values::{excerpt, fields, id, timestamp};
pub use webhooks::{action_type, ad_hoc, condition, definition, matching, webhook, why};
