//! What must hold.

use stateright::{Model, Property};

use super::registrar::Progress;
use super::world::{Dispatch, Record, Webhook, World};
use super::{Ingest, Registration};

/// What must hold, and what must be possible: a model in which nothing happens would satisfy
/// everything.
pub(super) fn all() -> Vec<Property<Ingest>> {
    vec![
        Property::always("an ad hoc webhook never has two dispatches", |_, world| {
            dispatches_of_ad_hoc(world) <= 1
        }),
        Property::always(
            "a dispatch that was attempted is never claimed anew",
            |_, world: &World| !world.dispatches.contains(&Record::Forgotten),
        ),
        Property::always("a dispatch finds its event", |_, world: &World| {
            Dispatch::all().all(|dispatch| {
                world.record(dispatch) == Record::Absent || world.kept[dispatch.event.place()]
            })
        }),
        Property::always(
            "in the end the event has its dispatch of the standing webhook, attempted",
            |model, world| {
                let dispatch = Dispatch {
                    webhook: Webhook::Standing,
                    event: super::world::Event::Second,
                };
                !is_over(model, world) || world.record(dispatch) == Record::Attempted
            },
        ),
        Property::always(
            "in the end the ad hoc webhook has its dispatch, attempted",
            |model, world| {
                !is_over(model, world)
                    || !is_promised(model, world)
                    || attempted_of_ad_hoc(world) == 1
            },
        ),
        Property::always("in the end no dispatch is stuck", |model, world| {
            !is_over(model, world) || !world.dispatches.contains(&Record::Waiting)
        }),
        Property::sometimes("everything can come to its end", is_over),
    ]
}

/// Nobody has anything left to do.
fn is_over(model: &Ingest, world: &World) -> bool {
    let mut actions = Vec::new();
    model.actions(world, &mut actions);
    actions.is_empty()
}

/// A dispatch counts from the moment at which anybody could act on it: when it is on record, or on
/// its way.
fn dispatches_of_ad_hoc(world: &World) -> usize {
    let is_there = |dispatch: &Dispatch| {
        world.record(*dispatch) != Record::Absent || world.delivery_queue[dispatch.place()] > 0
    };
    Dispatch::of(Webhook::AdHoc).filter(is_there).count()
}

fn attempted_of_ad_hoc(world: &World) -> usize {
    Dispatch::of(Webhook::AdHoc)
        .filter(|dispatch| world.record(*dispatch) == Record::Attempted)
        .count()
}

/// Whether somebody was told that there is an ad hoc webhook: the platform, whose event was
/// accepted, or the API's client.
fn is_promised(model: &Ingest, world: &World) -> bool {
    model.registration != Registration::Api
        || world
            .registrar
            .is_some_and(|registrar| registrar.progress == Progress::Answered)
}
