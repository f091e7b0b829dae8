//! What goes wrong on purpose: the bad days of AWS, chosen by a seed.
//!
//! | where | what ([`Fault`]) |
//! |---|---|
//! | a function's call to DynamoDB or SQS | refused, failed, carried out without an answer, late, in conflict, done in part |
//! | a function's process, at such a call | killed; or frozen until others have its messages |
//! | a batch on its way to a function | messages twice, or in another order and late |
//! | a function's clock | ahead or behind |
//!
//! Every place has dice of its own, made from the seed: the n-th call of an operation by a function
//! meets the same fault in every run with that seed. Which messages that call is about, the machine
//! decides anew each time.

mod at_batch;
mod at_call;
mod dice;
mod division;
mod kind;
mod refusal;
mod trail;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use parking_lot::Mutex;

use crate::gateway::kill::Moment;
use dice::Dice;
use trail::Trail;

pub(crate) use at_batch::Portion;
pub(crate) use division::Division;
pub use kind::{Fault, Faults};
pub use refusal::Refusal;

/// How far clocks differ from the queues' clock at most, in either direction.
const SKEW: Duration = Duration::from_secs(2);

/// Which faults there are, and the seed that chooses among them.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// The same seed makes the same choices.
    pub seed: u64,
    /// What may go wrong.
    pub faults: Faults,
    /// How many times as likely as usual each is.
    pub factor: f64,
    /// The only function whose calls meet any; every function's do if none is named.
    pub function: Option<String>,
}

/// The mishaps of one platform.
pub struct Mishaps {
    plan: Plan,
    dice: Dice,
    are_over: AtomicBool,
    /// What all attempts of a call meet, by the SDK's id of the call.
    stubborn: Mutex<HashMap<String, AtCall>>,
    trail: Mutex<Trail>,
}

/// What a call meets.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum AtCall {
    /// It is refused.
    Refuse(Refusal),
    /// It is carried out, and its answer never comes.
    LoseAnswer,
    /// It is carried out later, whether or not the caller still waits.
    Delay(Duration),
    /// Some of what it asks for is left undone, by this choice.
    Divide(u64),
    /// Its caller dies.
    Kill(Moment),
    /// Its caller stands still for so long, and loses what it holds.
    Freeze(Moment, Duration),
}

impl Mishaps {
    /// Nothing has gone wrong yet.
    pub(crate) fn new(plan: Plan) -> Self {
        Mishaps {
            dice: Dice::of(plan.seed),
            plan,
            are_over: AtomicBool::new(false),
            stubborn: Mutex::default(),
            trail: Mutex::default(),
        }
    }

    /// From now on nothing goes wrong any more.
    pub fn end(&self) {
        self.are_over.store(true, Ordering::Relaxed);
    }

    /// How often each fault was met.
    pub fn counts(&self) -> BTreeMap<Fault, u64> {
        self.trail.lock().counts()
    }

    /// The bodies of all messages that a function held when it met a fault, with the faults that it
    /// met.
    pub fn victims(&self) -> HashMap<String, BTreeSet<Fault>> {
        self.trail.lock().victims()
    }

    /// How far the clocks of functions are ahead of the furthest that one can be behind. A
    /// function's processes take turns with them.
    pub(crate) fn skews(&self) -> Vec<Duration> {
        if !self.may_happen(Fault::ClockSkew) {
            return vec![Duration::ZERO];
        }
        let skew = |_| {
            let place = "clocks";
            self.dice.roll(place, |dice| (2 * SKEW).mul_f64(dice.f64()))
        };
        let skews: Vec<_> = (0..4).map(skew).collect();
        self.trail.lock().add(Fault::ClockSkew, []);
        skews
    }

    /// How far the queues' clock is ahead of the furthest that a function's can be behind.
    pub(crate) fn queues_ahead(&self) -> Duration {
        match self.may_happen(Fault::ClockSkew) {
            true => SKEW,
            false => Duration::ZERO,
        }
    }

    /// How likely a fault is, each time that it can happen.
    fn chance(&self, fault: Fault) -> f64 {
        fault.chance() * self.plan.factor
    }

    fn may_happen(&self, fault: Fault) -> bool {
        self.plan.faults.contains(fault) && !self.are_over.load(Ordering::Relaxed)
    }
}
