//! What a neighbour asks for, one delivery at a time.

use anyhow::Result;
use local::sqs::Queue;

use super::strangers::Strangers;
use super::trials::Trials;
use crate::events::Events;
use crate::noisy::send;

/// Where the deliveries come from.
pub(in crate::noisy) enum Load {
    /// Events of these actors, of which there is one at least, in turn.
    Events(Vec<Events>),
    /// Events that each bring a webhook of their own.
    Strangers(Strangers),
    /// Test deliveries.
    Trials(Trials),
}

impl Load {
    /// Asks for the delivery at this place, and tells whether that was taken.
    pub(in crate::noisy) async fn ask(&self, place: u32, queue: &Queue) -> Result<bool> {
        match self {
            Self::Events(actors) => {
                let events = &actors[place as usize % actors.len()];
                send(queue, events.next()?)?;
            }
            Self::Strangers(strangers) => send(queue, strangers.next(place)?)?,
            Self::Trials(trials) => return trials.ask().await,
        }
        Ok(true)
    }
}
