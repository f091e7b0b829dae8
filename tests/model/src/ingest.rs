//! `ingest`, and the API as registrar: the bound claim, and ad hoc webhooks that come late.
//!
//! Two events of one run, a standing webhook that waits for both, an ad hoc webhook, two workers.
//! Deliveries are not modelled in detail here: a delivery message that arrives turns a waiting
//! dispatch into an attempted one. What an attempt can go through is the model
//! [`deliver`](crate::deliver).

mod action;
mod handler;
mod properties;
mod registrar;
mod steps;
mod world;

pub use action::{Action, Answer};
pub use handler::{Call, Handler, Stage};
pub use registrar::{Move, Registrar};
pub use world::{Arrival, Dispatch, Event, Record, Webhook, World};

use stateright::{Model, Property};

use crate::queue::Queue;

/// What is checked: one way for an ad hoc webhook to come, and the protocol, right or with a
/// mistake in it.
#[derive(Clone, Debug)]
pub struct Ingest {
    /// How the ad hoc webhook comes, and what it waits for.
    pub registration: Registration,
    /// The protocol.
    pub protocol: Protocol,
    /// How many faults there may be in all: crashes, expired visibility timeouts, lost answers,
    /// failed calls.
    pub faults: u8,
    /// Whether the event queue holds one event twice from the start.
    pub duplicate: bool,
}

/// How the ad hoc webhook comes, and what it waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Registration {
    /// With the first event; it waits for both, and they race for it.
    WithEvent,
    /// With the first event; it waits for the second only, which may have come before.
    WithEventForLater,
    /// Through the API, whenever; it waits for both.
    Api,
}

/// The protocol, right or with one mistake in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// As it is to be.
    Right,
    /// Whoever finds a dispatch claimed takes it for sent.
    ClaimOrSkip,
    /// The message goes out before the claim.
    SendThenClaim,
    /// A flag is raised after the other's was read: the run's events are read before the webhook is
    /// listed.
    EventsReadBeforeListing,
    /// A flag is raised after the other's was read: the match documents are read before the event
    /// is kept.
    MatchReadBeforeKeeping,
    /// The event is kept after its dispatches were sent.
    KeepLast,
    /// The ad hoc webhook is not bound to one dispatch.
    Unbound,
    /// The dispatch is put whether or not it is there.
    BlindClaim,
    /// The message is acknowledged before anything is done about it.
    AcknowledgeFirst,
    /// The message is acknowledged although a call has failed.
    FailureDropped,
}

impl Model for Ingest {
    type State = World;
    type Action = Action;

    fn init_states(&self) -> Vec<World> {
        let first = Arrival {
            event: Event::First,
            brings_ad_hoc: self.registration != Registration::Api,
        };
        let second = Arrival {
            event: Event::Second,
            brings_ad_hoc: false,
        };
        let further = if self.duplicate {
            vec![Some(first), Some(second)]
        } else {
            vec![None]
        };
        let world = |further: &Option<Arrival>| World {
            faults_left: self.faults,
            event_queue: Queue::of([first, second].into_iter().chain(*further)),
            workers: [None, None],
            registrar: (self.registration == Registration::Api)
                .then(|| Registrar::new(self.protocol)),
            kept: [false; 2],
            listed: false,
            fired_by: None,
            dispatches: [Record::Absent; 4],
            delivery_queue: [0; 4],
        };
        further.iter().map(world).collect()
    }

    fn actions(&self, world: &World, actions: &mut Vec<Action>) {
        action::receptions(world, actions);
        for (worker, handler) in world.handlers() {
            handler.actions(self, worker, world.faults_left, actions);
        }
        let moves = world
            .registrar
            .map(|registrar| registrar.moves(world.faults_left));
        actions.extend(moves.into_iter().flatten().map(Action::Register));
        let arriving =
            Dispatch::all().filter(|dispatch| world.delivery_queue[dispatch.place()] > 0);
        actions.extend(arriving.map(Action::Deliver));
    }

    fn next_state(&self, world: &World, action: Action) -> Option<World> {
        let mut world = world.clone();
        world.faults_left -= u8::from(action.is_fault());
        match action {
            Action::Receive { worker, message } => {
                handler::receive(self, &mut world, worker, message)?
            }
            Action::Do { worker, stage } => steps::take(self, &mut world, worker, stage)?,
            Action::Call {
                worker,
                call,
                dispatch,
                answer,
            } => steps::call(self, &mut world, worker, call, dispatch, answer)?,
            Action::CallAll {
                worker,
                call,
                answer,
            } => steps::call_all(self, &mut world, worker, call, answer)?,
            Action::Finish { worker, deletes } => {
                handler::finish(self, &mut world, worker, deletes)?
            }
            Action::Crash { worker } => world.workers[worker]
                .take()?
                .held
                .give_back(&mut world.event_queue),
            Action::Lapse { worker } => world.workers[worker]
                .as_mut()?
                .held
                .lapse(&mut world.event_queue, 1 + world.faults_left),
            Action::Deliver(dispatch) => world.deliver(dispatch),
            Action::Register(step) => registrar::step(self, &mut world, step)?,
        }
        Some(world)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        properties::all()
    }
}
