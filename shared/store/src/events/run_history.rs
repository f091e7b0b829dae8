//! What a run's events have meant for its owner's webhooks: everything that explains it, with few
//! calls.

use std::collections::HashMap;

use domain::ad_hoc::Rejected;
use domain::dispatch::Dispatch;
use domain::dispatch_id::DispatchId;
use domain::event::{Event, EventKey, SubjectId};
use domain::id::{RunId, UserId, WebhookId};
use domain::webhook::Webhook;
use domain::why::may_have_triggered;
use serde_json::value::RawValue;

use super::rejected::sort_key_of;
use crate::Store;
use crate::error::StoreError;
use crate::table::key;

/// What is on record about a run.
#[derive(Clone, Debug, Default)]
pub struct RunHistory {
    /// Its kept events without their resources, the oldest first.
    pub events: Vec<Event>,
    /// Its owner's standing webhooks and its own ad hoc webhooks, deleted ones too; the oldest
    /// first.
    pub webhooks: Vec<Webhook>,
    /// Which dispatch each ad hoc webhook has fired.
    pub fired: HashMap<WebhookId, DispatchId>,
    /// The dispatches that the events have made of the webhooks.
    pub dispatches: HashMap<DispatchId, Dispatch>,
    /// The ad hoc definitions that came with the events and came to nothing.
    pub rejected: HashMap<EventKey, Rejected>,
}

impl Store {
    /// What is on record about a run; nothing about one that is unknown, or whose events have
    /// expired.
    pub async fn run_history(&self, user: &UserId, run: &RunId) -> Result<RunHistory, StoreError> {
        let subject = SubjectId::Run(run.clone());
        // Nobody asks here what they carry, and that can be much.
        let bare = |event: Event| Event {
            resource: RawValue::NULL.to_owned(),
            ..event
        };
        let events = self.each_kept(user, &subject, bare).await?;
        let Some(first) = events.first() else {
            return Ok(RunHistory::default());
        };
        let (webhooks, fired, mut noted) = futures::try_join!(
            self.webhooks_beside(user, run),
            self.fired_in_run(first),
            self.rejected_of(user, &subject)
        )?;
        let rejected = |event: &Event| {
            let key = event.key();
            let rejected = noted.remove(&sort_key_of(user, &subject, &key))?;
            Some((key, rejected))
        };
        let rejected = events.iter().filter_map(rejected).collect();
        let possible = possible_dispatches(&events, &webhooks).into_iter();
        let dispatches = self.dispatches_by_id(user, possible).await?;
        Ok(RunHistory {
            events,
            webhooks,
            fired,
            dispatches,
            rejected,
        })
    }

    async fn webhooks_beside(
        &self,
        user: &UserId,
        run: &RunId,
    ) -> Result<Vec<Webhook>, StoreError> {
        let (mut webhooks, ad_hoc) = futures::try_join!(
            self.standing_webhooks(user),
            self.defined_in(key::run_documents(user, run))
        )?;
        webhooks.extend(ad_hoc);
        webhooks.sort_by(|a, b| (a.created_at, &a.id).cmp(&(b.created_at, &b.id)));
        Ok(webhooks)
    }

    /// Which dispatches the ad hoc webhooks of an event's run have fired.
    async fn fired_in_run(
        &self,
        event: &Event,
    ) -> Result<HashMap<WebhookId, DispatchId>, StoreError> {
        let mut found = self.waiting_for(&[event]).await;
        let entries = found.pop().transpose()?.unwrap_or_default();
        let fired = entries
            .into_iter()
            .filter_map(|entry| Some((entry.webhook, entry.fired_by?)));
        Ok(fired.collect())
    }
}

/// The dispatches that these events may have made of the webhooks.
fn possible_dispatches(events: &[Event], webhooks: &[Webhook]) -> Vec<DispatchId> {
    let mut possible = Vec::new();
    for event in events {
        let candidates = webhooks.iter();
        let candidates = candidates.filter(|webhook| may_have_triggered(webhook, event));
        possible.extend(candidates.map(|webhook| webhook.dispatch_id(event)));
    }
    possible
}
