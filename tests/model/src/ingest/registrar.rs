//! The API as registrar of an ad hoc webhook: list it, read the run's kept events, put them back on
//! the event queue, answer. A client that gets no answer sends the request again, with the same
//! idempotency key, or gives up.

use std::fmt;

use super::world::{Arrival, Event, World};
use super::{Ingest, Protocol};

/// The request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Registrar {
    /// How far it has come.
    pub progress: Progress,
}

/// How far the request has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Progress {
    /// The API is about to list the webhook. If it has read the events before, which is a mistake:
    /// those.
    Lists(Option<[bool; 2]>),
    /// The API is about to read the run's events.
    Reads,
    /// The API puts these events back.
    PutsBack([bool; 2]),
    /// The client has been answered: the webhook is there.
    Answered,
    /// The client has got no answer.
    Unanswered,
    /// The client has given up: the webhook may be there or not.
    GivenUp,
}

/// A step of the API or its client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Move {
    /// `Store::create_webhook`: it writes the webhook and its line in the run's match document.
    List,
    /// `Store::kept_events`.
    Read,
    /// `EventQueue::put_back`, for one event.
    PutBack(Event),
    /// The answer leaves.
    Answer,
    /// The API dies, or its answer is lost. Fault.
    Fail,
    /// The client sends the request again.
    Repeat,
    /// The client lets it be.
    GiveUp,
}

impl Move {
    pub(super) fn is_fault(self) -> bool {
        self == Self::Fail
    }
}

impl Registrar {
    pub(super) fn new(protocol: Protocol) -> Self {
        Self {
            progress: Progress::first(protocol),
        }
    }

    pub(super) fn moves(self, faults_left: u8) -> Vec<Move> {
        let mut moves = match self.progress {
            Progress::Lists(_) => vec![Move::List],
            Progress::Reads => vec![Move::Read],
            Progress::PutsBack([false, false]) => vec![Move::Answer],
            Progress::PutsBack(events) => Event::ALL
                .into_iter()
                .filter(|event| events[event.place()])
                .map(Move::PutBack)
                .collect(),
            Progress::Unanswered => return vec![Move::Repeat, Move::GiveUp],
            Progress::Answered | Progress::GivenUp => return Vec::new(),
        };
        if faults_left > 0 {
            moves.push(Move::Fail);
        }
        moves
    }
}

impl Progress {
    fn first(protocol: Protocol) -> Self {
        match protocol {
            Protocol::EventsReadBeforeListing => Self::Reads,
            _ => Self::Lists(None),
        }
    }
}

/// Takes a step.
pub(super) fn step(model: &Ingest, world: &mut World, step: Move) -> Option<()> {
    let registrar = world.registrar.as_mut()?;
    registrar.progress = match (step, registrar.progress) {
        (Move::List, Progress::Lists(read)) => {
            world.listed = true;
            read.map_or(Progress::Reads, Progress::PutsBack)
        }
        (Move::Read, _) if model.protocol == Protocol::EventsReadBeforeListing => {
            Progress::Lists(Some(world.kept))
        }
        (Move::Read, _) => Progress::PutsBack(world.kept),
        (Move::PutBack(event), Progress::PutsBack(mut events)) => {
            events[event.place()] = false;
            world.event_queue.send(Arrival {
                event,
                brings_ad_hoc: false,
            });
            Progress::PutsBack(events)
        }
        (Move::Answer, _) => Progress::Answered,
        (Move::Fail, _) => Progress::Unanswered,
        (Move::Repeat, _) => Progress::first(model.protocol),
        (Move::GiveUp, _) => Progress::GivenUp,
        (Move::List | Move::PutBack(_), _) => return None,
    };
    Some(())
}

impl fmt::Display for Move {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::List => write!(f, "the API lists the ad hoc webhook"),
            Self::Read => write!(f, "the API reads the run's events"),
            Self::PutBack(event) => write!(f, "the API puts event {} back", event.place() + 1),
            Self::Answer => write!(f, "the API answers"),
            Self::Fail => write!(f, "the API dies"),
            Self::Repeat => write!(f, "the client asks again"),
            Self::GiveUp => write!(f, "the client gives up"),
        }
    }
}
