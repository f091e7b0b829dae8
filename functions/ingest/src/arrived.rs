//! What the messages of a batch have brought.

use domain::event::Event;
use domain::event_message::Arrival;

use crate::failures::Place;

/// What a good message says.
pub(crate) struct Arrived {
    pub(crate) place: Place,
    pub(crate) arrival: Arrival,
}

/// An event that a message of the batch has brought to be handled: its own, or one of the same run
/// that had come before.
pub(crate) struct EventToMatch {
    pub(crate) place: Place,
    pub(crate) event: Event,
}
