//! What the stages and calls of a worker do.

use super::action::Answer;
use super::handler::{Call, Progress, Stage};
use super::world::{Dispatch, Event, Record, Webhook, World};
use super::{Ingest, Protocol, Registration};

/// Does one of the stages that are one call: keep, list, or a read.
pub(super) fn take(model: &Ingest, world: &mut World, worker: usize, stage: Stage) -> Option<()> {
    let mut handler = world.workers[worker]?;
    match stage {
        Stage::Keep => world.kept[handler.held.message.body.event.place()] = true,
        Stage::List => world.listed = true,
        Stage::ReadEvents => Event::ALL
            .iter()
            .for_each(|event| handler.due[event.place()] |= world.kept[event.place()]),
        Stage::Match => handler.work = triggered(model, world, handler.due),
        Stage::Claim | Stage::Send => return None,
    }
    handler.pass(model);
    world.workers[worker] = Some(handler);
    Some(())
}

/// Fires, claims or sends one dispatch.
pub(super) fn call(
    model: &Ingest,
    world: &mut World,
    worker: usize,
    call: Call,
    dispatch: Dispatch,
    answer: Answer,
) -> Option<()> {
    let mut handler = world.workers[worker]?;
    let after = match call {
        _ if answer == Answer::Refused => Progress::Failed,
        Call::Fire => fire(world, dispatch),
        Call::Claim => claim(model, world, dispatch),
        Call::Send => send(world, dispatch),
    };
    let progress = &mut handler.work[dispatch.place()];
    *progress = match answer {
        Answer::Comes => after,
        Answer::Lost => *progress,
        Answer::Refused | Answer::Misleads => Progress::Failed,
    };
    handler.pass_what_is_done(model);
    world.workers[worker] = Some(handler);
    Some(())
}

/// The same for all dispatches that one call is made for.
pub(super) fn call_all(
    model: &Ingest,
    world: &mut World,
    worker: usize,
    kind: Call,
    answer: Answer,
) -> Option<()> {
    let handler = world.workers[worker]?;
    for dispatch in handler.together(model, kind) {
        call(model, world, worker, kind, dispatch, answer)?;
    }
    Some(())
}

/// What the match documents say about these events: `MatchEntry::is_triggered_by`.
fn triggered(model: &Ingest, world: &World, due: [bool; 2]) -> [Progress; 4] {
    let mut work = [Progress::Out; 4];
    for dispatch in Dispatch::all().filter(|dispatch| due[dispatch.event.place()]) {
        let fired_for_another = world.fired_by.is_some_and(|event| event != dispatch.event);
        let waits = match dispatch.webhook {
            Webhook::Standing => dispatch.event == Event::Second,
            Webhook::AdHoc => {
                world.listed && model.registration.waits_for(dispatch.event) && !fired_for_another
            }
        };
        if waits {
            work[dispatch.place()] = Progress::Wanted;
        }
    }
    work
}

/// `Store::fire`.
fn fire(world: &mut World, dispatch: Dispatch) -> Progress {
    if *world.fired_by.get_or_insert(dispatch.event) == dispatch.event {
        Progress::Bound
    } else {
        Progress::Out
    }
}

/// `Store::claim`, and what `Claims::of` makes of its answer.
fn claim(model: &Ingest, world: &mut World, dispatch: Dispatch) -> Progress {
    let record = &mut world.dispatches[dispatch.place()];
    match *record {
        Record::Absent => {
            *record = Record::Waiting;
            Progress::Through
        }
        Record::Waiting if model.protocol == Protocol::ClaimOrSkip => Progress::Out,
        Record::Waiting => Progress::Through,
        _ if model.protocol == Protocol::BlindClaim => {
            *record = Record::Forgotten;
            Progress::Through
        }
        Record::Attempted | Record::Forgotten => Progress::Out,
    }
}

/// `DeliveryQueue::send`.
fn send(world: &mut World, dispatch: Dispatch) -> Progress {
    world.put_on_delivery_queue(dispatch);
    Progress::Through
}

impl Registration {
    /// Whether the ad hoc webhook waits for this event.
    pub(super) fn waits_for(self, event: Event) -> bool {
        self != Self::WithEventForLater || event == Event::Second
    }
}
