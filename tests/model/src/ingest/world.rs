//! What there is at one moment: tables, queues and workers.

use super::handler::Handler;
use super::registrar::Registrar;
use crate::queue::Queue;

/// Tables, queues and workers at one moment.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct World {
    /// How many more faults there may be.
    pub faults_left: u8,
    /// The event queue.
    pub event_queue: Queue<Arrival>,
    /// The sandboxes of `ingest`, with what they are doing.
    pub workers: [Option<Handler>; 2],
    /// The request that defines the ad hoc webhook, if it comes through the API.
    pub registrar: Option<Registrar>,
    /// Which events are kept.
    pub kept: [bool; 2],
    /// Whether the run's match document lists the ad hoc webhook.
    pub listed: bool,
    /// The event whose dispatch has fired the ad hoc webhook, by the run's match document.
    pub fired_by: Option<Event>,
    /// The dispatches' records, by [`Dispatch::place`].
    pub dispatches: [Record; 4],
    /// How many messages there are for each dispatch on the delivery queue.
    pub delivery_queue: [u8; 4],
}

/// An event of the run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Event {
    /// One event.
    First,
    /// Another one.
    Second,
}

/// A webhook.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Webhook {
    /// Fires for every event.
    Standing,
    /// Fires once.
    AdHoc,
}

/// One webhook triggered by one event. `MatchEntry::dispatch_id` sees to it that the two *name*
/// the dispatch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Dispatch {
    /// The webhook.
    pub webhook: Webhook,
    /// The event.
    pub event: Event,
}

/// A message on the event queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Arrival {
    /// The event.
    pub event: Event,
    /// Whether the definition of the ad hoc webhook comes with it.
    pub brings_ad_hoc: bool,
}

/// A dispatch's record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Record {
    /// There is none.
    Absent,
    /// It waits for its first attempt.
    Waiting,
    /// It has been attempted: what follows is in the hands of `deliver`.
    Attempted,
    /// It has been attempted, but that was overwritten.
    Forgotten,
}

impl Event {
    /// Both events.
    pub const ALL: [Self; 2] = [Self::First, Self::Second];

    /// Its place in a list.
    pub fn place(self) -> usize {
        usize::from(self == Self::Second)
    }
}

impl Dispatch {
    /// All dispatches that can come to be.
    pub fn all() -> impl Iterator<Item = Self> {
        [Webhook::Standing, Webhook::AdHoc]
            .into_iter()
            .flat_map(Self::of)
    }

    /// The dispatches of one webhook.
    pub fn of(webhook: Webhook) -> impl Iterator<Item = Self> {
        Event::ALL
            .into_iter()
            .map(move |event| Self { webhook, event })
    }

    /// Its place in a list.
    pub fn place(self) -> usize {
        self.event.place() + if self.webhook == Webhook::AdHoc { 2 } else { 0 }
    }
}

impl World {
    /// The workers that are busy.
    pub fn handlers(&self) -> impl Iterator<Item = (usize, &Handler)> {
        self.workers
            .iter()
            .enumerate()
            .filter_map(|(worker, handler)| Some((worker, handler.as_ref()?)))
    }

    /// The record of a dispatch.
    pub fn record(&self, dispatch: Dispatch) -> Record {
        self.dispatches[dispatch.place()]
    }

    /// Sends a delivery message. One that finds its dispatch attempted, or another message ahead of
    /// it, has no effect here, and is left out.
    pub fn put_on_delivery_queue(&mut self, dispatch: Dispatch) {
        let messages = &mut self.delivery_queue[dispatch.place()];
        match self.dispatches[dispatch.place()] {
            Record::Absent => *messages += 1,
            Record::Waiting => *messages = 1,
            Record::Attempted | Record::Forgotten => {}
        }
    }

    /// A delivery message arrives. `next_step::next_step` reads the record first: without one there
    /// is nothing to do, and an attempted dispatch is in the hands of another message.
    pub fn deliver(&mut self, dispatch: Dispatch) {
        self.delivery_queue[dispatch.place()] -= 1;
        if self.record(dispatch) == Record::Waiting {
            self.dispatches[dispatch.place()] = Record::Attempted;
            self.delivery_queue[dispatch.place()] = 0;
        }
    }
}
