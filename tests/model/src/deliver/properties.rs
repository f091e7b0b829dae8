//! What must hold.

use stateright::{Model, Property};

use super::Deliver;
use super::handler::Step;
use super::world::{State, World};

/// What must hold, and what must be possible: a model in which nothing happens would satisfy
/// everything.
pub(super) fn all() -> Vec<Property<Deliver>> {
    vec![
        Property::always(
            "in the end the dispatch is delivered, or failed on record",
            |model, world| !is_over(model, world) || !world.record.state.is_active(),
        ),
        Property::always(
            "a success that is known is on record in the end",
            |model, world| {
                !is_over(model, world)
                    || !world.known_accepted
                    || world.record.state == State::Succeeded
            },
        ),
        Property::always(
            "no attempt is begun once a success is known",
            |_, world: &World| {
                !world
                    .handlers()
                    .any(|(_, handler)| matches!(handler.step, Step::Post { too_late: true, .. }))
            },
        ),
        Property::always("no attempt is made before its time", |_, world: &World| {
            let waits = world.record.state == (State::Active { is_due: false });
            let is_next = |attempt| attempt == world.record.attempts + 1;
            !world.handlers().any(|(_, handler)| matches!(handler.step, Step::Post { attempt, .. } if waits && is_next(attempt)))
        }),
        Property::always(
            "what is not to be retried is sent once",
            |_, world: &World| world.posts <= 1 + world.begun,
        ),
        Property::always(
            "what was delivered is sent once more if its owner asks",
            |model, world| {
                !is_over(model, world)
                    || !world.owes_post
                    || world.webhook_removed
                    // What was leased to a worker that is gone may have been sent.
                    || model.do_not_retry
            },
        ),
        Property::sometimes("it can be delivered", |model, world| {
            is_over(model, world) && world.record.state == State::Succeeded
        }),
        Property::sometimes("it can fail", |model, world| {
            is_over(model, world) && world.record.state == State::Failed
        }),
    ]
}

/// Nobody has anything left to do.
fn is_over(model: &Deliver, world: &World) -> bool {
    let mut actions = Vec::new();
    model.actions(world, &mut actions);
    actions.is_empty()
}
