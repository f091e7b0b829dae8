//! What the record says about a message: the rules of `deliver/src/next_step.rs`.

use super::world::{Record, State};
use super::{Deliver, Protocol};

/// What is to be done about a message: `turn::Turn`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Turn {
    /// Attempt this, now.
    Now { attempt: u8 },
    /// Make sure that this is on its way.
    Later { attempt: u8 },
    /// Nothing.
    Over,
}

/// `next_step::next_step`.
pub(super) fn turn(model: &Deliver, attempt: u8, record: &Record) -> Turn {
    let State::Active { is_due } = record.state else {
        return Turn::Over;
    };
    if record.attempts > attempt
        || (record.attempts == attempt && model.protocol == Protocol::RecordedIsDone)
    {
        return Turn::Over;
    }
    let next = record.attempts + 1;
    if record.attempts == attempt || (!is_due && model.protocol != Protocol::Impatient) {
        return Turn::Later { attempt: next };
    }
    Turn::Now { attempt: next }
}
