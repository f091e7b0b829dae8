//! What an ad hoc webhook hears of that has happened to its run before it was there, or waited for
//! it.

use domain::event::SubjectId;
use domain::late::{Happened, last_resurrection, still_true};
use domain::timestamp::Timestamp;
use domain::webhook::{Lifetime, Webhook, WebhookState};

use crate::Api;
use crate::error::ApiError;

/// From when on a webhook hears of its run that comes now, or begins now to wait for what it waits
/// for.
pub(super) async fn hears_from(
    api: &Api,
    webhook: &Webhook,
) -> Result<Option<Timestamp>, ApiError> {
    let Lifetime::AdHoc(run) = &webhook.lifetime else {
        return Ok(None);
    };
    let run = SubjectId::Run(run.clone());
    let happened = api.store.happened(&webhook.user, &run).await?;
    Ok(last_resurrection(&happened))
}

/// Lets an ad hoc webhook hear what it is late for: the run's events that still hold, three at
/// most, go through the event queue once more. There are none as a rule, because what a webhook has
/// waited for has fired it.
///
/// Repeating this is safe because an event that comes again finds the dispatch that it has made. It
/// is repeated for a webhook that was there already, and by every change, because whoever defined
/// or changed it may have died before this.
pub(super) async fn catch_up(api: &Api, webhook: &Webhook) -> Result<(), ApiError> {
    let Lifetime::AdHoc(run) = &webhook.lifetime else {
        return Ok(());
    };
    if webhook.state != WebhookState::Enabled || api.store.has_fired(webhook).await? {
        return Ok(());
    }
    let run = SubjectId::Run(run.clone());
    let happened = api.store.happened(&webhook.user, &run).await?;
    let awaited = webhook.definition.event_types.mask();
    let is_late_for = |event: &&Happened| {
        let is_past = webhook
            .hears_from
            .is_some_and(|from| event.key.created_at < from);
        awaited & event.kind.bit() != 0 && !is_past
    };
    let mut late_for = still_true(&happened);
    late_for.retain(is_late_for);
    let events = api.store.kept_among(&webhook.user, &run, &late_for).await?;
    for sent in api.events.put_back(&events).await {
        sent?;
    }
    Ok(())
}
