//! `deliver`: attempt, record, retry, and the hand-over between workers that die or meet.
//!
//! One dispatch, two workers. Workers of different dispatches do not affect each other: each
//! dispatch has its own record, and each message of a batch its own task. Both messages that
//! `ingest` may have sent for it are there from the start. How a retry waits, on the queue or
//! parked, makes no difference here: it comes when it is due, perhaps twice. What parking can go
//! through is the model [`sweep`](crate::sweep).

mod action;
mod handler;
mod owner;
mod properties;
mod steps;
mod turn;
mod world;

pub use action::Action;
pub use handler::{Handler, Outcome, Step};
pub use owner::{Ask, Owner, Read};
pub use world::{Lease, Record, Redelivered, Request, State, World};

use stateright::{Model, Property};

use crate::queue::Queue;

/// What is checked: a webhook, and the protocol, right or with a mistake in it.
#[derive(Clone, Debug)]
pub struct Deliver {
    /// Whether the webhook says `doNotRetry`.
    pub do_not_retry: bool,
    /// How many retries the schedule has.
    pub retries: u8,
    /// The protocol.
    pub protocol: Protocol,
    /// How many disturbances there may be in all: crashes, expired visibility timeouts, lost
    /// answers, differing clocks, workers that outlive their lease, a webhook that is removed, an
    /// endpoint that is slow or paused.
    pub faults: u8,
    /// How often its owner may have it redelivered, at the same time or one after the other; at
    /// most 2.
    pub redeliveries: usize,
}

/// The protocol, right or with one mistake in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// As it is to be.
    Right,
    /// A message whose attempt is on record is taken for done.
    RecordedIsDone,
    /// The message is acknowledged before the next one is scheduled.
    AcknowledgeThenSchedule,
    /// The record is written whatever it says.
    BlindRecord,
    /// A success that comes second is thrown away.
    SuccessForgotten,
    /// A success that comes after the dispatch was given up is thrown away.
    FailureIsFinal,
    /// An attempt is made before its time, if its message comes too early.
    Impatient,
    /// Nobody takes a lease.
    Unleased,
    /// A worker that finds its own lease takes the attempt for untouched, though it may have had
    /// the lease from another.
    LeaseForgetsOthers,
    /// A worker that asks for the lease of an attempt that is already on record takes its message
    /// for done.
    OverIsDone,
    /// A success is added to the record though it is older than the owner's wish for another.
    OldSuccessCounts,
    /// A redelivery is put on record before it is made sure that somebody looks after it.
    ReminderLast,
    /// A message is acknowledged while the outcome of its attempt waits to be recorded with others.
    AcknowledgeThenRecord,
    /// A message that has to wait for its endpoint is acknowledged before it is sent on.
    AcknowledgeThenPutOff,
}

impl Model for Deliver {
    type State = World;
    type Action = Action;

    fn init_states(&self) -> Vec<World> {
        let mut owners = [Owner::Done; 2];
        owners[..self.redeliveries].fill(Owner::NotYet);
        vec![World {
            faults_left: self.faults,
            queue: Queue::of([Request::of(1), Request::of(1)]),
            workers: [None, None],
            record: Record {
                attempts: 0,
                state: State::Active { is_due: true },
                lease: None,
                redelivered: None,
            },
            webhook_removed: false,
            known_accepted: false,
            posts: 0,
            owners,
            begun: 0,
            owes_post: false,
        }]
    }

    fn actions(&self, world: &World, actions: &mut Vec<Action>) {
        action::receptions(world, actions);
        for (worker, handler) in world.handlers() {
            handler.actions(worker, world.faults_left, actions);
        }
        for (number, owner) in world.owners.iter().enumerate() {
            owner.actions(number, world.faults_left, actions);
        }
        action::surroundings(world, actions);
    }

    fn next_state(&self, world: &World, action: Action) -> Option<World> {
        let mut world = world.clone();
        world.faults_left -= u8::from(action.is_fault());
        match action {
            Action::Receive {
                worker, message, ..
            } => handler::receive(&mut world, worker, message)?,
            Action::Do {
                worker,
                step,
                answer_lost,
            } => steps::take(self, &mut world, worker, step, answer_lost)?,
            Action::Post {
                worker,
                attempt,
                outcome,
            } => steps::post(self, &mut world, worker, attempt, outcome)?,
            Action::PutOff { worker } => steps::put_off(self, &mut world, worker)?,
            Action::OwnerAsks { number } => world.owners[number] = Owner::Asking(Ask::Read),
            Action::Ask {
                number,
                step,
                answer_lost,
            } => owner::take(self, &mut world, number, step, answer_lost)?,
            Action::RequestDies { number } => world.owners[number] = Owner::Done,
            Action::Finish { worker, deletes } => handler::finish(&mut world, worker, deletes)?,
            Action::Crash { worker } => {
                let handler = world.take(worker)?;
                handler.held.give_back(&mut world.queue);
            }
            Action::Lapse { worker } => world.workers[worker]
                .as_mut()?
                .held
                .lapse(&mut world.queue, 1 + world.faults_left),
            Action::TimePasses => world.record.state = State::Active { is_due: true },
            Action::LeaseEnds { .. } => world.record.lease.as_mut()?.is_over = true,
            Action::WebhookIsRemoved => world.webhook_removed = true,
        }
        Some(world)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        properties::all()
    }
}
