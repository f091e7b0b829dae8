//! What must hold.

use stateright::{Model, Property};

use super::Notices;
use super::world::{Fact, World};

/// What must hold, and what must be possible: a model in which nothing happens would satisfy
/// everything.
pub(super) fn all() -> Vec<Property<Notices>> {
    vec![
        Property::always(
            "in the end every change has been told",
            |model, world: &World| {
                let happened = |fact: &Fact| world.made & fact.bit() != 0;
                let mut happened = Fact::ALL.into_iter().filter(happened);
                !is_over(model, world) || happened.all(|fact| world.times_told(fact) > 0)
            },
        ),
        Property::always(
            "nothing is told that has not happened",
            |_, world: &World| world.told.iter().all(|facts| facts & !world.made == 0),
        ),
        Property::always("nothing is told under two ids", |_, world: &World| {
            Fact::ALL
                .into_iter()
                .all(|fact| world.times_told(fact) <= 1)
        }),
        Property::always(
            "a notice that comes again says the same",
            |_, world: &World| !world.is_contradicted,
        ),
        Property::always(
            "what is told can be read by its owner",
            |_, world: &World| {
                let told = world.told.iter().zip(world.laid_out);
                told.into_iter()
                    .all(|(facts, is_laid_out)| *facts == 0 || is_laid_out)
            },
        ),
        Property::sometimes(
            "two dispatches can be told of together",
            |model, world: &World| {
                let both = Fact::First.bit() | Fact::Second.bit();
                is_over(model, world) && world.told.contains(&both)
            },
        ),
        Property::sometimes(
            "one that comes late can be told of apart",
            |model, world: &World| {
                is_over(model, world) && world.told.iter().all(|facts| facts.count_ones() == 1)
            },
        ),
    ]
}

/// Nobody has anything left to do.
fn is_over(model: &Notices, world: &World) -> bool {
    let mut actions = Vec::new();
    model.actions(world, &mut actions);
    actions.is_empty()
}
