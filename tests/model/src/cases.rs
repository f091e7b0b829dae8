//! What is checked, and how far: the list behind `cargo test -p model`.

mod right;
mod wrong;

pub use right::RIGHT;
pub use wrong::WRONG;

use crate::check::{Counterexample, Extent, Flaw};

/// A protocol as it is to be, within bounds.
#[derive(Clone, Copy)]
pub struct Right {
    /// What it is about, and the bounds.
    pub name: &'static str,
    /// Whether it takes more than some seconds.
    pub is_large: bool,
    /// Looks at all of it.
    pub check: fn() -> Result<Extent, Flaw>,
}

/// A protocol with a mistake in it.
#[derive(Clone, Copy)]
pub struct Wrong {
    /// The mistake's name.
    pub name: &'static str,
    /// What is wrong.
    pub mistake: &'static str,
    /// The property that it breaks.
    pub breaks: &'static str,
    /// Looks for the shortest way to break a property.
    find: fn(&'static str) -> Option<Counterexample>,
}

impl Wrong {
    /// The shortest way in which the mistake shows.
    pub fn counterexample(&self) -> Option<Counterexample> {
        (self.find)(self.breaks)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use stateright::{Expectation, Model};

    use super::*;

    fn promises<M: Model>(model: &M) -> Vec<&'static str> {
        let properties = model.properties().into_iter();
        let promises = properties.filter(|property| property.expectation == Expectation::Always);
        promises.map(|property| property.name).collect()
    }

    #[test]
    fn every_property_is_broken_by_some_mistake() {
        let broken: BTreeSet<_> = WRONG.iter().map(|wrong| wrong.breaks).collect();
        let promised = [
            promises(&right::race(0)),
            promises(&right::deliver(false, 0)),
            promises(&right::sweep(0)),
            promises(&right::notices(0)),
        ];
        assert_eq!(broken, promised.into_iter().flatten().collect());
    }
}
