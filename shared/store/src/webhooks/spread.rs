//! Over how many keys a webhook's dispatches are spread, as it is stored.

use domain::spread::{Spread, Step};
use domain::timestamp::Timestamp;

/// A spread as it is stored: from when on, in milliseconds, and how many keys.
pub(crate) fn write(spread: &Spread) -> Vec<(i64, u8)> {
    let steps = spread.steps().iter();
    steps
        .map(|step| (step.from.as_millis(), step.keys))
        .collect()
}

pub(crate) fn read(stored: &[(i64, u8)]) -> Spread {
    let step = |&(from, keys): &(i64, u8)| {
        let from = Timestamp::from_millis(from)?;
        Some(Step { from, keys })
    };
    Spread::of(stored.iter().filter_map(step).collect())
}
