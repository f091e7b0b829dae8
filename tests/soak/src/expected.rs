//! What should happen, by the rules that a user of webhooks knows: nothing of the functions' own
//! code or tables is asked.

use time::OffsetDateTime;

use super::cast::{self, Condition, Standing};
use super::hook::{EventType, Hook};
use super::message;
use super::script::{Event, Run, Script};

/// One webhook that must be triggered once.
#[derive(Debug)]
pub(super) struct Expected {
    pub(super) label: String,
    pub(super) run: String,
    pub(super) is_ad_hoc: bool,
    pub(super) do_not_retry: bool,
    /// Whether it need not be triggered at all.
    pub(super) is_optional: bool,
    /// By one of these events: a standing webhook by the only one, an ad hoc webhook by any.
    pub(super) by: Vec<Trigger>,
}

/// An event as a POST and a record name it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Trigger {
    pub(super) event_type: String,
    pub(super) created_at: String,
}

/// Everything that should be triggered.
pub(super) fn all(script: &Script, standing: &[Standing], begin: OffsetDateTime) -> Vec<Expected> {
    let mut all = Vec::new();
    for run in &script.runs {
        for event in &run.events {
            let triggered = standing
                .iter()
                .filter(|webhook| concerns(webhook, run) && waits_for(&webhook.hook, event));
            all.extend(triggered.map(|webhook| {
                let by = vec![trigger(event, begin)];
                expected(&webhook.hook, run, false, by)
            }));
        }
        for hook in run.ad_hoc.iter().chain(&run.late) {
            let events = run.events.iter().filter(|event| waits_for(hook, event));
            let by: Vec<_> = events.map(|event| trigger(event, begin)).collect();
            if !by.is_empty() {
                all.push(Expected {
                    is_optional: may_come_too_late(hook, run),
                    ..expected(hook, run, true, by)
                });
            }
        }
    }
    all
}

fn concerns(webhook: &Standing, run: &Run) -> bool {
    if webhook.user != run.user {
        return false;
    }
    match &webhook.condition {
        Condition::Actor(id) => *id == cast::actor(run.user, run.actor),
        Condition::Task(id) => run.has_task && *id == cast::task(run.user, run.actor),
    }
}

fn waits_for(hook: &Hook, event: &Event) -> bool {
    hook.event_types.contains(&event.event_type)
}

/// Whether it may have been defined after the run was resurrected, which makes the past of all that
/// it waits for.
fn may_come_too_late(hook: &Hook, run: &Run) -> bool {
    let resurrected = run.events.iter().filter(is_resurrection);
    let resurrected = resurrected.map(|event| event.at).max();
    let is_late = run.late.iter().any(|late| late.label == hook.label);
    let mut awaited = run.events.iter().filter(|event| waits_for(hook, event));
    is_late && resurrected.is_some_and(|at| awaited.all(|event| event.at < at))
}

fn is_resurrection(event: &&Event) -> bool {
    event.event_type == EventType::Resurrected
}

fn trigger(event: &Event, begin: OffsetDateTime) -> Trigger {
    Trigger {
        event_type: event.event_type.name().to_owned(),
        created_at: message::created_at(*event, begin),
    }
}

fn expected(hook: &Hook, run: &Run, is_ad_hoc: bool, by: Vec<Trigger>) -> Expected {
    Expected {
        label: hook.label.clone(),
        run: run.id.clone(),
        is_ad_hoc,
        do_not_retry: hook.do_not_retry,
        is_optional: false,
        by,
    }
}
