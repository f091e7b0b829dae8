//! The variables of one template, as a forest of the steps that lead to their values. Each variable
//! has a slot, and so has each step on the way; variables that start alike share their first slots.
//! So one walk over an event finds all values.

use std::collections::BTreeMap;

use super::context::Root;
use crate::depth::MAX_DEPTH;

/// Most steps of all variables of a template: each costs memory whenever the template is read, some
/// hundred bytes for as little as two in the text.
pub(super) const MAX_STEPS: usize = 1000;

/// Where the value of one variable will be, among the values of one event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Slot(usize);

/// For each slot, what is wanted from the value there. The first slots are those of [`Root::ALL`];
/// steps lead to higher slots.
#[derive(Debug)]
pub(super) struct Paths(Vec<Wanted>);

/// What is wanted from one value, and where to put it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Wanted {
    /// By name.
    pub(super) fields: BTreeMap<String, Slot>,
    /// Those among the names that are an item's number.
    pub(super) items: BTreeMap<usize, Slot>,
}

impl Slot {
    pub(super) fn index(self) -> usize {
        self.0
    }
}

impl Paths {
    pub(super) fn new() -> Self {
        Self(vec![Wanted::default(); Root::ALL.len()])
    }

    /// The slot of a variable. The part before the first dot must be a known name; each further
    /// part is a field's name or an item's number.
    pub(super) fn slot(&mut self, variable: &str) -> Result<Slot, String> {
        let mut steps = variable.split('.');
        let name = steps.next().unwrap_or_default();
        let root = Root::ALL.iter().position(|root| root.name() == name);
        let mut slot = root.map(Slot).ok_or_else(|| unknown(variable))?;
        for (depth, step) in steps.enumerate() {
            // Events are not deeper, so there would be nothing to find.
            if depth == MAX_DEPTH {
                return Err(format!("a variable has at most {MAX_DEPTH} dots"));
            }
            if step.is_empty() {
                return Err(format!(
                    "the variable {:?} has a dot with no name behind it",
                    start_of(variable)
                ));
            }
            slot = self.step(slot, step)?;
        }
        Ok(slot)
    }

    fn step(&mut self, from: Slot, step: &str) -> Result<Slot, String> {
        if let Some(known) = self.0[from.0].fields.get(step) {
            return Ok(*known);
        }
        if self.0.len() == Root::ALL.len() + MAX_STEPS {
            return Err(format!(
                "the variables of a template lead to {MAX_STEPS} different places at most, those on the way included"
            ));
        }
        let new = Slot(self.0.len());
        self.0.push(Wanted::default());
        let wanted = &mut self.0[from.0];
        wanted.fields.insert(step.to_owned(), new);
        // One number, one name: there is no item `01`.
        if let Ok(number) = step.parse::<usize>()
            && number.to_string() == step
        {
            wanted.items.insert(number, new);
        }
        Ok(new)
    }

    pub(super) fn roots() -> impl Iterator<Item = (Root, Slot)> {
        Root::ALL
            .into_iter()
            .enumerate()
            .map(|(index, root)| (root, Slot(index)))
    }

    /// How many slots there are.
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    pub(super) fn wanted_from(&self, slot: Slot) -> &Wanted {
        &self.0[slot.0]
    }

    /// Every slot, each before those that its steps lead to.
    pub(super) fn slots(&self) -> impl Iterator<Item = Slot> {
        (0..self.0.len()).map(Slot)
    }
}

fn unknown(variable: &str) -> String {
    let shown = start_of(variable);
    let known = Root::ALL.map(Root::name).join(", ");
    format!("unknown variable {shown:?}; known are {known}")
}

fn start_of(variable: &str) -> String {
    variable.chars().take(80).collect()
}
