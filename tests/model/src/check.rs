//! Checking a model: every state that can be reached, every way to the end.

use std::fmt::{self, Display};
use std::hash::Hash;

use stateright::{Checker, Expectation, Model, Path, Property};

use crate::ends::everything_ends;

/// How large a model is, all of which was looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extent {
    /// Different states.
    pub states: usize,
    /// Steps between them.
    pub steps: usize,
    /// Steps from the start to the state that is furthest from it.
    pub depth: usize,
}

/// What is wrong with a protocol, or with the model of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// A property is broken.
    Broken(Counterexample),
    /// What should be possible never happens: then nothing else means much.
    NeverHappens(&'static str),
    /// It can go on for ever.
    NeverEnds,
}

/// A way to break a property.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counterexample {
    /// The property.
    pub property: &'static str,
    /// What happens, step by step.
    pub steps: Vec<String>,
}

/// Looks at every state of a model, and makes sure that every property holds and everything ends.
pub fn check<M>(model: M) -> Result<Extent, Flaw>
where
    M: Model + Clone + Send + Sync + 'static,
    M::State: Clone + Eq + Hash + Send + Sync,
    M::Action: Clone + PartialEq + Display,
{
    let checker = model.clone().checker().spawn_bfs().join();
    for Property {
        expectation, name, ..
    } in model.properties()
    {
        match (expectation, checker.discovery(name)) {
            (Expectation::Sometimes, None) => return Err(Flaw::NeverHappens(name)),
            (Expectation::Sometimes, Some(_)) | (_, None) => {}
            (_, Some(path)) => return Err(Flaw::Broken(Counterexample::of(name, path))),
        }
    }
    if !everything_ends(&model) {
        return Err(Flaw::NeverEnds);
    }
    Ok(Extent {
        states: checker.unique_state_count(),
        steps: checker.state_count(),
        depth: checker.max_depth(),
    })
}

/// Looks for the shortest way to break one property of a model.
pub fn shortest<M>(model: M, property: &'static str) -> Option<Counterexample>
where
    M: Model + Clone + Send + Sync + 'static,
    M::State: Clone + PartialEq + Hash + Send + Sync,
    M::Action: Clone + PartialEq + Display,
{
    let property = model
        .properties()
        .into_iter()
        .find(|other| other.name == property)?;
    let name = property.name;
    let checker = Only { model, property }.checker().spawn_bfs().join();
    checker
        .discovery(name)
        .map(|path| Counterexample::of(name, path))
}

/// A model with one of its properties. The checker stops at the first state in which all properties
/// are decided: with one property, that is the nearest state in which it is broken.
struct Only<M: Model> {
    model: M,
    property: Property<M>,
}

impl<M: Model> Model for Only<M> {
    type State = M::State;
    type Action = M::Action;

    fn init_states(&self) -> Vec<M::State> {
        self.model.init_states()
    }

    fn actions(&self, state: &M::State, actions: &mut Vec<M::Action>) {
        self.model.actions(state, actions);
    }

    fn next_state(&self, state: &M::State, action: M::Action) -> Option<M::State> {
        self.model.next_state(state, action)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        let condition =
            |only: &Self, state: &M::State| (only.property.condition)(&only.model, state);
        vec![Property {
            expectation: self.property.expectation.clone(),
            name: self.property.name,
            condition,
        }]
    }
}

impl Counterexample {
    fn of<S, A: Display>(property: &'static str, path: Path<S, A>) -> Self {
        let steps = path.into_actions().iter().map(A::to_string).collect();
        Self { property, steps }
    }
}

impl Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Broken(counterexample) => counterexample.fmt(f),
            Self::NeverHappens(name) => write!(f, "this never happens: {name}"),
            Self::NeverEnds => write!(f, "it can go on for ever"),
        }
    }
}

impl Display for Counterexample {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "does not hold: {}", self.property)?;
        for (number, step) in self.steps.iter().enumerate() {
            write!(f, "\n{:>4}. {step}", number + 1)?;
        }
        Ok(())
    }
}
