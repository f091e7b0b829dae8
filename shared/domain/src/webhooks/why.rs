//! Why an event has triggered a webhook, or has not: for its owner, who asks afterwards.
//!
//! What was decided then is on record as a dispatch, or not at all. Where there is none, the
//! webhook as it is now explains it; nobody writes down what did not happen.

use crate::dispatch::{Dispatch, DispatchState};
use crate::dispatch_id::DispatchId;
use crate::event::Event;
use crate::webhook::{Webhook, WebhookState};

/// What an event has meant for a webhook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Why {
    /// It has triggered it: the dispatch says what came of that.
    Triggered,
    /// It would have, but the webhook was switched off. There may be a dispatch that was recorded
    /// and not sent.
    Disabled,
    /// The webhook is for other runs.
    OtherCondition,
    /// The webhook does not include this event type.
    TypeNotAwaited,
    /// The webhook is ad hoc, and another dispatch has used it up.
    FiredByAnother(DispatchId),
    /// The webhook was deleted.
    Removed,
    /// The webhook was defined after the event.
    DefinedLater,
    /// The webhook was changed after the event: before, it was switched off, or waited for
    /// something else.
    ChangedLater,
    /// Nothing speaks against it: the dispatch will be there in a moment.
    NotYet,
}

/// Explains what an event has meant for a webhook of the same user. `dispatch` is the one that the
/// event makes of the webhook, if it is on record; `fired_by` is the dispatch that an ad hoc
/// webhook has fired. `holds` tells whether the event is [still true](crate::late::still_true) for
/// a webhook that comes late.
pub fn why(
    webhook: &Webhook,
    event: &Event,
    holds: bool,
    dispatch: Option<&Dispatch>,
    fired_by: Option<&DispatchId>,
) -> Why {
    if let Some(dispatch) = dispatch {
        let never_sent =
            dispatch.calls.is_empty() && matches!(dispatch.state, DispatchState::Failed { .. });
        return if never_sent {
            Why::Disabled
        } else {
            Why::Triggered
        };
    }
    if !is_for(webhook, event) {
        return Why::OtherCondition;
    }
    if webhook.definition.event_types.mask() & event.kind.bit() == 0 {
        return Why::TypeNotAwaited;
    }
    let own = webhook.dispatch_id(event);
    if let Some(other) = fired_by.filter(|fired| **fired != own) {
        return Why::FiredByAnother(other.clone());
    }
    match webhook.state {
        WebhookState::Removed => Why::Removed,
        WebhookState::Disabled => Why::Disabled,
        // An ad hoc webhook also hears of what has happened before it was defined, if that still
        // holds.
        WebhookState::Enabled if webhook.lifetime.is_ad_hoc() && holds => Why::NotYet,
        WebhookState::Enabled if webhook.created_at > event.created_at => Why::DefinedLater,
        WebhookState::Enabled if webhook.modified_at > event.created_at => Why::ChangedLater,
        WebhookState::Enabled => Why::NotYet,
    }
}

/// Whether a webhook is for the run or build of this event.
pub fn is_for(webhook: &Webhook, event: &Event) -> bool {
    event.subject.conditions().contains(&webhook.condition)
}

/// Whether there may be a dispatch that this event has made of the webhook. One that was changed
/// since may have been for other runs.
pub fn may_have_triggered(webhook: &Webhook, event: &Event) -> bool {
    is_for(webhook, event) || webhook.modified_at > event.created_at
}

impl Why {
    /// Whether there is, or will be, a dispatch that is sent.
    pub fn is_match(&self) -> bool {
        matches!(self, Self::Triggered | Self::NotYet)
    }

    /// Its name, for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Triggered => "TRIGGERED",
            Self::Disabled => "DISABLED",
            Self::OtherCondition => "OTHER_CONDITION",
            Self::TypeNotAwaited => "EVENT_TYPE_NOT_AWAITED",
            Self::FiredByAnother(_) => "FIRED_BY_ANOTHER_EVENT",
            Self::Removed => "REMOVED",
            Self::DefinedLater => "DEFINED_LATER",
            Self::ChangedLater => "CHANGED_LATER",
            Self::NotYet => "NOT_YET",
        }
    }

    /// The same, for people.
    pub fn message(&self) -> String {
        match self {
            Self::Triggered => "The event has triggered the webhook.".to_owned(),
            Self::Disabled => "The webhook was disabled.".to_owned(),
            Self::OtherCondition => "The webhook's condition does not cover this run.".to_owned(),
            Self::TypeNotAwaited => {
                "The webhook does not include this event type.".to_owned()
            }
            Self::FiredByAnother(other) => format!(
                "The webhook is ad hoc and fires once: it has fired for another event, with the dispatch {other}."
            ),
            Self::Removed => "The webhook was removed.".to_owned(),
            Self::DefinedLater => "The webhook was defined after the event.".to_owned(),
            Self::ChangedLater => {
                "The webhook was changed after the event: before, it was disabled or did not wait for it."
                    .to_owned()
            }
            Self::NotYet => {
                "The event matches; its dispatch will be created shortly.".to_owned()
            }
        }
    }
}

#[cfg(test)]
mod tests;
