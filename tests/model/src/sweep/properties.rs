//! What must hold.

use stateright::{Model, Property};

use super::world::World;
use super::{LONGEST_DELAY, Sweep};

/// What must hold, and what must be possible: a model in which nothing happens would satisfy
/// everything.
pub(super) fn all() -> Vec<Property<Sweep>> {
    vec![
        Property::always(
            "in the end every retry is on the delivery queue",
            |model, world| !is_over(model, world) || world.sent == [true, true],
        ),
        Property::always(
            "what is sent can be held back until it is due",
            |_, world: &World| {
                (0..2).all(|retry| {
                    !world.sent[retry]
                        || world.due[retry].saturating_sub(world.now) <= LONGEST_DELAY
                })
            },
        ),
        Property::sometimes(
            "everything can come to its end, parked and sent",
            |model, world| is_over(model, world) && world.parked == [true, true],
        ),
    ]
}

/// Nobody has anything left to do.
fn is_over(model: &Sweep, world: &World) -> bool {
    let mut actions = Vec::new();
    model.actions(world, &mut actions);
    actions.is_empty()
}
