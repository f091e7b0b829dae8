//! What the steps of a worker do.

use super::handler::{Outcome, Step};
use super::turn::{Turn, turn};
use super::world::{Lease, Record, Request, State, World};
use super::{Deliver, Protocol};

/// Takes the next step that is a call to a table or queue.
pub(super) fn take(
    model: &Deliver,
    world: &mut World,
    worker: usize,
    step: Step,
    answer_lost: bool,
) -> Option<()> {
    let asked = world.workers[worker]?.held.message.body.attempt;
    let next = match step {
        Step::Load => load(model, world, asked),
        Step::Lease { attempt } => lease(model, world, worker, attempt),
        Step::Record { attempt, outcome } => record(model, world, attempt, outcome),
        Step::Reload { attempt, outcome } => reload(model, world, attempt, outcome),
        Step::Schedule(request) | Step::ScheduleLast(request) => {
            world.queue.send(request);
            Step::Acknowledge
        }
        Step::Post { .. } | Step::Acknowledge => return None,
    };
    if answer_lost {
        return Some(());
    }
    let learns = step.success().filter(|_| next.success().is_none());
    world.known_accepted |= learns.is_some_and(|attempt| counts(&world.record, attempt));
    advance(world, worker, next)
}

/// Whether a success of this attempt is one of what the owner has asked for last.
fn counts(record: &Record, attempt: u8) -> bool {
    record.state == State::Succeeded || record.lacks_success(attempt)
}

fn advance(world: &mut World, worker: usize, next: Step) -> Option<()> {
    let World { queue, workers, .. } = world;
    let handler = workers[worker].as_mut()?;
    if matches!(next, Step::ScheduleLast(_)) {
        handler.held.delete(queue, [].into_iter());
        handler.held.has_lapsed = true;
    }
    handler.step = next;
    Some(())
}

/// Sends the message on, if there is an attempt to make: `Deliver::put_off`, or to the slow lane.
pub(super) fn put_off(model: &Deliver, world: &mut World, worker: usize) -> Option<()> {
    let asked = world.workers[worker]?.held.message.body.attempt;
    let Turn::Now { attempt } = turn(model, asked, &world.record) else {
        return None;
    };
    if world.webhook_removed {
        return None;
    }
    let request = Request::of(attempt);
    let next = match model.protocol {
        Protocol::AcknowledgeThenPutOff => Step::ScheduleLast(request),
        _ => Step::Schedule(request),
    };
    advance(world, worker, next)
}

/// Makes an attempt.
pub(super) fn post(
    model: &Deliver,
    world: &mut World,
    worker: usize,
    attempt: u8,
    outcome: Outcome,
) -> Option<()> {
    if model.do_not_retry {
        world.posts += 1;
    }
    world.owes_post = false;
    let World { queue, workers, .. } = world;
    let handler = workers[worker].as_mut()?;
    handler.step = Step::Record { attempt, outcome };
    if model.protocol == Protocol::AcknowledgeThenRecord {
        handler.held.delete(queue, [].into_iter());
        handler.held.has_lapsed = true;
    }
    Some(())
}

fn load(model: &Deliver, world: &World, asked: u8) -> Step {
    match turn(model, asked, &world.record) {
        Turn::Now { attempt } if world.webhook_removed => Step::Record {
            attempt,
            outcome: Outcome::GivenUp,
        },
        Turn::Now { attempt } if model.takes_lease(attempt, &world.record) => {
            Step::Lease { attempt }
        }
        Turn::Now { attempt } => Step::Post {
            attempt,
            too_late: world.known_accepted,
        },
        Turn::Later { attempt } => Step::Schedule(Request::of(attempt)),
        Turn::Over => Step::Acknowledge,
    }
}

impl Deliver {
    /// The first attempt of a webhook that may be retried needs no lease: a second POST with the
    /// same id does less harm.
    fn takes_lease(&self, attempt: u8, record: &Record) -> bool {
        self.protocol != Protocol::Unleased
            && (attempt > 1 || record.redelivered.is_some() || self.do_not_retry)
    }
}

fn lease(model: &Deliver, world: &mut World, worker: usize, attempt: u8) -> Step {
    let record = &mut world.record;
    if record.attempts != attempt - 1 || !record.state.is_active() {
        // On record, or over.
        return match model.protocol {
            Protocol::OverIsDone => Step::Acknowledge,
            _ => Step::Reload {
                attempt,
                outcome: Outcome::Refused,
            },
        };
    }
    let from_another = match record.lease {
        None => false,
        Some(lease) if lease.holder == Some(worker) => {
            lease.from_another && model.protocol != Protocol::LeaseForgetsOthers
        }
        Some(lease) if lease.is_over => true,
        Some(_) => {
            return Step::Schedule(Request {
                after_lease: true,
                ..Request::of(attempt)
            });
        }
    };
    record.lease = Some(Lease {
        holder: Some(worker),
        from_another,
        is_over: false,
    });
    if from_another && model.do_not_retry {
        return Step::Record {
            attempt,
            outcome: Outcome::GivenUp,
        };
    }
    Step::Post {
        attempt,
        too_late: world.known_accepted,
    }
}

/// `Store::record`, with what `dispatch::after` says.
fn record(model: &Deliver, world: &mut World, attempt: u8, outcome: Outcome) -> Step {
    let record = &mut world.record;
    let revives = record.state == State::Failed
        && outcome == Outcome::Accepted
        && model.protocol != Protocol::FailureIsFinal;
    let is_next = record.attempts == attempt - 1 && (record.state.is_active() || revives);
    if !is_next && model.protocol != Protocol::BlindRecord {
        return Step::Reload { attempt, outcome };
    }
    let retries = outcome == Outcome::Refused
        && !model.do_not_retry
        && attempt.saturating_sub(record.begun_after()) <= model.retries;
    record.attempts = attempt;
    record.lease = None;
    record.state = match outcome {
        Outcome::Accepted => State::Succeeded,
        Outcome::Refused if retries => State::Active { is_due: false },
        Outcome::Refused | Outcome::GivenUp => State::Failed,
    };
    if retries {
        return schedule(model, Request::of(attempt + 1));
    }
    Step::Acknowledge
}

/// The attempt is already on record: another worker was faster, or the answer to this worker's
/// write was lost. A success that the record lacks is added to it.
fn reload(model: &Deliver, world: &World, attempt: u8, outcome: Outcome) -> Step {
    let record = &world.record;
    let may_add = match model.protocol {
        Protocol::SuccessForgotten => false,
        Protocol::FailureIsFinal => record.state.is_active(),
        Protocol::OldSuccessCounts => record.state != State::Succeeded,
        _ => record.lacks_success(attempt),
    };
    if outcome == Outcome::Accepted && may_add {
        return Step::Record {
            attempt: record.attempts + 1,
            outcome,
        };
    }
    match turn(model, attempt, record) {
        Turn::Now { attempt } | Turn::Later { attempt } => schedule(model, Request::of(attempt)),
        Turn::Over => Step::Acknowledge,
    }
}

fn schedule(model: &Deliver, request: Request) -> Step {
    match model.protocol {
        Protocol::AcknowledgeThenSchedule => Step::ScheduleLast(request),
        _ => Step::Schedule(request),
    }
}
